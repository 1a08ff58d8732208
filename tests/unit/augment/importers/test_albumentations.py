"""from_albumentations: each transform against albumentations itself, hidden defaults, refusals."""

import json
import os
import warnings

import numpy as np
import pytest
from tests.fixtures.imported import BYTES, CALM, SMOOTH, draws, note_of, ours, same_distribution

os.environ["NO_ALBUMENTATIONS_UPDATE"] = "1"  # it asks the network for its newest version
A = pytest.importorskip("albumentations")
pytest.importorskip("albumentations.pytorch")

from whydrop.augment import (  # noqa: E402 - after albumentations was found
    Affine,
    BrightnessContrast,
    ColorJitter,
    Cutout,
    Equalize,
    GaussianBlur,
    HorizontalFlip,
    Normalize,
    PadCrop,
    RandomErasing,
    Sharpen,
    Translate,
    from_albumentations,
    from_json,
    to_json,
)
from whydrop.core.errors import DataError, UsageError  # noqa: E402

SIZE = (20, 28)


def shift_scale_rotate(*arguments, **named):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it says that Affine does the same
        return A.ShiftScaleRotate(*arguments, **named)


def theirs(transform, images=SMOOTH):
    """Return what a transform makes of images (n, c, h, w), one by one."""
    whole = A.Compose([transform], seed=1)
    made = [
        whole(image=np.ascontiguousarray(image.transpose(1, 2, 0)))["image"] for image in images
    ]
    result = np.stack(made).transpose(0, 3, 1, 2)
    return result / np.float32(255) if result.dtype == np.uint8 else result


def fixed(x, y):
    return {"x": (x, x), "y": (y, y)}


# -- without chance --------------------------------------------------------------------------------

SURE = [
    (A.HorizontalFlip(p=1), 0),
    (A.VerticalFlip(p=1), 0),
    (A.Sequential([A.Pad(3, border_mode=4), A.RandomCrop(26, 34)], p=1), 0),
    (A.Sequential([A.Pad(3, border_mode=2), A.RandomCrop(26, 34)], p=1), 0),
    (A.Sequential([A.Pad(3, fill=0.5), A.HorizontalFlip(p=1), A.RandomCrop(26, 34)], p=1), 0),
    (A.Sequential([A.PadIfNeeded(24, 32), A.RandomCrop(24, 32)], p=1), 0),
    (A.RandomResizedCrop((10, 12), (1.0, 1.0), (1.4, 1.4)), 1e-4),
    (A.Affine(rotate=(25, 25), scale=fixed(1.2, 0.8), p=1), "rim"),
    (A.Affine(shear=fixed(12, 0), p=1, border_mode=1), "rim"),
    (A.Affine(shear=fixed(0, -9), p=1, border_mode=2), "rim"),
    (A.Affine(translate_percent=fixed(0.25, -0.25), p=1), "rim"),
    (A.Affine(rotate=(20, 20), translate_px=fixed(4, -3), p=1), "rim"),
    (A.Affine(rotate=(-20, -20), p=1, interpolation=0, border_mode=4), "nearest"),
    (A.Rotate((40, 40), p=1, border_mode=4), "rim"),
    (A.Rotate((-30, -30), p=1, fill=0.5), "rim"),
    (A.RandomBrightnessContrast((0.2, 0.2), (0.3, 0.3), p=1), 1e-6),
    (A.ColorJitter((1.3, 1.3), (1, 1), (1, 1), (0, 0), p=1), 1e-6),
    (A.ColorJitter((1, 1), (0.6, 0.6), (1, 1), (0, 0), p=1), 2e-4),
    (A.ColorJitter((1, 1), (1, 1), (1.7, 1.7), (0, 0), p=1), 2e-3),
    (A.ColorJitter((1, 1), (1, 1), (1, 1), (0.2, 0.2), p=1), 1e-4),
    (A.ToGray(p=1), 1e-3),
    (A.GaussianBlur((5, 5), (1.3, 1.3), p=1), 1e-5),
    (A.GaussianBlur(0, (1.3, 1.3), p=1), 1e-5),
    (A.Solarize((0.4, 0.4), p=1), 1e-6),
    (A.InvertImg(p=1), 1e-6),
    (A.Normalize((0.5, 0.4, 0.3), (0.2, 0.3, 0.4), max_pixel_value=1.0), 3e-6),
    (A.NoOp(p=1), 0),
]


