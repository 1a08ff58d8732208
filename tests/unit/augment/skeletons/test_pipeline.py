"""Pipelines of skeletons: the same for a sample everywhere, nobody stays nobody, clear errors."""

import os
from pathlib import Path

import numpy as np
import pytest
import torch
from tests.fixtures.skeletons import skeletons

from whydrop.augment import (
    CutMix,
    HorizontalFlip,
    JointJitter,
    Mixed,
    MixUp,
    Pipeline,
    SkeletonPipeline,
    TemporalCrop,
    TemporalResample,
    VerticalRotation,
    compiled,
    skeletons_from_json,
    to_json,
)
from whydrop.augment.skeletons.frames import bodies
from whydrop.augment.spec import from_json
from whydrop.core.errors import DataError, UsageError

OPS = [TemporalCrop((0.5, 0.9)), TemporalResample(16), VerticalRotation(40), JointJitter(0.02)]
X, LABELS, INDEX = skeletons(), np.arange(7) % 4, np.array([3, 14, 15, 92, 65, 35, 89])


@pytest.fixture(params=["best", "NumPy"], autouse=True)
def implementation(request, monkeypatch):
    if request.param == "NumPy":
        monkeypatch.setattr(compiled, "available", lambda: False)


def test_a_sample_is_the_same_in_any_batch():
    augment = SkeletonPipeline(OPS, seed=3)
    whole = augment(X, epoch=2, index=INDEX, view=1).skeletons
    order = np.random.default_rng(1).permutation(7)
    for part in (order, order[:3], order[3:], *order[:, None]):
        made = augment(X[part], epoch=2, index=INDEX[part], view=np.ones(len(part), int))
        np.testing.assert_array_equal(made.skeletons, whole[part])


@pytest.mark.parametrize("mixing", [(), (MixUp(0.4),), (MixUp(0.4, stack_images=True),)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.float16])
def test_tensors_come_back_as_tensors_with_the_same_coordinates(dtype, mixing):
    x = torch.from_numpy(X).to(dtype)
    augment = SkeletonPipeline([*OPS, *mixing], classes=4)
    made = augment(x, torch.from_numpy(LABELS), index=torch.from_numpy(INDEX))
    expected = augment(x.float().numpy(), LABELS, index=INDEX)
    assert made.skeletons.dtype == torch.float32 and expected.skeletons.dtype == np.float32
    np.testing.assert_allclose(made.skeletons, expected.skeletons, atol=2e-6)
    np.testing.assert_array_equal(made.skeletons == 0, expected.skeletons == 0)


@pytest.mark.parametrize("off", range(len(OPS)))
def test_leaving_an_operation_out_leaves_the_draws_of_all_others(off):
    kept = [op for n, op in enumerate(OPS) if n != off]
    all_draws = SkeletonPipeline(OPS).draws(index=INDEX)
    for name, values in SkeletonPipeline(kept).draws(index=INDEX).items():
        for what, numbers in values.items():
            np.testing.assert_array_equal(numbers, all_draws[name][what])


def test_an_operation_draws_as_one_on_images_of_the_same_name_would():
    mixed = SkeletonPipeline([MixUp(0.4)], seed=9).draws(index=INDEX, epoch=2)["MixUp"]
    images = Pipeline([MixUp(0.4)], seed=9).draws((8, 8), index=INDEX, epoch=2)["MixUp"]
    np.testing.assert_array_equal(mixed["lam"], images["lam"])
    np.testing.assert_array_equal(mixed["partner"], images["partner"])


def test_epoch_view_and_seed_change_what_is_drawn():
    def made(seed=0, **key):
        return SkeletonPipeline(OPS, seed=seed)(X[:5], index=INDEX[:5], **key).skeletons

    for other in (made(epoch=1), made(view=1), made(seed=1)):
        assert (other != made()).any(axis=(1, 2, 3, 4)).all()


@pytest.mark.parametrize("op", OPS, ids=lambda op: type(op).__name__)
def test_a_body_appears_nowhere_and_disappears_nowhere(op):
    made = SkeletonPipeline([op])(X, index=INDEX).skeletons
    there, was = bodies(made), bodies(X)
    for n in range(7):
        for m in range(2):
            assert there[n, :, m].any() <= was[n, :, m].any()
            if was[n, :, m].all() and isinstance(op, TemporalResample):
                assert there[n, :, m].all()
    if isinstance(op, VerticalRotation | JointJitter):
        np.testing.assert_array_equal(there, was)


