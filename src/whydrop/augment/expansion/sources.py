"""Sources: the images that copies are made of, read a few at a time."""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from whydrop.augment.arrays import is_torch
from whydrop.augment.op import Ints
from whydrop.core.errors import UsageError

Pixels: TypeAlias = NDArray[np.uint8]
WHERE = "images of expand_to"


def check_source(images: Any, n: int) -> None:
    """Check that images are (n, c, h, w) uint8 or a sequence of n images; reads none.

    Raises:
        UsageError: they are not.
    """
    if is_one_array(images):
        shape = tuple(images.shape)
        if len(shape) != 4 or not str(images.dtype).endswith("uint8"):
            raise UsageError(
                f"images have shape {shape} and dtype {images.dtype}",
                where=WHERE,
                do="give (n, c, h, w) uint8, as files hold them, or a sequence of (c, h, w)",
            )
    elif not (hasattr(images, "__len__") and hasattr(images, "__getitem__")):
        raise UsageError(
            f"images are {type(images).__name__}",
            where=WHERE,
            do="give an array (n, c, h, w), or what has a length and gives image i by [i]",
        )
    if len(images) != n:
        what = f"{len(images):,} images and {n:,} labels"
        raise UsageError(what, where=WHERE, do="give one label an image")


def is_one_array(images: Any) -> bool:
    """Return whether images are one array or tensor, not one for each image."""
    return hasattr(images, "shape") and hasattr(images, "dtype")


def read(images: Any, index: Ints) -> list[Pixels]:
    """Return the images at some positions, uint8 (c, h, w) each, every position read once.

    Raises:
        UsageError: an image that is not so.
    """
    positions, place = np.unique(index, return_inverse=True)
    if is_one_array(images):
        block = images[positions]
        found = list(np.asarray(block.cpu() if is_torch(block) else block))
    else:
        found = [_image(images[int(at)], int(at)) for at in positions]
    return [found[at] for at in place.reshape(-1)]


def _image(image: Any, at: int) -> Pixels:
    if is_torch(image):
        image = image.cpu().numpy()
    if not isinstance(image, np.ndarray) or image.ndim != 3 or image.dtype != np.uint8:
        seen = type(image).__name__
        if isinstance(image, np.ndarray):
            seen = f"shape {image.shape} and dtype {image.dtype}"
        raise UsageError(
            f"image {at} is {seen}", where=WHERE, do="give each image as uint8 (c, h, w)"
        )
    pixels: Pixels = image
    return pixels
