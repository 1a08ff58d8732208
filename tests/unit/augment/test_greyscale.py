"""Greyscale against torchvision."""

import numpy as np
import pytest
from tests.fixtures.colour import apply, apply_to_tensors, byte_images, drawn_for, one_by_one
from tests.fixtures.torchvision_operators import functional

from whydrop.augment import Greyscale
from whydrop.core.errors import UsageError


@pytest.mark.parametrize("change", [apply, apply_to_tensors])
def test_the_grey_is_torchvisions(change):
    images, drawn = byte_images(), drawn_for(Greyscale(1.0))
    expected = one_by_one(
        lambda image, applied: functional.rgb_to_grayscale(image, 3), images, drawn
    )
    changed = change(Greyscale(1.0), images, drawn)
    assert np.abs(changed - expected).max() <= 1e-6
    assert np.array_equal(changed[:, 0], changed[:, 2])


def test_one_channel_stays_to_the_bit():
    images = byte_images(1)
    assert np.array_equal(apply(Greyscale(1.0), images, drawn_for(Greyscale(1.0))), images)


def test_two_channels_are_refused():
    with pytest.raises(UsageError, match="2 channels"):
        apply(Greyscale(1.0), byte_images(2), drawn_for(Greyscale(1.0)))
