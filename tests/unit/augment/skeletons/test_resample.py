"""TemporalResample against np.interp in float64 and PyTorch's own interpolation."""

import numpy as np
import pytest
import torch
from tests.fixtures.skeletons import SPANS, skeletons

from whydrop.augment import SkeletonPipeline, TemporalResample
from whydrop.core.errors import UsageError

KINDS = pytest.mark.parametrize("kind", [np.asarray, torch.from_numpy], ids=["numpy", "torch"])


@KINDS
@pytest.mark.parametrize("frames", [2, 7, 20, 64])
def test_bodies_without_gaps_are_those_of_np_interp_over_their_frames(kind, frames):
    x = skeletons()
    made = np.asarray(SkeletonPipeline([TemporalResample(frames)])(kind(x)).skeletons)
    assert made.shape == (7, 3, frames, 9, 2)
    for n, persons in ((0, 2), (1, 1), (3, 2), (6, 2)):
        first, length = SPANS[n]
        places = np.linspace(first, first + length - 1, frames)
        for c, v, m in np.ndindex(3, 9, persons):
            whole = x[n, c, first : first + length, v, m].astype(np.float64)
            expected = np.interp(places, np.arange(first, first + length), whole)
            np.testing.assert_allclose(made[n, c, :, v, m], expected, atol=1e-6)


def test_a_full_sequence_is_that_of_pytorch_s_interpolate():
    x = torch.from_numpy(skeletons()[:1])
    made = SkeletonPipeline([TemporalResample(33)])(x).skeletons
    rows = x.permute(0, 1, 3, 4, 2).reshape(1, -1, 20)
    expected = torch.nn.functional.interpolate(rows, 33, mode="linear", align_corners=True)
    expected = expected.reshape(1, 3, 9, 2, 33).permute(0, 1, 4, 2, 3)
    torch.testing.assert_close(made, expected, atol=2e-6, rtol=0)


@KINDS
@pytest.mark.parametrize("frames", [13, 40])
def test_a_body_that_one_of_two_frames_lacks_is_that_of_the_nearer_frame(kind, frames):
    x = skeletons()
    made = np.asarray(SkeletonPipeline([TemporalResample(frames)])(kind(x)).skeletons)
    for n in (2, 4):
        first, length = SPANS[n]
        for k, place in enumerate(np.linspace(0, length - 1, frames)):
            low = first + int(np.floor(place))
            high, weight = min(low + 1, first + length - 1), place - np.floor(place)
            for m in range(2):
                one, other = x[n, :, low, :, m], x[n, :, high, :, m]
                if one.any() and other.any():
                    expected = (1 - weight) * one.astype(np.float64) + weight * other
                else:
                    expected = other if weight > 0.5 else one
                np.testing.assert_allclose(made[n, :, k, :, m], expected, atol=1e-6)
    assert not made[5].any()
    lost = made[4].any(axis=(0, 2))
    assert lost[0].all() and lost[-1].all() and not lost.all()  # the gap is still one


def test_as_many_frames_as_there_are_change_nothing():
    x = skeletons()[:3]
    np.testing.assert_array_equal(SkeletonPipeline([TemporalResample(20)])(x).skeletons, x)


def test_a_single_frame_is_the_middle():
    made = SkeletonPipeline([TemporalResample(1)])(skeletons()).skeletons
    x = skeletons().astype(np.float64)
    np.testing.assert_allclose(made[0, :, 0], (x[0, :, 9] + x[0, :, 10]) / 2, atol=1e-6)
    np.testing.assert_allclose(made[6, :, 0], x[6, :, 0], atol=1e-6)


@pytest.mark.parametrize("frames", [0, -1, 2.5, True, "64"])
def test_other_numbers_of_frames_are_refused(frames):
    with pytest.raises(UsageError, match="frames is"):
        TemporalResample(frames)
