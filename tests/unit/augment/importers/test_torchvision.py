"""from_torchvision: each transform against torchvision itself, its hidden defaults, refusals."""

import numpy as np
import pytest
import tests.fixtures.torchvision_operators  # noqa: F401 - lets torchvision import
import torch
from scipy import stats
from tests.fixtures.imported import BYTES, SMOOTH, draws, note_of, ours, same_distribution
from torchvision import transforms as v1
from torchvision.transforms import v2

from whydrop.augment import (
    Affine,
    ColorJitter,
    CutMix,
    GaussianBlur,
    Greyscale,
    HorizontalFlip,
    MixUp,
    Normalize,
    PadCrop,
    RandAugment,
    RandomErasing,
    Sharpen,
    Solarize,
    Switch,
    Translate,
    TrivialAugment,
    VerticalFlip,
    from_json,
    from_torchvision,
    to_json,
)
from whydrop.core.errors import UsageError

MEAN, STD = (0.4914, 0.4822, 0.4465), (0.247, 0.2435, 0.2616)
BILINEAR = v2.InterpolationMode.BILINEAR
TO_FLOAT = v2.ToDtype(torch.float32, scale=True)


def theirs(transform, images=SMOOTH):
    """Return what a transform makes of images, one by one."""
    return torch.stack([transform(torch.from_numpy(image)) for image in images]).numpy()


# -- without chance: equal ends of all ranges, so that both sides must make the same pixels --------

SURE = [
    (v2.RandomHorizontalFlip(1.0), 0),
    (v2.RandomVerticalFlip(1.0), 0),
    (v2.RandomCrop((26, 34), padding=3, fill=0.25), 0),
    (v2.RandomCrop((26, 34), padding=3, padding_mode="reflect"), 0),
    (v2.RandomCrop((26, 34), padding=3, padding_mode="symmetric"), 0),
    (v2.RandomCrop((26, 34), padding=3, padding_mode="edge"), 0),
    (v2.Compose([v2.Pad(3, fill=0.5), v2.RandomHorizontalFlip(1.0), v2.RandomCrop((26, 34))]), 0),
    (v2.RandomResizedCrop((10, 12), (1.0, 1.0), (1.4, 1.4), antialias=False), 1e-5),
    (v2.RandomAffine((25, 25), shear=(8, 8, -5, -5), scale=(1.2, 1.2), fill=0.25), "nearest"),
    (v2.RandomAffine((25, 25), shear=(8, 8), scale=(0.7, 0.7), interpolation=BILINEAR), "rim"),
    (v2.RandomRotation((35, 35), fill=0.5), "nearest"),
    (v2.RandomRotation((-35, -35), interpolation=BILINEAR), "rim"),
    (v2.ColorJitter((1.3, 1.3)), 1e-6),
    (v2.ColorJitter(contrast=(0.6, 0.6)), 1e-6),
    (v2.ColorJitter(saturation=(1.8, 1.8)), 1e-6),
    (v2.ColorJitter(hue=(0.2, 0.2)), 3e-6),
    (v2.RandomGrayscale(1.0), 1e-6),
    (v2.Grayscale(3), 1e-6),
    (v2.GaussianBlur(5, (1.3, 1.3)), 1e-5),
    (v2.RandomAdjustSharpness(2.5, 1.0), 1e-6),
    (v2.RandomSolarize(0.4, 1.0), 1e-6),
    (v2.RandomInvert(1.0), 1e-6),
    (v2.RandomAutocontrast(1.0), 1e-6),
    (v2.Normalize(MEAN, STD), 2e-6),
    (v2.RandomApply([v2.RandomInvert(1.0)], p=1.0), 1e-6),
    (v2.Compose([v2.RandomInvert(1.0), v2.Normalize(MEAN, STD), v2.RandomVerticalFlip(1)]), 3e-6),
    (torch.nn.Sequential(v2.Identity(), v2.Compose([v2.ToPureTensor()])), 0),
]


@pytest.mark.parametrize(("transform", "tolerance"), SURE, ids=repr)
def test_what_has_no_chance_makes_the_same_pixels(transform, tolerance):
    made, expected = ours(from_torchvision(transform, max_value=1)), theirs(transform)
    if tolerance == "nearest":  # half way between two pixels, rounding decides
        assert (np.abs(made - expected) > 1e-6).mean() < 0.01
    elif tolerance == "rim":  # there torchvision blends its fill otherwise
        assert np.median(np.abs(made - expected)) < 1e-5
        assert (np.abs(made - expected) > 1e-4).mean() < 0.2
    else:
        np.testing.assert_allclose(made, expected, atol=tolerance)