@pytest.mark.parametrize(("transform", "tolerance"), SURE, ids=repr)
def test_what_has_no_chance_makes_the_same_pixels(transform, tolerance):
    made = ours(from_albumentations(transform, max_value=1, size=SIZE))
    expected = theirs(transform)
    if tolerance == "nearest":  # OpenCV places pixels to a 32nd
        assert (np.abs(made - expected) > 1e-6).mean() < 0.05
    elif tolerance == "rim":  # and weighs them in such steps
        assert np.median(np.abs(made - expected)) < 0.005
        assert (np.abs(made - expected) > 0.02).mean() < 0.01
    else:
        np.testing.assert_allclose(made, expected, atol=tolerance)


@pytest.mark.parametrize(
    ("transform", "levels"),
    [
        (A.HorizontalFlip(p=1), 0),
        (A.Posterize(3, p=1), 0),
        (A.Solarize((0.4, 0.4), p=1), 0),
        (A.RandomBrightnessContrast((0.2, 0.2), (-0.3, -0.3), p=1), 1),
        (A.ColorJitter((1.3, 1.3), (1, 1), (1, 1), (0, 0), p=1), 1),
        (A.ToGray(p=1), 1),
        (A.Sequential([A.Pad(3, fill=51), A.RandomCrop(26, 34)], p=1), 0),
        (A.GaussianBlur((5, 5), (1.3, 1.3), p=1), 1),
    ],
    ids=repr,
)
def test_on_bytes_it_makes_the_same_pixels_up_to_the_rounding_that_is_noted(transform, levels):
    made, expected = ours(from_albumentations(transform), BYTES), theirs(transform, BYTES)
    assert np.abs(made - expected).max() * 255 < levels + 0.01


@pytest.mark.parametrize(
    "transform",
    [
        *(A.Equalize(mode="pil", p=1), A.Equalize(p=1)),
        *(A.AutoContrast(p=1), A.AutoContrast(method="pil", p=1)),
    ],
    ids=repr,
)
def test_levels_are_equalised_up_to_the_few_that_are_noted(transform):
    for images, most in ((BYTES, 25.5), (CALM, 12)):  # of 560 and 1,600 pixels
        made, expected = ours(from_albumentations(transform), images), theirs(transform, images)
        assert np.abs(made - expected).max() * 255 < most
    assert np.abs(expected - CALM / 255).mean() * 255 > 3  # and something was changed


def test_sharpening_is_theirs_inside_the_rim_at_full_lightness():
    transform = A.Sharpen((0.3, 0.3), (1.0, 1.0), p=1)
    made, expected = ours(from_albumentations(transform, max_value=1)), theirs(transform)
    np.testing.assert_allclose(made[..., 1:-1, 1:-1], expected[..., 1:-1, 1:-1], atol=2e-6)
    (op,) = from_albumentations(transform).pipeline.ops
    assert op == Sharpen((4.9, 4.9), 1.0)


def test_normalize_of_bytes_is_theirs_whatever_the_largest_value():
    for most in (255.0, 1.0):
        transform = A.Normalize((0.5,) * 3, (0.2,) * 3, max_pixel_value=most)
        whole = A.Compose([transform])
        made = whole(image=np.ascontiguousarray(BYTES[0].transpose(1, 2, 0)))["image"]
        imported = from_albumentations(transform)
        expected = made.transpose(2, 0, 1)
        np.testing.assert_allclose(ours(imported, BYTES)[0], expected, rtol=1e-5, atol=1e-5)
        assert f"max_pixel_value, {most:g}" in note_of(imported, "Normalize").default


def test_normalize_of_values_that_it_divides_again_is_refused():
    with pytest.raises(UsageError, match="max_pixel_value is 255, but values go from 0 to 1"):
        from_albumentations(A.Normalize(), max_value=1)
    with pytest.raises(UsageError, match="max_pixel_value is 255"):
        from_albumentations(A.Compose([A.ToFloat(), A.Normalize()]))
    once = A.Compose([A.ToFloat(), A.Normalize(max_pixel_value=1.0)])
    imagenet = Normalize.preset("imagenet")
    assert from_albumentations(once).pipeline.ops == (imagenet,)
    assert from_albumentations(A.Normalize()).pipeline.ops == (imagenet,)


