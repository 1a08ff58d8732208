"""Pipelines: the same for a sample everywhere, in a safe order, clear about bad input."""

import pickle

import numpy as np
import pytest
import torch

from whydrop.augment import (
    Affine,
    ColorJitter,
    CutMix,
    Cutout,
    GaussianBlur,
    HorizontalFlip,
    Mixed,
    MixUp,
    Normalize,
    PadCrop,
    Pipeline,
    RandomErasing,
    ResizedCrop,
    Translate,
    compiled,
)
from whydrop.augment.op import Size
from whydrop.augment.passes import OnDevice, carried_out
from whydrop.core.errors import UsageError

RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, (37, 3, 16, 20), dtype=np.uint8)
LABELS = RNG.integers(0, 10, 37)
INDEX = RNG.permutation(1000)[:37]
MEAN, STD = (0.5, 0.4, 0.3), (0.2, 0.25, 0.3)
ALONE = [
    PadCrop(2),
    HorizontalFlip(),
    Affine(20, 0.1),
    ColorJitter(0.3, 0.3, 0.3, 0.1),
    Normalize(MEAN, STD),
    Cutout(6),
    RandomErasing(),
]


@pytest.fixture(params=["best", "NumPy"], autouse=True)
def implementation(request, monkeypatch):
    if request.param == "NumPy":
        monkeypatch.setattr(compiled, "available", lambda: False)


@pytest.mark.parametrize("at_once", [1, 7, 37])
def test_a_sample_is_the_same_in_any_batch(at_once):
    augment = Pipeline(ALONE, seed=3)
    whole = augment(IMAGES, epoch=2, index=INDEX).images
    order = np.random.default_rng(1).permutation(37)
    for part in np.array_split(order, np.arange(at_once, 37, at_once)):
        np.testing.assert_array_equal(
            augment(IMAGES[part], epoch=2, index=INDEX[part]).images, whole[part]
        )


def test_mixing_depends_on_the_samples_of_a_batch_and_not_on_their_order():
    augment = Pipeline([Normalize(MEAN, STD), MixUp(0.4)], classes=10)
    whole = augment(IMAGES, LABELS, index=INDEX)
    order = np.random.default_rng(1).permutation(37)
    other = augment(IMAGES[order], LABELS[order], index=INDEX[order])
    np.testing.assert_array_equal(other.images, whole.images[order])
    np.testing.assert_array_equal(other.targets.b, whole.targets.b[order])
    np.testing.assert_array_equal(other.targets.lam, whole.targets.lam[order])


def test_epoch_view_and_seed_change_what_is_drawn():
    def made(seed=0, **key):
        return Pipeline(ALONE, seed=seed)(IMAGES, index=INDEX, **key).images

    first = made()
    for other in (made(epoch=1), made(view=1), made(seed=1)):
        assert (other != first).any(axis=(1, 2, 3)).all()
    np.testing.assert_array_equal(made(), first)


@pytest.mark.parametrize("off", range(len(ALONE)))
def test_leaving_an_operation_out_leaves_the_draws_of_all_others(off):
    kept = [op for n, op in enumerate(ALONE) if n != off]
    all_draws = Pipeline(ALONE).draws((16, 20), index=INDEX)
    for name, values in Pipeline(kept).draws((16, 20), index=INDEX).items():
        for what, numbers in values.items():
            np.testing.assert_array_equal(numbers, all_draws[name][what])


def test_two_operations_of_a_kind_draw_apart():
    d = Pipeline([Cutout(4), Cutout(4)]).draws((16, 20), index=INDEX)
    assert list(d) == ["Cutout", "Cutout 2"]
    assert (d["Cutout"]["top"] != d["Cutout 2"]["top"]).any()


def test_what_comes_in_is_never_written():
    images = (IMAGES / np.float32(255)).astype(np.float32)
    before = images.copy()
    for ops in ([], [Cutout(5)], [ColorJitter(0.5)], [*ALONE, MixUp()], [Normalize(MEAN, STD)]):
        result = Pipeline(ops, classes=10)(images, LABELS, index=INDEX).images
        assert not np.shares_memory(result, images)
    np.testing.assert_array_equal(images, before)


def test_a_kept_buffer_gets_what_a_new_one_would():
    for ops in ([HorizontalFlip()], ALONE, [*ALONE, CutMix()], [PadCrop(2, "edge"), Affine(9)]):
        augment = Pipeline(ops, classes=10)
        out = np.full(IMAGES.shape, np.nan, np.float32)
        batch = augment(IMAGES, LABELS, index=INDEX, out=out)
        assert batch.images is out
        np.testing.assert_array_equal(out, augment(IMAGES, LABELS, index=INDEX).images)