@pytest.mark.parametrize(
    ("transform", "levels"),
    [
        (v2.RandomPosterize(3, 1.0), 0),
        (v2.RandomSolarize(100, 1.0), 0),
        (v2.RandomEqualize(1.0), 0),
        (v2.RandomInvert(1.0), 0),
        (v2.RandomAutocontrast(1.0), 1),
        (v2.RandomAdjustSharpness(2.0, 1.0), 1),
        (v2.ColorJitter(contrast=(0.7, 0.7)), 2),
        (v2.RandomCrop((26, 34), padding=3, fill=51), 0),
        (v2.RandomAffine((20, 20), fill=204), "nearest"),
    ],
    ids=repr,
)
def test_on_bytes_it_makes_the_same_pixels_up_to_the_rounding_that_is_noted(transform, levels):
    torch.manual_seed(0)
    whole = v2.Compose([v2.ToImage(), transform, TO_FLOAT])
    made, expected = ours(from_torchvision(whole), BYTES), theirs(whole, BYTES)
    differ = np.abs(made - expected) * 255
    if levels == "nearest":
        assert (differ > 0.01).mean() < 0.01
    else:
        assert differ.max() < levels + 0.01


def test_floats_up_to_255_are_what_the_model_gets_and_what_normalize_works_on():
    wide = v2.Compose([v2.ToImage(), v2.ToDtype(torch.float32)])
    np.testing.assert_allclose(ours(from_torchvision(wide), BYTES), theirs(wide, BYTES), rtol=1e-6)
    wrong = v2.Compose([*wide.transforms, v2.Normalize(MEAN, STD)])
    imported = from_torchvision(wrong)
    np.testing.assert_allclose(ours(imported, BYTES), theirs(wrong, BYTES), rtol=1e-5, atol=1e-3)
    assert "scale=False" in note_of(imported, "ToDtype").default
    assert "from 0 to 255" in note_of(imported, "Normalize").default


def test_v1_and_v2_become_the_same_operations():
    for name, arguments in {
        "RandomHorizontalFlip": {"p": 0.3},
        "RandomVerticalFlip": {},
        "RandomCrop": {"size": 18, "padding": 4, "padding_mode": "reflect"},
        "RandomResizedCrop": {"size": 16, "scale": (0.3, 0.9)},
        "RandomAffine": {"degrees": 9, "translate": (0.1, 0.2), "shear": (1, 2, 3, 4), "fill": 9},
        "RandomRotation": {"degrees": (5, 20)},
        "ColorJitter": {"brightness": 0.4, "hue": 0.1},
        "RandomGrayscale": {},
        "GaussianBlur": {"kernel_size": 3},
        "RandomAdjustSharpness": {"sharpness_factor": 2.0},
        "RandomPosterize": {"bits": 4},
        "RandomSolarize": {"threshold": 128},
        "RandomEqualize": {},
        "RandomAutocontrast": {},
        "RandomInvert": {},
        "RandAugment": {"magnitude": 5},
        "TrivialAugmentWide": {},
    }.items():
        old, new = (
            from_torchvision(m.Compose([getattr(m, name)(**arguments), m.PILToTensor()]))
            for m in (v1, v2)
        )
        assert old.pipeline.ops == new.pipeline.ops != ()
        assert old.notes == new.notes
    erasing = [module.RandomErasing(0.3, value=0.5) for module in (v1, v2)]
    one, other = (from_torchvision(t, max_value=1).pipeline.ops for t in erasing)
    assert one == other == (RandomErasing(0.3, fill=0.5),)
    noise = [from_torchvision(m.RandomErasing(value="random"), max_value=1) for m in (v1, v2)]
    assert noise[0].pipeline.ops == noise[1].pipeline.ops == (RandomErasing(fill="noise"),)


# -- chance: what torchvision draws, against what the operation draws ------------------------------


def drawn_there(transform, n=4000):
    torch.manual_seed(0)
    return [transform.make_params([torch.zeros(3, 20, 28)]) for _ in range(n)]


def values(params, *path):
    found = []
    for param in params:
        for key in path:
            param = param[key]
        found.append(float(param))
    return np.array(found)


