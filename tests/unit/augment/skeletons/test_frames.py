"""Frames: where somebody is, counted by hand."""

import numpy as np
import pytest
import torch
from tests.fixtures.skeletons import SPANS, skeletons

from whydrop.augment.skeletons.frames import bodies, picked, spans

KINDS = pytest.mark.parametrize("kind", [np.asarray, torch.from_numpy], ids=["numpy", "torch"])


@KINDS
def test_a_body_is_there_where_any_coordinate_is_not_zero(kind):
    x = skeletons()
    x[0, :, 2, :, 0] = 0
    x[0, 1, 2, 4, 0] = 1e-30
    there = np.asarray(bodies(kind(x)))
    for n in range(7):
        for t in range(20):
            for m in range(2):
                assert there[n, t, m] == any(value != 0 for value in x[n, :, t, :, m].ravel())


@KINDS
def test_a_span_goes_from_the_first_frame_with_a_body_to_the_last(kind):
    first, length = spans(kind(skeletons()))
    assert list(zip(first.tolist(), length.tolist(), strict=True)) == SPANS


@KINDS
def test_each_sample_gives_its_own_frames(kind):
    x = skeletons()
    frames = np.random.default_rng(1).integers(0, 20, (7, 4))
    found = np.asarray(picked(kind(x), frames))
    for n in range(7):
        np.testing.assert_array_equal(found[n], x[n][:, frames[n]])
