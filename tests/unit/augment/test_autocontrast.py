"""AutoContrast against torchvision and Pillow."""

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

from whydrop.augment import Affine, AutoContrast, Pipeline

OP = AutoContrast(1.0)


@pytest.mark.parametrize("change", [apply, apply_to_tensors])
@pytest.mark.parametrize("channels", [1, 3])
def test_it_is_torchvisions_on_floats(channels, change):
    images, drawn = byte_images(channels), drawn_for(OP)
    expected = one_by_one(lambda image, applied: functional.autocontrast(image), images, drawn)
    assert np.abs(change(OP, images, drawn) - expected).max() <= 1e-6


def test_bytes_are_within_a_level_of_pillows():
    images = byte_images()
    changed = 255 * apply(OP, images, drawn_for(OP))
    for image, out in zip(as_bytes(images), changed, strict=True):
        expected = ImageOps.autocontrast(Image.fromarray(image.transpose(1, 2, 0)))
        # Pillow cuts the fraction of a level off.
        assert np.abs(out.transpose(1, 2, 0) - np.asarray(expected)).max() <= 1 + 1e-4


@pytest.mark.parametrize("change", [apply, apply_to_tensors])
def test_the_rounding_of_an_interpolation_is_no_contrast(change):
    images = np.full((8, 3, 20, 27), 0.3, np.float32)
    images += np.random.default_rng(0).uniform(-2e-7, 2e-7, images.shape).astype(np.float32)
    assert np.array_equal(change(OP, images, drawn_for(OP)), images)


def test_a_flat_image_stays_flat_after_a_turn(code):
    images = np.full((8, 3, 16, 16), 77, np.uint8)
    augment = Pipeline([Affine(20, mode="edge"), OP], seed=1)
    assert np.abs(augment(images, index=np.arange(8)).images - 77 / 255).max() < 1e-5


def test_every_channel_that_is_not_flat_reaches_0_and_1():
    images = byte_images()
    changed = apply(OP, images, drawn_for(OP))
    flat = images.max((2, 3)) == images.min((2, 3))
    assert flat.any()
    assert np.array_equal(changed[flat], images[flat])
    assert (changed.min((2, 3))[~flat] == 0).all()
    assert (changed.max((2, 3))[~flat] == 1).all()