CHANCE = [
    (v2.RandomCrop((12, 14)), {"y": ("top",), "x": ("left",)}, {}),
    (v2.RandomAffine(0, translate=(0.3, 0.1)), {"x": ("translate", 0), "y": ("translate", 1)}, {}),
    (
        v2.RandomAffine((-10, 40), scale=(0.8, 1.5), shear=(-3, 9, 2, 12)),
        {"angle": ("angle",), "scale": ("scale",), "shear": ("shear", 0), "shear_y": ("shear", 1)},
        {},
    ),
    (v2.RandomRotation((-10, 40)), {"angle": ("angle",)}, {"angle": -1}),
    (
        v2.RandomResizedCrop(9, (0.2, 0.5), (0.9, 1.2)),
        {"top": ("top",), "left": ("left",), "height": ("height",), "width": ("width",)},
        {},
    ),
    (
        v2.ColorJitter(0.4, 1.5, (0.5, 0.9), 0.1),
        {n: (f"{n}_factor",) for n in ("brightness", "contrast", "saturation", "hue")},
        {},
    ),
    (v2.GaussianBlur(3, (0.5, 1.5)), {"sigma": ("sigma", 0)}, {}),
]


@pytest.mark.parametrize(("transform", "names", "signs"), CHANCE, ids=lambda v: repr(v)[:40])
def test_draws_have_the_distribution_of_torchvisions(transform, names, signs):
    there, here = drawn_there(transform), draws(from_torchvision(transform, max_value=1))
    for name, path in names.items():
        assert same_distribution(here[name] * signs.get(name, 1), values(there, *path)), name


def test_erased_rectangles_have_torchvisions_sizes_and_places():
    transform = v2.RandomErasing(1.0, scale=(0.05, 0.2), ratio=(0.6, 1.5))
    there, here = drawn_there(transform), draws(from_torchvision(transform, max_value=1))
    for name, end, begin in (("h", "bottom", "top"), ("w", "right", "left")):
        assert same_distribution(here[end] - here[begin], values(there, name))
    assert same_distribution(here["top"], values(there, "i"))
    assert same_distribution(here["left"], values(there, "j"))


@pytest.mark.parametrize("p", [0.0, 0.3, 1.0])
def test_an_operation_is_as_likely_as_there(p):
    transforms = [
        *(v2.RandomHorizontalFlip(p), v2.RandomGrayscale(p), v2.RandomEqualize(p)),
        *(v2.RandomPosterize(3, p), v2.RandomErasing(p), v2.RandomAdjustSharpness(2.0, p)),
    ]
    for transform in transforms:
        (op,) = from_torchvision(transform, max_value=1).pipeline.ops
        assert op.probability == p
    inner = [v2.ColorJitter(0.4), v2.RandomAffine(0, translate=(0.1, 0.1)), v2.RandomGrayscale(0.5)]
    for transform, own in zip(inner, (1, 1, 0.5), strict=True):
        (op,) = from_torchvision(v2.RandomApply([transform], p=p), max_value=1).pipeline.ops
        assert op.probability == p * own


# -- mixing ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [v2.MixUp, v2.CutMix])
def test_mixing_makes_torchvisions_images_and_targets(kind, monkeypatch):
    transform, n = kind(alpha=0.6, num_classes=7), len(SMOOTH)
    imported, labels = from_torchvision(transform), np.arange(n) % 7
    drawn = draws(imported, n)
    assert len(set(drawn["lam"])) == 1  # one for the whole batch
    batch = ours(imported, SMOOTH, labels)
    lam = float(drawn["lam"][0])
    params = {"lam": lam}
    if kind is v2.CutMix:
        box = tuple(int(drawn[side][0]) for side in ("left", "top", "right", "bottom"))
        params = {"box": box, "lam_adjusted": lam}
    monkeypatch.setattr(transform, "make_params", lambda flat: params)
    images, targets = transform(torch.from_numpy(SMOOTH), torch.from_numpy(labels))
    np.testing.assert_allclose(batch.images, images.numpy(), atol=1e-6)
    np.testing.assert_allclose(batch.targets, targets.numpy(), atol=1e-6)
    assert imported.pipeline.classes == 7


@pytest.mark.parametrize("kind", [v2.MixUp, v2.CutMix])
def test_the_weight_of_a_batch_has_torchvisions_distribution(kind):
    transform = kind(alpha=0.6, num_classes=7)
    imported = from_torchvision(transform)
    pipeline, name = imported.pipeline, kind.__name__
    index = np.arange(2)
    here = [pipeline.draws((20, 28), index=index, epoch=e)[name]["lam"][0] for e in range(3000)]
    key = "lam" if kind is v2.MixUp else "lam_adjusted"
    assert same_distribution(here, values(drawn_there(transform, 3000), key))


