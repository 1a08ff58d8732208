"""Shares against marked pixels: what is white in an image that was white before."""

import numpy as np
import pytest

from whydrop.augment import (
    Affine,
    Cutout,
    HorizontalFlip,
    PadCrop,
    Pipeline,
    RandomErasing,
    ResizedCrop,
    Translate,
    VerticalFlip,
)
from whydrop.augment import shares as module
from whydrop.augment.op import Size
from whydrop.augment.visible import shares_of

INDEX = np.arange(300)
WHOLE_PIXELS = [
    [PadCrop(4), Cutout(16)],
    [PadCrop(9), VerticalFlip(), HorizontalFlip(), Translate(0.3), Cutout(7)],
    [Translate(0.2, "reflect"), PadCrop(6), RandomErasing(0.7)],
    [PadCrop(8, "edge"), Translate(0.4)],
    [PadCrop(4), Cutout(6, holes=5)],
    [PadCrop(4), Cutout(9), RandomErasing(1.0)],
    [Cutout(64)],
]


def white_left(augment, height, width):
    """Return the share of white pixels, of white images with black as every fill."""
    white = np.ones((len(INDEX), 1, height, width), np.float32)
    return augment(white, index=INDEX).images.mean(axis=(1, 2, 3))


@pytest.mark.filterwarnings("ignore::whydrop.augment.VisibilityWarning")
@pytest.mark.parametrize("ops", WHOLE_PIXELS, ids=repr)
def test_shares_after_whole_pixel_moves_are_the_pixels_that_show(ops):
    augment = Pipeline(ops, seed=2)
    shares = shares_of(augment, (24, 31), index=INDEX)
    np.testing.assert_allclose(shares, white_left(augment, 24, 31), atol=1e-6)


@pytest.mark.filterwarnings("ignore::whydrop.augment.VisibilityWarning")
@pytest.mark.parametrize(
    "ops",
    [
        [Cutout(9), HorizontalFlip(), Translate(0.3)],
        [Cutout(9), PadCrop(6), Cutout(9), VerticalFlip()],
    ],
    ids=repr,
)
def test_a_hole_that_is_moved_hides_where_it_came_to(ops):
    augment = Pipeline(ops, order="as given")
    shares = shares_of(augment, (24, 24), index=INDEX)
    np.testing.assert_allclose(shares, white_left(augment, 24, 24), atol=1e-6)


def test_a_window_that_fills_the_output_is_wholly_visible():
    augment = Pipeline([ResizedCrop(20, scale=(0.1, 0.2))])
    assert (shares_of(augment, (32, 32), index=INDEX) == 1).all()


def test_shares_do_not_depend_on_how_many_are_looked_at_together(monkeypatch):
    augment = Pipeline([PadCrop(4), Affine(20, 0.1), Cutout(9, holes=2)])
    together = shares_of(augment, (32, 32), index=INDEX)
    monkeypatch.setattr(module, "AT_ONCE", 7 * 32 * 32)
    np.testing.assert_array_equal(shares_of(augment, (32, 32), index=INDEX), together)


def test_nothing_that_hides_leaves_all():
    assert module.shares([], Size(5, 7), 3).tolist() == [1, 1, 1]
