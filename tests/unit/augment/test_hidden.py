"""Objects that are wholly hidden, against enumeration and against marked pixels."""

import numpy as np
import pytest

from whydrop.augment import (
    Affine,
    Cutout,
    HorizontalFlip,
    PadCrop,
    Pipeline,
    ResizedCrop,
    Translate,
    hidden_share,
)
from whydrop.augment.hidden import hidden
from whydrop.augment.op import Size
from whydrop.core.errors import UsageError


def enumerated(side, pad=4, hole=16, size=32):
    """Return how often a square in the middle is covered, over all shifts and holes.

    A hole covers it if it does so along both axes, which are drawn apart.
    """
    first = (size - side) // 2
    middles = np.arange(size)
    covered = [
        [first - shift >= m - hole // 2 and first - shift + side <= m + hole // 2 for m in middles]
        for shift in range(-pad, pad + 1)
    ]
    return np.mean(covered) ** 2


@pytest.mark.parametrize(("side", "known"), [(4, 0.165), (8, 0.079), (12, 0.024), (16, 0.001)])
def test_crop_and_cutout_hide_an_object_as_often_as_enumeration_says(side, known):
    exact = enumerated(side)
    assert exact == pytest.approx(known, abs=0.0006)
    share = hidden_share(
        Pipeline([PadCrop(4), HorizontalFlip(), Cutout(16)]),
        (32, 32),
        object_px=side,
        samples=1 << 17,
    )
    assert share == pytest.approx(exact, abs=4 * np.sqrt(exact / (1 << 17)))


def marked(side, size, n):
    images = np.zeros((n, 1, *size), np.float32)
    top, left = ((length - side) // 2 for length in size)
    images[:, :, top : top + side, left : left + side] = 1
    return images


@pytest.mark.filterwarnings("ignore::whydrop.augment.VisibilityWarning")
@pytest.mark.parametrize("side", [1, 4, 9])
@pytest.mark.parametrize(
    "ops",
    [
        [PadCrop(14), HorizontalFlip(), Translate(0.4), Cutout(14)],
        [Translate(0.5, "edge"), Cutout(16, holes=4)],
    ],
    ids=repr,
)
def test_an_object_is_hidden_where_no_marked_pixel_comes_out(ops, side):
    n, size = 400, (30, 25)
    augment = Pipeline(ops)
    made = augment(marked(side, size, n), index=np.arange(n)).images
    acting = list(zip(ops, augment.draws(size, index=np.arange(n)).values(), strict=True))
    gone = hidden(acting, Size(*size), n, side_px=side)
    np.testing.assert_array_equal(gone, made.max(axis=(1, 2, 3)) == 0)
    assert 0.01 < gone.mean() < 0.99


@pytest.mark.filterwarnings("ignore::whydrop.augment.VisibilityWarning")
@pytest.mark.parametrize(
    "ops",
    [
        [Affine(40, 0.9, (0.8, 1.3), 10)],
        [PadCrop(9), Affine(90, 0.3), Cutout(12)],
        [ResizedCrop(40, scale=(0.05, 0.3)), Cutout(10)],
    ],
    ids=repr,
)
def test_objects_are_followed_through_rotation_and_zoom(ops):
    n, side, size = 400, 6, (32, 32)
    augment = Pipeline(ops)
    drawn = augment.draws(size, index=np.arange(n)).values()
    gone = hidden(list(zip(ops, drawn, strict=True)), Size(*size), n, side_px=side)
    brightest = augment(marked(side, size, n), index=np.arange(n)).images.max(axis=(1, 2, 3))
    # Interpolation spreads the object by up to a pixel, and halves it at an edge.
    assert (brightest[~gone] > 0.2).all()
    assert np.median(brightest[gone]) == 0
    assert (brightest[gone] < 0.9).all()
    assert 0.02 < gone.mean() < 0.98


def test_an_object_that_does_not_fit_is_refused():
    for side in (0, 33):
        with pytest.raises(UsageError, match=f"object_px is {side}"):
            hidden_share(Pipeline([]), (32, 40), object_px=side)