def test_mixup_is_the_weighted_mean_of_both_slot_by_slot():
    augment = SkeletonPipeline([MixUp(1.0)], classes=4, seed=2)
    drawn = augment.draws(index=INDEX)["MixUp"]
    batch = augment(X, LABELS, index=INDEX)
    lam = drawn["lam"].astype(np.float64).reshape(-1, 1, 1, 1, 1)
    expected = lam * X + (1 - lam) * X[drawn["partner"]].astype(np.float64)
    np.testing.assert_allclose(batch.skeletons, expected, atol=1e-6)
    neither = ~bodies(X) & ~bodies(X[drawn["partner"]])
    assert neither.any() and not bodies(batch.skeletons)[neither].any()
    assert isinstance(batch.targets, Mixed)
    np.testing.assert_array_equal(batch.targets.b, LABELS[drawn["partner"]])
    np.testing.assert_array_equal(batch.targets.lam, drawn["lam"])


def test_stacked_skeletons_are_each_and_its_partner():
    augment = SkeletonPipeline([MixUp(stack_images=True)], seed=2)
    partner = augment.draws(index=INDEX)["MixUp"]["partner"]
    made = augment(X, LABELS, index=INDEX).skeletons
    np.testing.assert_array_equal(made, np.stack([X, X[partner]], axis=1))


def test_targets_are_those_of_images():
    soft = SkeletonPipeline([MixUp()], classes=4, target="soft", smoothing=0.1)
    pairs = SkeletonPipeline([MixUp()], classes=4)(X, LABELS, index=INDEX).targets
    rows = soft(X, LABELS, index=INDEX).targets
    np.testing.assert_allclose(rows, pairs.soft(4, 0.1))
    stopped = SkeletonPipeline([MixUp(until=1)])(X, LABELS, index=INDEX, epoch=1)
    assert stopped.targets is LABELS


def test_evaluation_resamples_and_has_no_chance():
    augment = SkeletonPipeline([*OPS, MixUp()], classes=4, seed=8)
    batch = augment.evaluation(X, LABELS)
    assert augment.evaluation.ops == (TemporalResample(16),)
    assert augment.evaluation.draws(index=INDEX) == {"TemporalResample": {}}
    expected = SkeletonPipeline([TemporalResample(16)])(X).skeletons
    np.testing.assert_array_equal(batch.skeletons, expected)
    assert batch.targets is LABELS


@pytest.mark.parametrize("ops", [[], *([op] for op in OPS), OPS, [*OPS, MixUp()]])
@pytest.mark.parametrize("kind", [np.asarray, torch.from_numpy], ids=["numpy", "torch"])
def test_what_comes_in_is_never_written_or_given_back(kind, ops):
    x = X.copy()
    made = SkeletonPipeline(ops, classes=4)(kind(x), kind(LABELS), index=INDEX).skeletons
    np.testing.assert_array_equal(x, X)
    assert not np.shares_memory(np.asarray(made), x)


def test_json_both_ways_gives_the_same_bytes():
    augment = SkeletonPipeline([*OPS, MixUp(0.4)], classes=4, seed=6, smoothing=0.1, target="soft")
    back = skeletons_from_json(to_json(augment))
    assert back.ops == augment.ops and to_json(back) == to_json(augment)
    one, other = (p(X, LABELS, index=INDEX, epoch=1) for p in (augment, back))
    assert one.skeletons.tobytes() == other.skeletons.tobytes()
    np.testing.assert_array_equal(one.targets, other.targets)


def test_a_specification_of_the_other_kind_says_who_reads_it():
    with pytest.raises(DataError, match="read it by skeletons_from_json"):
        from_json(to_json(SkeletonPipeline(OPS)))
    with pytest.raises(DataError, match="read it by from_json"):
        skeletons_from_json(to_json(Pipeline([HorizontalFlip()])))
    with pytest.raises(UsageError, match="an operation on skeletons"):
        from_json(to_json(SkeletonPipeline(OPS)).replace("augment.skeletons/1", "augment/1"))


@pytest.mark.parametrize(
    ("ops", "message"),
    [
        ([TemporalResample(8), TemporalCrop()], "TemporalCrop stands after TemporalResample"),
        ([JointJitter(), TemporalResample(8)], "average away the noise"),
        ([JointJitter(), VerticalRotation()], "noise comes after a turn"),
        ([MixUp(), JointJitter()], "skeletons are mixed last"),
        ([TemporalResample(8), TemporalResample(9)], "interpolated twice"),
        ([MixUp(), MixUp()], "mixed twice"),
        ([CutMix()], "not an operation on skeletons"),
        ([HorizontalFlip()], "not an operation on skeletons"),
    ],
)
def test_an_unsafe_order_or_another_kind_is_refused_with_its_reason(ops, message):
    with pytest.raises(UsageError, match=message):
        SkeletonPipeline(ops)