def test_results_do_not_share_memory_with_later_ones():
    augment = Pipeline([HorizontalFlip(), MixUp()], classes=10)
    first = augment(IMAGES, LABELS, index=INDEX).images
    kept = first.copy()
    augment(IMAGES, LABELS, epoch=1, index=INDEX)
    np.testing.assert_array_equal(first, kept)


def test_a_pipeline_in_use_can_be_sent_to_another_process():
    augment = Pipeline([HorizontalFlip(), MixUp()], classes=10)
    expected = augment(IMAGES, LABELS, index=INDEX).images
    other = pickle.loads(pickle.dumps(augment))
    np.testing.assert_array_equal(other(IMAGES, LABELS, index=INDEX).images, expected)


def test_normalize_is_the_formula_in_float64():
    result = Pipeline([Normalize(MEAN, STD)])(IMAGES).images
    mean, std = (np.array(v)[:, None, None] for v in (MEAN, STD))
    np.testing.assert_allclose(result, (IMAGES / 255 - mean) / std, atol=1e-6)
    colour = Pipeline([ColorJitter(), Normalize(MEAN, STD)])(IMAGES, index=INDEX).images
    np.testing.assert_allclose(colour, result, atol=1e-6)


@pytest.mark.parametrize(
    "op", [Cutout(6, holes=3), Cutout(5, clip=False), Cutout((3, 7)), RandomErasing(1.0)]
)
def test_holes_are_filled_and_nothing_else(op):
    augment = Pipeline([Normalize(MEAN, STD), op])
    holes = augment.draws((16, 20), index=INDEX)[type(op).__name__]
    expected = Pipeline([Normalize(MEAN, STD)])(IMAGES).images
    for i in range(37):
        sides = (holes[side][i] for side in ("top", "bottom", "left", "right"))
        for top, bottom, left, right in zip(*sides, strict=True):
            expected[i, :, top:bottom, left:right] = 0.0
    np.testing.assert_array_equal(augment(IMAGES, index=INDEX).images, expected)


def test_cutout_hides_what_the_paper_hides():
    d = Pipeline([Cutout(16)]).draws((32, 32), index=np.arange(50_000))["Cutout"]
    area = (d["bottom"] - d["top"]) * (d["right"] - d["left"]) / 32**2
    assert abs(area.mean() - (14 / 32) ** 2) < 0.001
    inside = Pipeline([Cutout(16, clip=False)]).draws((32, 32), index=np.arange(1000))["Cutout"]
    assert ((inside["bottom"] - inside["top"]) == 16).all()
    flat = Pipeline([Cutout((3, 7), clip=False)]).draws((32, 32), index=np.arange(1000))["Cutout"]
    assert ((flat["bottom"] - flat["top"]) == 3).all()
    assert ((flat["right"] - flat["left"]) == 7).all()


def test_evaluation_has_no_chance_and_needs_no_index():
    augment = Pipeline([*ALONE, MixUp()], classes=10)
    batch = augment.evaluation(IMAGES, LABELS)
    np.testing.assert_array_equal(batch.images, Pipeline([Normalize(MEAN, STD)])(IMAGES).images)
    assert batch.targets is LABELS


def test_targets_are_pairs_or_rows():
    pairs = Pipeline([MixUp(1.0)], classes=10)(IMAGES, LABELS, index=INDEX).targets
    assert isinstance(pairs, Mixed) and pairs.lam.dtype == np.float32
    assert (pairs.lam >= 0.5).all() and (pairs.a == LABELS).all()
    soft = Pipeline([MixUp(1.0)], classes=10, target="soft", smoothing=0.1)
    rows = soft(IMAGES, LABELS, index=INDEX).targets
    np.testing.assert_allclose(rows, pairs.soft(10, 0.1))
    np.testing.assert_allclose(rows.sum(axis=1), 1.0, atol=1e-6)
    clean = Pipeline([], classes=10, target="soft")(IMAGES, LABELS).targets
    np.testing.assert_array_equal(clean, np.eye(10, dtype=np.float32)[LABELS])


def test_mixing_stops_at_its_epoch():
    augment = Pipeline([MixUp(1.0, until=5)], classes=10)
    assert isinstance(augment(IMAGES, LABELS, epoch=4, index=INDEX).targets, Mixed)
    assert augment(IMAGES, LABELS, epoch=5, index=INDEX).targets is LABELS