@pytest.mark.parametrize("module", [v1, v2])
def test_a_choice_between_mixup_and_cutmix_is_a_switch(module):
    mixup, cutmix = v2.MixUp(alpha=0.2, num_classes=5), v2.CutMix(num_classes=5)
    imported = from_torchvision(module.RandomChoice([mixup, cutmix], p=[1, 3]))
    (op,) = imported.pipeline.ops
    one = MixUp(0.2, per="batch", fold=False, pairing="roll")
    other = CutMix(1.0, per="batch", pairing="roll")
    assert op == Switch(one, other, 0.75, per="batch")
    assert from_torchvision(module.RandomChoice([cutmix, mixup])).pipeline.ops[0].first == other
    half = from_torchvision(module.RandomApply([module.RandomChoice([mixup, cutmix])], p=0.5))
    assert [m.probability for m in (half.pipeline.ops[0].first, half.pipeline.ops[0].second)] == [
        0.5,
        0.5,
    ]


def test_what_batches_go_through_comes_after_what_images_go_through():
    images = v2.Compose(
        [v2.ToImage(), v2.RandomHorizontalFlip(), TO_FLOAT, v2.Normalize(MEAN, STD)]
    )
    imported = from_torchvision(images, v2.MixUp(num_classes=3), seed=4)
    assert imported.pipeline.names == ("HorizontalFlip", "Normalize", "MixUp")
    assert (imported.pipeline.seed, imported.pipeline.target) == (4, "soft")
    assert from_torchvision(v2.MixUp(num_classes=None)).pipeline.target == "pairs"
    assert from_torchvision(v2.MixUp(num_classes=None), classes=9).pipeline.classes == 9


# -- order -----------------------------------------------------------------------------------------


def test_a_hole_before_normalize_holds_what_normalize_makes_of_it(monkeypatch):
    erasing = v2.RandomErasing(1.0)
    whole = v2.Compose([erasing, v2.Normalize(MEAN, STD)])
    imported = from_torchvision(whole, max_value=1)
    assert imported.pipeline.order == "as given"
    note = imported.notes[-1]
    assert note.transform == "RandomErasing, then Normalize"
    assert "-1.99, -1.98, -1.71" in note.default
    drawn = draws(imported, len(SMOOTH))
    made = ours(imported)
    for i, image in enumerate(SMOOTH):
        sides = {name: int(drawn[name][i, 0]) for name in ("top", "bottom", "left", "right")}
        h, w = sides["bottom"] - sides["top"], sides["right"] - sides["left"]
        params = {"i": sides["top"], "j": sides["left"], "h": h, "w": w, "v": torch.zeros(1, 1, 1)}
        monkeypatch.setattr(erasing, "make_params", lambda flat, params=params: params)
        expected = whole(torch.from_numpy(image)).numpy()
        np.testing.assert_allclose(made[i], expected, atol=3e-6)


def test_geometry_after_normalize_fills_with_the_mean_colour():
    whole = v2.Compose([v2.Normalize(MEAN, STD), v2.RandomRotation((30, 30))])
    imported = from_torchvision(whole)
    assert (np.abs(ours(imported) - theirs(whole)) > 1e-5).mean() < 0.01
    assert "the mean colour" in imported.notes[-1].default
    assert "the mean colour" in note_of(imported, "RandomRotation").default


# -- hidden defaults -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("transform", "texts"),
    [
        (v2.RandomAffine(0, (0.1, 0.1)), ["whole pixels", "nearest", "black, before Normalize"]),
        (v2.RandomAffine(9, (0.1, 0.1)), ["nearest", "black", "rounded to whole pixels there"]),
        (v2.RandomRotation(9), ["nearest", "black, before Normalize", "anticlockwise"]),
        (v2.RandomCrop(20, padding=4), ["black, before Normalize"]),
        (v2.RandomCrop(20, padding=4, fill=1.0), ["white"]),
        (v2.RandomCrop(20, pad_if_needed=True), ["smaller images would be padded there"]),
        (
            v2.RandomResizedCrop(20),
            ["0.08 to 1", "0.75 to 1.33", "smoothed there", "14.2% in square"],
        ),
        (v2.RandomResizedCrop(20, interpolation=3), ["bicubic there, bilinear here"]),
        (v2.ColorJitter(0.1, 0.1), ["the order of the four is drawn there"]),
        (v2.RandomErasing(), ["the hole holds black", "0.4% in square images", "clipped here"]),
        (v2.MixUp(num_classes=2), ["one lam for the whole batch", "the image before", ".eval()"]),
        (v2.CutMix(num_classes=2), ["one lam for the whole batch", "the image before", ".eval()"]),
        (v2.Resize(20), ["belongs before the pipeline"]),
        (v2.CenterCrop(20), ["belongs before the pipeline"]),
        (v2.RandAugment(), ["nearest pixels there", "black"]),
    ],
    ids=repr,
)
def test_hidden_defaults_are_in_the_notes(transform, texts):
    imported = from_torchvision(transform, max_value=1)
    note = note_of(imported, type(transform).__name__)
    for text in texts:
        assert text in " ".join(note.remarks)
    assert "draw once for all its images" in note_of(
        imported, "all"
    ).default or "draws once" in str(note_of(imported, "all").default)