def test_operations_on_skeletons_are_refused_among_images():
    with pytest.raises(UsageError, match="give it to a SkeletonPipeline"):
        Pipeline([JointJitter()])


def test_published_code_in_another_order_can_be_repeated():
    augment = SkeletonPipeline([JointJitter(), TemporalResample(8)], order="as given")
    first = SkeletonPipeline([JointJitter()])(X, index=INDEX).skeletons
    expected = SkeletonPipeline([TemporalResample(8)])(first).skeletons
    np.testing.assert_array_equal(augment(X, index=INDEX).skeletons, expected)


@pytest.mark.parametrize("kind", [np.asarray, torch.from_numpy], ids=["numpy", "torch"])
@pytest.mark.parametrize(
    ("x", "message"),
    [
        (X.transpose(0, 2, 3, 1, 4), "coordinates come fourth"),
        (X.transpose(0, 2, 3, 4, 1), "coordinates come last"),
        (X[..., :1].transpose(0, 2, 3, 1, 4), "coordinates come fourth"),
        (X[:, :2, ..., :1].transpose(0, 2, 3, 4, 1), "coordinates come last"),
        (X.transpose(0, 1, 2, 4, 3), "9 persons of 2 joints"),
        (X.repeat(2, axis=1), "6 coordinates"),
        (X[0], r"one sample as skeletons\[None\]"),
        (X[0, 0], r"shape \(20, 9, 2\)"),
        (X[:0], "empty batches"),
        (X.astype(np.int64), "skeletons are .*int64"),
        (np.where(X[0, 0, 0, 0, 0] == X, np.float32(np.nan), X), "a coordinate is NaN"),
        (np.where(X[0, 0, 0, 0, 0] == X, np.float32(-np.inf), X), "a coordinate is -inf"),
        (X.astype(np.float64) * 1e39, "a coordinate is .*e\\+3"),
    ],
)
def test_bad_skeletons_have_one_clear_error(x, message, kind):
    x = kind(np.ascontiguousarray(x))
    with pytest.raises(UsageError, match=message):
        SkeletonPipeline(OPS)(x, index=np.arange(len(x)))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ({"skeletons": [[1.0]], "index": INDEX}, "skeletons are list"),
        ({}, "positions are missing"),
        ({"index": INDEX[:3]}, "3 positions for 7 samples"),
        ({"index": INDEX, "view": [0, 1]}, "view has shape"),
        ({"index": INDEX, "labels": LABELS + 1}, "labels go from 1 to 4"),
        ({"index": INDEX}, "MixUp mixes labels too"),
    ],
)
def test_other_bad_input_has_one_clear_error(call, message):
    with pytest.raises(UsageError, match=message):
        SkeletonPipeline([*OPS, MixUp()], classes=4)(**{"skeletons": X, **call})


@pytest.mark.parametrize("name", ["skeleton-msraction3d.npz", "skeleton-utkinect.npz"])
def test_recorded_skeletons_stay_empty_where_tracking_was_lost(name):
    if "WHYDROP_DATA" not in os.environ:
        pytest.skip("WHYDROP_DATA names no folder of data")
    with np.load(Path(os.environ["WHYDROP_DATA"]) / name) as data:
        offsets, frames, labels = data["offsets"], data["frames"], data["labels"]
    chosen = np.arange(0, len(labels), 25)
    length = int(np.diff(offsets).max())
    x = np.zeros((len(chosen), 3, length, frames.shape[1], 2), np.float32)
    for place, at in enumerate(chosen):
        own = frames[offsets[at] : offsets[at + 1]]
        x[place, :, : len(own), :, :1] = own.transpose(2, 0, 1, 3)
    augment = SkeletonPipeline([VerticalRotation(30), JointJitter(0.01)], seed=1)
    made = augment(x, index=chosen).skeletons
    np.testing.assert_array_equal(bodies(made), bodies(x))
    assert not made[..., 1].any()
    clips = SkeletonPipeline([*OPS, MixUp()], seed=1)(x, labels[chosen], index=chosen)
    assert clips.skeletons.shape == (len(chosen), 3, 16, 20, 2)
    assert np.isfinite(clips.skeletons).all() and not clips.skeletons[..., 1].any()
    resampled = SkeletonPipeline([TemporalResample(64)])(x).skeletons
    height = x[:, 1].max(axis=(1, 2, 3)) - x[:, 1].min(axis=(1, 2, 3))
    assert (np.ptp(resampled[:, 1], axis=(1, 2, 3)) <= height + 1e-5).all()
