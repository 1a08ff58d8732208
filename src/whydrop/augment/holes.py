"""Holes: rectangles of images, by their pixels; one source for NumPy and PyTorch."""

from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np

from whydrop.augment.arrays import in_library_of, library_of
from whydrop.augment.chosen import few
from whydrop.augment.noise import normal
from whydrop.augment.op import Drawn, Images

Fill: TypeAlias = float | Literal["noise"]


class Holes(NamedTuple):
    """Rectangles to be filled.

    Attributes:
        drawn: top, bottom, left and right, (n, holes) each; for noise, its keys as well.
        fill: value after normalisation, or "noise".
    """

    drawn: Drawn
    fill: Fill


def in_holes(images: Images, holes: Drawn) -> Any:
    """Return (n, h, w) bool: which pixels lie in a hole.

    Args:
        images: (n, c, h, w).
        holes: top, bottom, left and right, (n, holes) each, in the images' library.
    """
    y, x = (in_library_of(images, np.arange(side)) for side in images.shape[2:])
    rows = (y >= holes["top"][..., None]) & (y < holes["bottom"][..., None])
    columns = (x >= holes["left"][..., None]) & (x < holes["right"][..., None])
    return (rows[..., :, None] & columns[..., None, :]).any(1)


def fill_with_noise(images: Images, holes: Drawn) -> None:
    """Fill holes with unit normal noise, in place.

    Args:
        images: (n, c, h, w).
        holes: as for ``in_holes``, and noise, int64 (n,): the keys.
    """
    if not isinstance(images, np.ndarray):
        _fill(images, holes)
        return
    for part in few(len(images), images):
        _fill(images[part], {name: values[part] for name, values in holes.items()})


def _fill(images: Images, holes: Drawn) -> None:
    channels, height, width = images.shape[1:]
    library = library_of(images)
    sample, y, x = library.where(in_holes(images, holes))
    channel = in_library_of(images, np.arange(channels))
    place = (channel * height + y[:, None]) * width + x[:, None]  # (pixels, channels)
    values = normal(holes["noise"][sample][:, None], place)
    images[sample, :, y, x] = library.asarray(values, dtype=images.dtype)