# -- chance ----------------------------------------------------------------------------------------


def drawn_there(transform, n=3000):
    transform.set_random_seed(0)
    shape = {"shape": (*SIZE, 3)}
    data = {"image": np.zeros((*SIZE, 3), np.uint8)}
    return [
        transform.get_params() | transform.get_params_dependent_on_data(shape, data)
        for _ in range(n)
    ]


def moved(params):
    """Return (n, 2): how far maps carry the middle of the image to the right and down."""
    middle = np.array([(SIZE[1] - 1) / 2, (SIZE[0] - 1) / 2, 1])
    return np.array([(p["matrix"] @ middle)[:2] - middle[:2] for p in params])


def test_affine_draws_have_the_distribution_of_albumentations():
    transform = A.Affine(
        scale={"x": (0.8, 1.5), "y": (0.5, 0.9)},
        rotate=(-10, 40),
        translate_percent={"x": (-0.1, 0.4), "y": (0.0, 0.3)},
        p=1,
    )
    there, here = drawn_there(transform), draws(from_albumentations(transform))
    assert same_distribution(-here["angle"], [p["rotate"] for p in there])
    assert same_distribution(here["scale"], [p["scale"]["x"] for p in there])
    assert same_distribution(here["scale_y"], [p["scale"]["y"] for p in there])
    assert same_distribution(np.fix(here["x"]), moved(there)[:, 0].round())
    assert same_distribution(np.fix(here["y"]), moved(there)[:, 1].round())


def test_shift_scale_rotate_scales_width_and_height_apart_as_theirs():
    transform = shift_scale_rotate(0.2, 0.3, 30, p=1)
    there, here = drawn_there(transform), draws(from_albumentations(transform))
    assert same_distribution(-here["angle"], [p["rotate"] for p in there])
    for name, key in (("scale", "x"), ("scale_y", "y")):
        assert same_distribution(here[name], [p["scale"][key] for p in there])
    assert abs(np.corrcoef(here["scale"], here["scale_y"])[0, 1]) < 0.1
    together = [(p["scale"]["x"], p["scale"]["y"]) for p in there]
    assert abs(np.corrcoef(np.transpose(together))[0, 1]) < 0.1
    note = note_of(from_albumentations(transform), "ShiftScaleRotate")
    assert "width and height are scaled apart" in note.default


@pytest.mark.parametrize("kept", [True, False])
def test_keep_ratio_scales_both_alike(kept):
    transform = A.Affine(scale=(0.5, 1.5), keep_ratio=kept, p=1)
    (op,) = from_albumentations(transform).pipeline.ops
    assert op.scale == ((0.5, 1.5) if kept else (0.5, 1.5, 0.5, 1.5))


def test_moves_by_pixels_are_all_equally_likely_as_theirs():
    transform = A.Affine(translate_px={"x": (-3, 3), "y": (-2, 2)}, p=1)
    imported = from_albumentations(transform, size=SIZE)
    assert isinstance(imported.pipeline.ops[0], Translate)
    there, here = moved(drawn_there(transform)).round(), draws(imported)
    for axis, name in enumerate("xy"):
        counts = [np.unique(v, return_counts=True) for v in (here[name], there[:, axis])]
        assert np.array_equal(counts[0][0], counts[1][0])
        assert same_distribution(here[name], there[:, axis])
    assert note_of(imported, "Affine").differs == ""
    with pytest.raises(UsageError, match="Affine: it moves by pixels"):
        from_albumentations(transform)


def test_crops_have_the_places_of_theirs():
    transform = A.RandomCrop(12, 14)
    there, here = drawn_there(transform), draws(from_albumentations(transform))
    for at, name in enumerate("xy"):
        assert same_distribution(here[name], [p["crop_coords"][at] for p in there])
    transform = A.RandomResizedCrop((9, 9), (0.2, 0.5), (0.9, 1.2))
    there = np.array([p["crop_coords"] for p in drawn_there(transform)])
    here = draws(from_albumentations(transform))
    for at, name in enumerate(("left", "top")):
        assert same_distribution(here[name], there[:, at])
    assert same_distribution(here["width"], there[:, 2] - there[:, 0])
    assert same_distribution(here["height"], there[:, 3] - there[:, 1])