@pytest.mark.parametrize("memory_format", [torch.contiguous_format, torch.channels_last])
@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32, torch.float16, torch.bfloat16])
def test_tensors_come_back_as_tensors_with_the_same_pixels(dtype, memory_format):
    x = torch.from_numpy(IMAGES).contiguous(memory_format=memory_format)
    x = x if dtype == torch.uint8 else (x / 255).to(dtype)
    augment = Pipeline([*ALONE, MixUp()], classes=10)
    batch = augment(x, torch.from_numpy(LABELS), index=torch.from_numpy(INDEX))
    plain = x.numpy() if dtype == torch.uint8 else x.float().numpy()
    expected = augment(np.ascontiguousarray(plain), LABELS, index=INDEX)
    assert batch.images.is_contiguous(memory_format=memory_format)
    np.testing.assert_array_equal(batch.images.numpy(), expected.images)
    np.testing.assert_array_equal(batch.targets.lam.numpy(), expected.targets.lam)


@pytest.mark.parametrize("op", [PadCrop(2), Normalize(MEAN, STD), MixUp()], ids=repr)
@pytest.mark.parametrize("last", [True, False])
def test_the_memory_format_is_kept_on_a_device_too(op, last):
    order = torch.channels_last if last else torch.contiguous_format
    images = torch.from_numpy(IMAGES).contiguous(memory_format=order)
    augment, size = Pipeline([op], classes=10), Size(*IMAGES.shape[2:])
    drawn = dict(enumerate(augment.draws(size, index=INDEX).values()))
    on_device = carried_out(augment.ops, images, drawn, size, OnDevice(images, None))
    on_host = augment(images, torch.from_numpy(LABELS), index=INDEX).images
    for made in (on_device, on_host):
        assert made.is_contiguous(memory_format=order)
    np.testing.assert_allclose(on_device, on_host, atol=1e-6)


def test_stacked_images_of_tensors_with_channels_last_are_made():
    images = torch.from_numpy(IMAGES).contiguous(memory_format=torch.channels_last)
    augment = Pipeline([MixUp(stack_images=True)])
    made = augment(images, torch.from_numpy(LABELS), index=INDEX).images
    assert tuple(made.shape) == (37, 2, 3, 16, 20)


def test_other_channels_and_sizes_work():
    grey = Pipeline([PadCrop(2), HorizontalFlip(), Affine(5), Normalize.preset("mnist")])
    assert grey(IMAGES[:1, :1], index=[4]).images.shape == (1, 1, 16, 20)
    bigger = Pipeline([ResizedCrop(32), Translate(0.1), Cutout(8)])
    assert bigger(IMAGES, index=INDEX).images.shape == (37, 3, 32, 32)


@pytest.mark.parametrize(
    ("ops", "message"),
    [
        ([Normalize(MEAN, STD), HorizontalFlip()], "HorizontalFlip stands after Normalize"),
        ([Cutout(4), Normalize(MEAN, STD)], "holes are filled after Normalize"),
        ([Normalize(MEAN, STD), ColorJitter(0.1)], "colour works on values from 0 to 1"),
        ([MixUp(), Cutout(4)], "images are mixed last"),
        ([Normalize(MEAN, STD), Normalize(MEAN, STD)], "normalised twice"),
        ([MixUp(), CutMix()], "mixed twice"),
        (["flip"], "not an operation"),
    ],
)
def test_an_unsafe_order_is_refused_with_its_reason(ops, message):
    with pytest.raises(UsageError, match=message):
        Pipeline(ops)


def test_published_code_in_another_order_can_be_repeated():
    augment = Pipeline([Cutout(6), Normalize(MEAN, STD), HorizontalFlip(1.0)], order="as given")
    cut = Pipeline([Cutout(6)])(IMAGES, index=INDEX).images
    expected = Pipeline([Normalize(MEAN, STD)])(cut).images[..., ::-1]
    np.testing.assert_allclose(augment(IMAGES, index=INDEX).images, expected, atol=1e-6)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ({"images": IMAGES[0], "index": [0]}, r"shape \(3, 16, 20\)"),
        ({"images": IMAGES[:0], "index": []}, "empty"),
        ({"images": IMAGES.transpose(0, 2, 3, 1), "index": INDEX}, "channels come last"),
        ({"images": IMAGES.astype(np.int64), "index": INDEX}, "images are int64"),
        ({"images": IMAGES.astype(np.float32), "index": INDEX}, "give uint8"),
        ({"images": IMAGES / 255 * 1.01, "index": INDEX}, "clip them to 1"),
        ({"images": IMAGES / 255 - 0.5, "index": INDEX}, "normalised already"),
        ({"images": IMAGES * np.nan, "index": INDEX}, "NaN"),
        ({"images": [[1]], "index": INDEX}, "images are list"),
        ({"images": IMAGES}, "positions are missing"),
        ({"images": IMAGES, "index": INDEX[:5]}, "5 positions for 37 samples"),
        ({"images": IMAGES, "index": INDEX, "labels": LABELS[:5]}, r"shape \(5,\)"),
        ({"images": IMAGES, "index": INDEX, "labels": LABELS + 1}, "labels go from 1 to 10"),
        ({"images": IMAGES, "index": INDEX, "labels": LABELS * 1.0}, "labels are float64"),
        ({"images": IMAGES, "index": INDEX, "labels": np.eye(4)[LABELS % 4]}, "4 columns"),
        ({"images": IMAGES, "index": INDEX, "out": np.empty((1, 3, 4, 4), np.float32)}, "out has"),
        ({"images": np.repeat(IMAGES[:, :1], 2, axis=1), "index": INDEX}, "3 channels"),
    ],
)
def test_bad_input_has_one_clear_error(call, message):
    augment = Pipeline([HorizontalFlip(), Normalize(MEAN, STD)], classes=10)
    with pytest.raises(UsageError, match=message):
        augment(**call)


