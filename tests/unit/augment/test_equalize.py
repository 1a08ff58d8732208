"""Equalize against Pillow and torchvision."""

import numpy as np
import pytest
from PIL import Image, ImageOps
from tests.fixtures.colour import (
    apply,
    apply_to_tensors,
    as_bytes,
    byte_images,
    drawn_for,
    one_by_one,
)
from tests.fixtures.torchvision_operators import functional

from whydrop.augment import Equalize

OP = Equalize(1.0)


@pytest.mark.parametrize("change", [apply, apply_to_tensors])
@pytest.mark.parametrize(
    "images", [byte_images()[..., :9].copy(), byte_images()], ids=["few", "many"]
)
def test_bytes_become_what_pillow_makes_of_them(images, change, code):
    changed = as_bytes(change(OP, images, drawn_for(OP)))
    for image, out in zip(as_bytes(images), changed, strict=True):
        expected = np.asarray(ImageOps.equalize(Image.fromarray(image.transpose(1, 2, 0))))
        assert np.array_equal(out.transpose(1, 2, 0), expected)


@pytest.mark.parametrize("channels", [1, 3])
def test_it_is_torchvisions(channels, code):
    images, drawn = byte_images(channels), drawn_for(OP)
    expected = one_by_one(lambda image, applied: functional.equalize(image), images, drawn)
    changed = apply(OP, images, drawn)
    assert np.abs(changed - expected).max() <= 1e-6
    assert not np.allclose(changed, images)


def test_a_flat_channel_stays_to_the_bit(code):
    images = np.full((1, 3, 40, 40), 0.3337, np.float32)  # between two levels
    assert np.array_equal(apply(OP, images, drawn_for(OP, 1)), images)


def test_values_outside_the_range_do_no_harm(code):
    images = byte_images()
    images[0, 0, 0, :4] = [-3.0, 7.0, np.inf, -np.inf]
    assert np.isfinite(apply(OP, images, drawn_for(OP))).all()