def test_colour_draws_have_the_distribution_of_albumentations():
    transform = A.ColorJitter(0.4, 1.5, (0.5, 0.9), 0.1, p=1)
    there, here = drawn_there(transform), draws(from_albumentations(transform))
    for name in ("brightness", "contrast", "saturation", "hue"):
        assert same_distribution(here[name], [p[name] for p in there])
    transform = A.RandomBrightnessContrast(0.3, (-0.5, 0.1), p=1)
    there, here = drawn_there(transform), draws(from_albumentations(transform))
    assert same_distribution(here["contrast"], [p["alpha"] for p in there])
    assert same_distribution(here["brightness"], [p["beta"] / 255 for p in there])


@pytest.mark.parametrize(
    ("height", "width"), [((6, 6), (6, 6)), ((4, 4), (9, 9)), ((0.25, 0.25), (0.5, 0.5))]
)
def test_holes_of_one_size_lie_where_theirs_lie(height, width):
    transform = A.CoarseDropout((2, 2), height, width, p=1)
    imported = from_albumentations(transform, size=SIZE)
    (op,) = imported.pipeline.ops
    assert isinstance(op, Cutout) and not op.clip
    there = np.array([p["holes"] for p in drawn_there(transform)])  # left, top, right, bottom
    here = draws(imported)
    for at, name in enumerate(("left", "top", "right", "bottom")):
        assert same_distribution(here[name], there[..., at]), name


def test_a_hole_of_drawn_size_covers_about_as_much_as_theirs():
    transform = A.CoarseDropout((1, 1), (0.2, 0.4), (0.3, 0.5), p=1)
    imported = from_albumentations(transform, size=SIZE)
    assert isinstance(imported.pipeline.ops[0], RandomErasing)
    assert "here area and ratio" in note_of(imported, "CoarseDropout").differs
    there = np.array([p["holes"][0] for p in drawn_there(transform)])
    here = draws(imported)
    area = ((here["bottom"] - here["top"]) * (here["right"] - here["left"])).mean()
    theirs = ((there[:, 3] - there[:, 1]) * (there[:, 2] - there[:, 0])).mean()
    assert 0 < area / theirs - 1 < 0.3  # there sides are cut down to whole pixels


@pytest.mark.parametrize(
    "transform",
    [
        *(A.HorizontalFlip(p=0.3), A.Affine(rotate=(-9, 9), p=0.3), A.Rotate(p=0.3)),
        *(A.Affine(translate_percent=(-0.1, 0.1), p=0.3), A.ColorJitter(p=0.3), A.ToGray(p=0.3)),
        *(A.RandomBrightnessContrast(p=0.3), A.GaussianBlur(p=0.3), A.Sharpen(p=0.3)),
        *(A.Posterize(p=0.3), A.Solarize(p=0.3), A.Equalize(p=0.3), A.AutoContrast(p=0.3)),
        *(A.CoarseDropout((1, 1), (3, 3), (3, 3), p=0.3), A.Erasing(p=0.3), A.InvertImg(p=0.3)),
    ],
    ids=lambda t: type(t).__name__,
)
def test_an_operation_is_as_likely_as_there(transform):
    (op,) = from_albumentations(transform).pipeline.ops
    assert op.probability == 0.3


# -- forms -----------------------------------------------------------------------------------------

RECIPE = [
    A.PadIfNeeded(28, 36),
    A.RandomCrop(20, 28),
    A.HorizontalFlip(p=0.5),
    shift_scale_rotate(p=0.5),
    A.ColorJitter(p=0.5),
    A.RandomBrightnessContrast(p=0.5),
    A.Normalize(),
    A.CoarseDropout((1, 1), (8, 8), (8, 8), p=0.5),
    A.pytorch.ToTensorV2(),
]


