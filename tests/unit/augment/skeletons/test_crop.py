"""TemporalCrop: a window of the frames that hold somebody, by slicing."""

import numpy as np
import pytest
import torch
from tests.fixtures.skeletons import SPANS, skeletons

from whydrop.augment import SkeletonPipeline, TemporalCrop
from whydrop.core.errors import UsageError


@pytest.mark.parametrize("kind", [np.asarray, torch.from_numpy], ids=["numpy", "torch"])
@pytest.mark.parametrize("least", [1, 6])
def test_the_window_is_the_slice_that_was_drawn(kind, least):
    x = skeletons()
    augment = SkeletonPipeline([TemporalCrop((0.3, 0.9), least)], seed=2)
    drawn = augment.draws(index=np.arange(7))["TemporalCrop"]
    found = np.asarray(augment(kind(x), index=np.arange(7)).skeletons)
    for n, (first, length) in enumerate(SPANS):
        kept = min(max(round(float(drawn["share"][n]) * length), least), length)
        start = first + int(drawn["start"][n] * (length - kept + 1))
        expected = np.zeros_like(x[n])
        expected[:, :kept] = x[n][:, start : start + kept]
        np.testing.assert_array_equal(found[n], expected)


def test_shares_and_places_are_uniform():
    # Each frame holds its own number, so that the window can be read off.
    x = np.broadcast_to(
        np.arange(1, 11, dtype=np.float32).reshape(1, 1, 10, 1, 1), (5000, 2, 10, 3, 1)
    )
    made = SkeletonPipeline([TemporalCrop((0.4, 0.4))])(x, index=np.arange(5000)).skeletons
    first, kept = made[:, 0, 0, 0, 0], (made[:, 0, :, 0, 0] > 0).sum(axis=1)
    assert (kept == 4).all()
    counts = np.bincount(first.astype(int), minlength=8)[1:]
    assert len(counts) == 7
    assert abs(counts - 5000 / 7).max() < 4 * np.sqrt(5000 / 7)


def test_a_share_of_1_only_moves_the_sequence_to_the_beginning():
    x = skeletons()
    made = SkeletonPipeline([TemporalCrop((1.0, 1.0))])(x, index=np.arange(7)).skeletons
    for n, (first, length) in enumerate(SPANS):
        np.testing.assert_array_equal(made[n][:, :length], x[n][:, first : first + length])
        assert not made[n][:, length:].any()


@pytest.mark.parametrize(
    "given",
    [((0.0, 1.0),), ((0.9, 0.5),), ((0.5, 1.1),), (0.5,), ((0.5, 1.0), 0), ((0.5, 1.0), 2.0)],
)
def test_values_out_of_range_are_refused(given):
    with pytest.raises(UsageError, match="TemporalCrop"):
        TemporalCrop(*given)