def test_colours_on_bytes_are_noted_to_be_rounded_there():
    jitter = v2.ColorJitter(0.2)
    on_bytes = from_torchvision(v2.Compose([v2.PILToTensor(), jitter, TO_FLOAT]))
    assert "rounds to whole levels" in note_of(on_bytes, "ColorJitter").differs
    on_floats = from_torchvision(v2.Compose([v2.PILToTensor(), TO_FLOAT, jitter]))
    assert note_of(on_floats, "ColorJitter").differs == ""


def test_bytes_that_come_out_are_noted():
    imported = from_torchvision(v2.Compose([v2.PILToTensor(), v2.RandomHorizontalFlip()]))
    assert "do not divide them again" in note_of(imported, "the end").differs


# -- what cannot be --------------------------------------------------------------------------------


class Cutout:
    """Somebody's own transform."""

    def __call__(self, image):
        return image


REFUSED = [
    (v2.Lambda(lambda x: x), "Lambda: a function, which is not read"),
    (v2.RandomPerspective(), "RandomPerspective: there is no such operation"),
    (v2.AugMix(), "AugMix"),
    (v2.GaussianNoise(), "GaussianNoise"),
    (v2.RandomOrder([v2.RandomHorizontalFlip()]), "RandomOrder"),
    (v2.RandomChoice([v2.RandomHorizontalFlip(), v2.RandomVerticalFlip()]), "RandomChoice"),
    (v2.RandomApply([v2.RandomInvert(), v2.RandomGrayscale()]), "RandomApply: .* one coin"),
    (v2.RandomApply([v2.Compose([v2.RandomInvert()])]), "RandomApply"),
    (v2.RandomApply([v2.Resize(9)]), "RandomApply: Resize is done to some images only"),
    (v2.RandomApply([v2.RandomCrop(9)]), "RandomCrop: PadCrop is done to every image"),
    (v2.Compose([v2.RandomHorizontalFlip(), v2.Resize(9)]), "Resize: it comes after"),
    (v2.RandomCrop(9, padding=(1, 2)), "RandomCrop: padding is"),
    (v2.RandomCrop(9, padding=1, fill=(1, 2, 3)), "RandomCrop: fill is .*a number a channel"),
    (v2.Pad(3), "padding: it is followed by no RandomCrop"),
    (v2.Compose([v2.Pad(3), v2.RandomRotation(9), v2.RandomCrop(9)]), "RandomRotation: it stands"),
    (v2.Compose([v2.Pad(3), v2.RandomCrop(9, padding=1)]), "RandomCrop: the image is padded twice"),
    (v2.RandomRotation(9, expand=True), "RandomRotation: expand"),
    (v2.RandomRotation(9, center=(1, 1)), "RandomRotation: .*center"),
    (v2.RandomAffine(9, center=(1, 1)), "RandomAffine: center"),
    (v2.Grayscale(1), "Grayscale: the number of channels"),
    (v2.GaussianBlur((3, 5)), "GaussianBlur: kernel_size"),
    (v2.Compose([v2.Normalize(MEAN, STD), v2.ColorJitter(0.1)]), "ColorJitter: .*normalised"),
    (v2.Compose([v2.Normalize(MEAN, STD)] * 2), "Normalize: values are normalised twice"),
    (v2.Normalize((125.3,), (63.0,)), r"Normalize: it subtracts \[125.3\]"),
    (Cutout(), "Cutout: code of .*, which is not read"),
    (len, "len: code of builtins, which is not read"),
]  # fmt: skip