def test_an_object_and_what_is_written_of_it_become_the_same():
    whole = A.Compose([A.Compose(RECIPE[:4]), *RECIPE[4:]])
    imported = from_albumentations(whole, size=SIZE, seed=3)
    assert imported.pipeline.ops == (
        PadCrop(4, size=SIZE),
        HorizontalFlip(0.5),
        Affine(
            (-45, 45), (-0.0625, 0.0625, -0.0625, 0.0625), (0.9, 1.1, 0.9, 1.1), probability=0.5
        ),
        ColorJitter((0.8, 1.2), (0.8, 1.2), (0.8, 1.2), (-0.5, 0.5), 0.5),
        BrightnessContrast((-0.2, 0.2), (0.8, 1.2), 0.5),
        Normalize.preset("imagenet"),
        Cutout(8, clip=False, probability=0.5),
    )
    for data in (A.to_dict(whole), json.loads(json.dumps(A.to_dict(whole)))):
        again = from_albumentations(data, size=SIZE, seed=3)
        assert again.pipeline.ops == imported.pipeline.ops
        assert again.notes == imported.notes
    assert imported.pipeline.order == "safe" and imported.pipeline.seed == 3
    assert from_json(to_json(imported.pipeline)).ops == imported.pipeline.ops
    batch = BYTES[:4]
    assert imported.pipeline(batch, index=np.arange(4)).images.shape == (4, 3, *SIZE)


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"transform": {}},
        {"__version__": "1.4.0", "transform": {"__class_fullname__": "Compose", "transforms": []}},
        {"__version__": "2.0.8", "transform": []},
    ],
)
def test_a_dict_that_albumentations_2_did_not_write_is_refused(data):
    with pytest.raises(DataError, match="it was written by albumentations"):
        from_albumentations(data)


def test_values_that_are_missing_are_refused():
    data = A.to_dict(A.HorizontalFlip())
    del data["transform"]["p"]
    with pytest.raises(UsageError, match=r"HorizontalFlip: its values .*'p'"):
        from_albumentations(data)


# -- hidden defaults -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("transform", "texts"),
    [
        (A.Affine(rotate=15), ["p=0.5", "always this number: rotate", "bilinear", "black"]),
        (A.Affine(translate_percent=0.1), ["always this number: translate", "cut to whole pixels"]),
        (A.Affine(scale=(0.9, 1.1)), ["keep_ratio=False: width and height are scaled apart"]),
        (A.Affine(rotate=(-9, 9), shear=(-5, 5)), ["shears after it rotates", "sheared at once"]),
        (A.Affine(translate_percent=(-0.1, 0.1)), ["makes none at all twice as likely"]),
        (shift_scale_rotate(), ["p=0.5", "scaled apart", "cut to whole pixels"]),
        (A.Rotate(), ["p=0.5", "black"]),
        (A.ColorJitter(), ["p=0.5", "the whole circle of hues", "order of the four is drawn"]),
        (A.RandomBrightnessContrast(), ["brightness adds, and contrast keeps black black"]),
        (A.GaussianBlur(), ["sigma 0.5 to 3", "smaller kernel there"]),
        (A.GaussianBlur((3, 7)), ["the kernel's size is drawn too there"]),
        (A.Sharpen(), ["lightness 0.5 to 1 darkens there, to 0.75", "outermost pixels"]),
        (A.AutoContrast(), ["method='cdf' makes all levels equally frequent"]),
        (A.Equalize(), ["mode='cv'", "by a few levels"]),
        (A.Solarize(), ["share of the largest value"]),
        (A.Normalize(), ["max_pixel_value, 255"]),
        (A.CoarseDropout((1, 1)), ["lie inside the image and hold black"]),
        (A.Erasing(), ["p=0.5", "black", "uniform there"]),
        (A.RandomResizedCrop((9, 9)), ["14.2% in square images"]),
        (A.pytorch.ToTensorV2(), ["does not divide"]),
        (A.Resize(9, 9), ["belongs before the pipeline"]),
    ],
    ids=lambda v: type(v).__name__,
)
def test_hidden_defaults_are_in_the_notes(transform, texts):
    imported = from_albumentations(transform, size=SIZE)
    note = note_of(imported, type(transform).__name__)
    for text in texts:
        assert text in " ".join(note.remarks)
    assert "images= of one call share a draw" in note_of(imported, "all").default


