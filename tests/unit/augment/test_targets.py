"""Mixed: two labels and a weight, kept apart until someone asks for rows."""

import numpy as np
import pytest
import torch

from whydrop.augment.targets import Mixed, looks_smoothed
from whydrop.core.errors import UsageError

LAM = np.array([0.75, 1.0, 0.1], np.float32)
A, B = np.array([0, 4, 2]), np.array([3, 1, 2])
HOT = np.eye(5, dtype=np.float32)


def torched(mixed):
    return mixed.to("cpu")


@pytest.mark.parametrize("form", [lambda m: m, torched], ids=["numpy", "torch"])
@pytest.mark.parametrize("rows", [False, True], ids=["ids", "rows"])
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_soft_labels_are_the_mean_of_one_hot_labels(form, rows, smoothing):
    labels = (HOT[A], HOT[B]) if rows else (A, B)
    soft = np.asarray(form(Mixed(*labels, LAM)).soft(5, smoothing))
    lam = LAM[:, None].astype(float)
    expected = lam * np.eye(5)[A] + (1 - lam) * np.eye(5)[B]
    expected = (1 - smoothing) * expected + smoothing / 5
    assert soft.dtype == np.float32
    assert np.abs(soft - expected).max() < 1e-7


@pytest.mark.parametrize("form", [lambda m: m, torched], ids=["numpy", "torch"])
def test_stacked_targets_have_ids_and_weight(form):
    stacked = np.asarray(form(Mixed(A, B, LAM)).stack())
    assert stacked.dtype == np.float32
    assert np.array_equal(stacked, np.stack([A, B, LAM], 1).astype(np.float32))


@pytest.mark.parametrize("form", [lambda m: m, torched], ids=["numpy", "torch"])
def test_an_id_that_float32_cannot_hold_is_not_stacked(form):
    lam = np.ones(1, np.float32)
    exact = Mixed(np.array([2**24]), np.array([0]), lam)
    assert int(form(exact).stack()[0, 0]) == 2**24
    beyond = Mixed(np.array([2**24 + 1]), np.array([0]), lam)
    with pytest.raises(UsageError, match="16,777,217 is not exact"):
        form(beyond).stack()


def test_70_000_classes_stay_intact_beside_bfloat16_images():
    from whydrop.augment.draws import uniforms
    from whydrop.augment.mixup import MixUp
    from whydrop.augment.op import Size

    op, ids = MixUp(), torch.tensor([257, 999, 69_999, 65_537])
    images = torch.zeros(4, 1, 2, 2, dtype=torch.bfloat16)
    drawn = op.draw(uniforms(op.chance, seed=0, epoch=0, index=np.arange(4)), Size(2, 2))
    assert op.apply(images, drawn).dtype == torch.bfloat16
    mixed = Mixed(ids, ids[drawn["partner"]], torch.from_numpy(drawn["lam"]))
    assert mixed.a.tolist() == [257, 999, 69_999, 65_537]
    assert sorted(mixed.b.tolist()) == sorted(mixed.a.tolist())
    assert mixed.stack()[:, 0].tolist() == [257, 999, 69_999, 65_537]
    soft = mixed.soft(70_000)
    assert torch.equal(soft.argmax(1), ids)  # folded, so the own label is the major one
    assert mixed.lam.dtype == torch.float32


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.int32, np.int64])
@pytest.mark.parametrize("form", [lambda m: m, torched], ids=["numpy", "torch"])
def test_ids_may_be_of_any_whole_number_dtype(dtype, form):
    mixed = form(Mixed(A.astype(dtype), B.astype(dtype), LAM))
    assert np.array_equal(np.asarray(mixed.soft(5)), Mixed(A, B, LAM).soft(5))


def test_smoothing_twice_is_refused_by_the_mark():
    rows = 0.9 * HOT + 0.02
    with pytest.raises(UsageError, match=r"smoothed by 0.1 already"):
        Mixed(rows[A], rows[B], LAM, smoothing=0.1).soft(5, 0.1)


@pytest.mark.parametrize("form", [lambda m: m, torched], ids=["numpy", "torch"])
def test_smoothing_twice_is_refused_by_the_looks(form):
    rows = 0.9 * HOT + 0.02
    with pytest.raises(UsageError, match="smoothed already"):
        form(Mixed(rows[A], rows[B], LAM)).soft(5, 0.1)
    form(Mixed(rows[A], rows[B], LAM)).soft(5)


def test_rows_look_smoothed_only_when_they_are():
    soft = Mixed(A, B, LAM)
    assert looks_smoothed(soft.soft(5, 0.1))
    assert not looks_smoothed(soft.soft(5))
    assert not looks_smoothed(np.full((4, 10), 0.1, np.float32))  # knows nothing
    teacher = np.random.default_rng(0).dirichlet(np.ones(10), 50).astype(np.float32)
    assert not looks_smoothed(teacher)
    assert not looks_smoothed(A)


@pytest.mark.parametrize("form", [lambda m: m, torched], ids=["numpy", "torch"])
@pytest.mark.parametrize("bad", [-1, 5, -100])
def test_labels_outside_the_classes_are_refused(form, bad):
    mixed = form(Mixed(A, np.array([0, bad, 0]), LAM))
    with pytest.raises(UsageError, match=f"label {bad} is not one of 5 classes"):
        mixed.soft(5)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((A, B[:2], LAM), "shapes"),
        ((A, B, LAM[:2]), "lam has shape"),
        ((A, B, LAM.astype(np.float64)), "float64"),
        ((A, B, LAM.astype(np.float16)), "float16"),
        ((A, B, np.float32([0.5, np.nan, 0.5])), "lam goes from nan"),
        ((A, B, np.float32([0.5, 1.5, 0.5])), "lam goes from 0.5 to 1.5"),
        ((A.astype(np.float32), B.astype(np.float32), LAM), "float32"),
        (([0, 4, 2], B, LAM), "type list"),
        ((A, B, torch.from_numpy(LAM)), "lam is a Tensor"),
        ((A[:0], B[:0], LAM[:0]), "shape"),
        ((np.zeros((3, 2, 2), int), np.zeros((3, 2, 2), int), LAM), "shapes"),
        ((A, B, LAM, 0.1), "cannot have a smoothing"),
        ((HOT[A], HOT[B], LAM, 1.0), "smoothing is 1.0"),
    ],
)
def test_targets_that_make_no_sense_are_refused(arguments, said):
    with pytest.raises(UsageError, match=said):
        Mixed(*arguments)


def test_rows_of_other_classes_are_refused():
    with pytest.raises(UsageError, match="rows have 5 classes, not 6"):
        Mixed(HOT[A], HOT[B], LAM).soft(6)
    with pytest.raises(UsageError, match="labels are rows"):
        Mixed(HOT[A], HOT[B], LAM).stack()