def test_mixing_needs_labels():
    with pytest.raises(UsageError, match="mixes labels too"):
        Pipeline([MixUp()], classes=10)(IMAGES, index=INDEX)


@pytest.mark.parametrize(
    "make",
    [
        lambda: PadCrop(-1),
        lambda: PadCrop(1.5),
        lambda: PadCrop(1, "wrap"),
        lambda: HorizontalFlip(1.5),
        lambda: Translate(2.0),
        lambda: Affine(degrees=-1),
        lambda: Affine(scale=(1.0, 0.5)),
        lambda: ResizedCrop(0),
        lambda: ResizedCrop(scale=(0.0, 1.0)),
        lambda: Normalize((125.3,), (63.0,)),
        lambda: Normalize((0.5,), (0.0,)),
        lambda: Normalize((0.5, 0.5), (0.5,)),
        lambda: Normalize.preset("cifar"),
        lambda: Cutout(0),
        lambda: Cutout(4, holes=0),
        lambda: Cutout((4, 0)),
        lambda: Cutout((4, 4, 4)),
        lambda: Cutout(4.0),
        lambda: Cutout(4, fill=None),
        lambda: RandomErasing(fill="grey"),
        lambda: RandomErasing(scale=(0.5, 0.1)),
        lambda: Pipeline([], target="soft"),
        lambda: Pipeline([], smoothing=0.1),
        lambda: Pipeline([], order="wild"),
    ],
)
def test_bad_values_are_refused_when_they_are_given(make):
    with pytest.raises(UsageError):
        make()


@pytest.mark.parametrize("kind", [np.asarray, torch.as_tensor], ids=["numpy", "torch"])
@pytest.mark.parametrize("colour", [(), (GaussianBlur(3, 1.0),)], ids=["alone", "after colour"])
def test_stacked_images_leave_the_mixing_to_the_model(kind, colour):
    images = RNG.random((5, 3, 8, 8), np.float32)
    stacked = Pipeline([*colour, MixUp(stack_images=True)], seed=3)
    mixed = Pipeline([*colour, MixUp()], seed=3)
    out = np.empty((5, 2, 3, 8, 8), np.float32)
    index, labels = np.arange(5), np.arange(5)
    made = stacked(kind(images), kind(labels), index=index, out=kind(out))
    lam = np.asarray(made.targets.lam).reshape(-1, 1, 1, 1)
    pairs = np.asarray(made.images)
    assert pairs.shape == out.shape
    blended = lam * pairs[:, 0] + (1 - lam) * pairs[:, 1]
    assert np.allclose(blended, mixed(images, labels, index=index).images, atol=1e-6)


def test_it_says_which_way_the_pixels_are_made(monkeypatch):
    augment = Pipeline([HorizontalFlip()])
    monkeypatch.setattr(compiled, "available", lambda: False)
    assert augment.backend(IMAGES) == f"NumPy {np.__version__} in main memory"
    meta = torch.empty(IMAGES.shape, device="meta")
    assert augment.backend(meta).startswith("PyTorch ") and "meta" in augment.backend(meta)


@pytest.mark.parametrize("mixing", [(), (MixUp(),)], ids=["alone", "mixed"])
@pytest.mark.parametrize("given", [False, True], ids=["new", "out="])
def test_images_change_their_size_after_another_pass(given, mixing):
    steps = [HorizontalFlip(), PadCrop(2, "reflect"), ResizedCrop(12), *mixing]
    images, labels, index = IMAGES[:6], LABELS[:6], np.arange(6)
    flipped = Pipeline(steps[:2])(images, index=index).images
    expected = Pipeline(steps[2:])(flipped, labels, index=index).images
    out = np.empty((6, 3, 12, 12), np.float32) if given else None
    made = Pipeline(steps)(images, labels, index=index, out=out).images
    np.testing.assert_allclose(made, expected, atol=1e-6)
    assert not given or made is out
    with pytest.raises(UsageError, match="out has shape"):
        Pipeline(steps)(images, labels, index=index, out=np.empty((6, 3, 16, 20), np.float32))