def test_a_hole_before_normalize_is_noted():
    imported = from_albumentations(A.Compose([A.Erasing(p=1), A.Normalize()]))
    assert imported.pipeline.order == "as given"
    assert "-2.12, -2.04, -1.80" in imported.notes[-1].default


def test_auto_contrast_by_default_equalises():
    assert from_albumentations(A.AutoContrast(p=1)).pipeline.ops == (Equalize(1.0),)
    assert from_albumentations(A.GaussianBlur((3, 6), p=1)).pipeline.ops == (
        GaussianBlur(7, (0.5, 3.0)),
    )


# -- what cannot be --------------------------------------------------------------------------------

REFUSED = [
    (A.Lambda(image=np.negative), "Lambda: a function"),
    (A.OneOf([A.HorizontalFlip(), A.VerticalFlip()]), "OneOf: it chooses"),
    (A.SomeOf([A.HorizontalFlip(), A.VerticalFlip()], n=1), "SomeOf: it chooses"),
    (A.Sequential([A.HorizontalFlip()], p=0.5), "Sequential: its transforms share one coin"),
    (A.CLAHE(), "CLAHE: there is no such operation"),
    (A.HueSaturationValue(), "HueSaturationValue: there is no such operation"),
    (A.Compose([A.HorizontalFlip(), A.Resize(9, 9)]), "Resize: it comes after"),
    (A.RandomCrop(9, 9, p=0.5), "RandomCrop: p is 0.5"),
    (A.Pad(3), "padding: it is followed by no RandomCrop"),
    (A.Pad((3, 4)), "Pad: padding is"),
    (A.PadIfNeeded(25, 32), "PadIfNeeded: 5 rows and 4 columns"),
    (A.Affine(rotate=(-9, 9), fit_output=True), "Affine: fit_output"),
    (A.Affine(rotate=(-9, 9), border_mode=3), "Affine: border_mode is 3"),
    (A.Affine(rotate=(-9, 9), fill=(1, 2, 3)), "Affine: fill is .*a number a channel"),
    (A.Rotate(crop_border=True), "Rotate: crop_border"),
    (
        A.RandomBrightnessContrast(brightness_by_max=False),
        "RandomBrightnessContrast: brightness_by",
    ),
    (A.ToGray(num_output_channels=1), "ToGray: num_output_channels"),
    (A.ToGray(method="max"), "ToGray: .*'max'"),
    (A.Sharpen(method="gaussian"), "Sharpen: method"),
    (A.Posterize([(1, 3), (3, 5), (2, 4)]), "Posterize: num_bits"),
    (A.Equalize(by_channels=False), "Equalize: by_channels"),
    (A.AutoContrast(cutoff=5), "AutoContrast: cutoff"),
    (A.Normalize(normalization="image"), "Normalize: normalization is 'image'"),
    (A.CoarseDropout(), "CoarseDropout: 1 to 2 holes"),
    (A.CoarseDropout((3, 3)), "CoarseDropout: several holes of drawn size"),
    (A.CoarseDropout((1, 1), fill="random"), "CoarseDropout: fill is 'random'"),
    (A.Compose([A.Normalize(), A.ColorJitter()]), "ColorJitter: .*normalised"),
    (len, "builtin_function_or_method: code that is not albumentations'"),
]


@pytest.mark.parametrize(("transform", "message"), REFUSED, ids=lambda v: type(v).__name__)
def test_what_cannot_be_translated_is_refused_by_name_with_something_to_do(transform, message):
    with pytest.raises(UsageError, match=message) as refused:
        from_albumentations(transform, size=SIZE)
    assert refused.value.where == "from_albumentations"
    assert "partial=True" in refused.value.do and len(refused.value.do) > 60
    imported = from_albumentations(transform, size=SIZE, partial=True)
    assert any(note.became == "left out" for note in imported.notes)


def test_what_depends_on_the_size_of_images_asks_for_it():
    for transform in (A.PadIfNeeded(24, 32), A.CoarseDropout((1, 1), (0.2, 0.2), (0.2, 0.2))):
        with pytest.raises(UsageError) as refused:
            from_albumentations(transform)
        assert "give size=(height, width) of the images" in refused.value.do
    assert from_albumentations(A.PadIfNeeded(8, 8), size=SIZE).pipeline.ops == ()
