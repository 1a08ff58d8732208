"""Sharpen against torchvision."""

import numpy as np
import pytest
from scipy import stats
from tests.fixtures.colour import apply, apply_to_tensors, byte_images, drawn_for, one_by_one
from tests.fixtures.torchvision_operators import functional

from whydrop.augment import Sharpen
from whydrop.core.errors import UsageError


@pytest.mark.parametrize("change", [apply, apply_to_tensors])
@pytest.mark.parametrize("shape", [(20, 27), (3, 3), (2, 9), (9, 2), (1, 1)], ids=str)
@pytest.mark.parametrize("channels", [1, 3])
def test_it_is_torchvisions_sharpness(channels, shape, change, code):
    op = Sharpen((0.0, 4.0), 1.0)
    images = byte_images(channels)[:, :, : shape[0], : shape[1]].copy()
    drawn = drawn_for(op)
    expected = one_by_one(
        lambda image, applied, factor: functional.adjust_sharpness(image, factor), images, drawn
    )
    assert np.abs(change(op, images, drawn) - expected).max() <= 1e-6


def test_values_outside_0_to_1_are_cut_as_torchvision_cuts_them(code):
    op, images = Sharpen((0.0, 4.0), 1.0), 3 * byte_images() - 1  # as after Normalize
    drawn = drawn_for(op)
    expected = one_by_one(
        lambda image, applied, factor: functional.adjust_sharpness(image, factor), images, drawn
    )
    for change in (apply, apply_to_tensors):
        assert np.abs(change(op, images, drawn) - expected).max() <= 1e-5


def test_factor_1_changes_nothing(code):
    images, op = byte_images(), Sharpen(1, 1.0)
    assert np.array_equal(apply(op, images, drawn_for(op)), images)


def test_factors_are_uniform_between_the_ends():
    factors = drawn_for(Sharpen((0.5, 2.5)), 5_000)["factor"]
    assert stats.kstest(factors, stats.uniform(0.5, 2.0).cdf).pvalue > 1e-4
    assert (drawn_for(Sharpen(2.0))["factor"] == 2.0).all()


@pytest.mark.parametrize("factor", [-1, (2, 1), (1,), None, float("inf")], ids=str)
def test_a_bad_factor_is_refused(factor):
    with pytest.raises(UsageError, match="factor is"):
        Sharpen(factor)
