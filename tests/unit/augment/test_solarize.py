"""Solarize against Pillow and torchvision."""

import numpy as np
import pytest
from PIL import Image, ImageOps
from scipy import stats
from tests.fixtures.colour import (
    apply,
    apply_to_tensors,
    as_bytes,
    byte_images,
    drawn_for,
    one_by_one,
)
from tests.fixtures.torchvision_operators import functional

from whydrop.augment import Solarize
from whydrop.core.errors import UsageError


@pytest.mark.parametrize("change", [apply, apply_to_tensors])
def test_it_is_torchvisions_to_the_bit(change):
    op = Solarize((0.0, 1.0), 1.0)
    images, drawn = byte_images(), drawn_for(op)
    expected = one_by_one(
        lambda image, applied, threshold: functional.solarize(image, threshold), images, drawn
    )
    assert np.array_equal(change(op, images, drawn), expected)


@pytest.mark.parametrize("threshold", [0, 1, 77, 128, 255])
def test_bytes_become_what_pillow_makes_of_them(threshold):
    levels = np.arange(256, dtype=np.uint8).reshape(16, 16)
    op = Solarize(threshold / 255, 1.0)
    image = (levels / np.float32(255)).astype(np.float32)[None, None]
    expected = ImageOps.solarize(Image.fromarray(levels), threshold)
    assert np.array_equal(as_bytes(apply(op, image, drawn_for(op, 1)))[0, 0], expected)


def test_thresholds_are_uniform_between_the_ends():
    thresholds = drawn_for(Solarize((0.25, 0.75)), 5_000)["threshold"]
    assert stats.kstest(thresholds, stats.uniform(0.25, 0.5).cdf).pvalue > 1e-4


def test_a_threshold_for_bytes_is_refused_with_what_to_do():
    with pytest.raises(UsageError, match="from 0 to 255") as refused:
        Solarize(128)
    assert "divide it by 255" in refused.value.do


@pytest.mark.parametrize("threshold", [-0.1, 300, (0.5, 1.5), (0.9, 0.1), None], ids=str)
def test_a_bad_threshold_is_refused(threshold):
    with pytest.raises(UsageError, match="threshold is"):
        Solarize(threshold)