@pytest.mark.parametrize(("transform", "message"), REFUSED, ids=lambda v: repr(v)[:40])
def test_what_cannot_be_translated_is_refused_by_name_with_something_to_do(transform, message):
    with pytest.raises(UsageError, match=message) as refused:
        from_torchvision(transform, max_value=1)
    assert refused.value.where == "from_torchvision"
    assert "partial=True" in refused.value.do and len(refused.value.do) > 60
    imported = from_torchvision(transform, max_value=1, partial=True)
    assert any(note.became == "left out" for note in imported.notes)
    assert message.partition(":")[0] in str(imported)


def test_a_transform_of_another_version_is_refused():
    flip = v2.RandomHorizontalFlip()
    del flip.p
    with pytest.raises(UsageError, match="RandomHorizontalFlip: its attributes are not those"):
        from_torchvision(flip)


def test_one_error_names_all_that_cannot_be_translated():
    whole = v2.Compose(
        [v2.RandomPerspective(), v2.RandomInvert(), v2.Lambda(lambda x: x), Cutout()]
    )
    with pytest.raises(UsageError) as refused:
        from_torchvision(whole)
    for text in ("RandomPerspective", "Lambda", "Cutout"):
        assert text in refused.value.what
    assert "Affine" in refused.value.do and "add Cutout of whydrop.augment" in refused.value.do
    assert from_torchvision(whole, partial=True).pipeline.ops == (Solarize(0.0, 0.5),)


def test_a_fill_whose_unit_is_not_known_is_refused_and_can_be_told():
    crop = v2.RandomCrop(20, padding=2, fill=1)
    with pytest.raises(UsageError, match="fill is 1, and it is not known of what"):
        from_torchvision(crop)
    assert from_torchvision(crop, max_value=1).pipeline.ops == (PadCrop(2, fill=1.0, size=20),)
    assert from_torchvision(crop, max_value=255).pipeline.ops == (
        PadCrop(2, fill=1 / 255, size=20),
    )
    assert from_torchvision(v2.RandomCrop(20, padding=2)).pipeline.ops == (PadCrop(2, size=20),)
    with pytest.raises(UsageError, match="max_value is 100"):
        from_torchvision(crop, max_value=100)
    with pytest.raises(UsageError, match="there are no transforms"):
        from_torchvision()
    with pytest.raises(UsageError, match="ToDtype: it is not known"):
        from_torchvision(v2.ToDtype(torch.float32))


def test_a_recipe_as_it_is_written_becomes_what_one_would_write_here():
    recipe = v1.Compose(
        [
            v1.RandomCrop(32, padding=4),
            v1.RandomHorizontalFlip(),
            v1.RandomVerticalFlip(0.1),
            v1.RandomAffine(0, translate=(0.125, 0.125)),
            v1.RandomRotation(15, interpolation=BILINEAR),
            v1.RandomApply([v1.ColorJitter(0.4, 0.4, 0.4, 0.1)], p=0.8),
            v1.RandomGrayscale(),
            v1.GaussianBlur(3),
            v1.RandomAdjustSharpness(2),
            v1.TrivialAugmentWide(),
            v1.RandAugment(),
            v1.ToTensor(),
            v1.Normalize(MEAN, STD),
            v1.RandomErasing(),
        ]
    )
    imported = from_torchvision(recipe, seed=3)
    assert imported.pipeline.order == "safe"
    assert imported.pipeline.ops == (
        PadCrop(4, size=32),
        HorizontalFlip(),
        VerticalFlip(0.1),
        Translate(0.125),
        Affine((-15, 15)),
        ColorJitter((0.6, 1.4), (0.6, 1.4), (0.6, 1.4), (-0.1, 0.1), probability=0.8),
        Greyscale(0.1),
        GaussianBlur(3, (0.1, 2.0)),
        Sharpen(2.0),
        TrivialAugment(),
        RandAugment(),
        Normalize(MEAN, STD),
        RandomErasing(),
    )
    assert [note.transform for note in imported.notes][1:4] == [
        "RandomCrop",
        "RandomHorizontalFlip",
        "RandomVerticalFlip",
    ]
    assert from_json(to_json(imported.pipeline)).ops == imported.pipeline.ops
    batch = np.random.default_rng(0).integers(0, 256, (4, 3, 32, 32), dtype=np.uint8)
    made = imported.pipeline(batch, epoch=1, index=np.arange(4)).images
    assert made.shape == (4, 3, 32, 32) and np.isfinite(made).all()
    assert stats.norm(0, 3).cdf(made.mean()) > 0.2
