"""Inputs: the images and labels that a pipeline accepts, checked once a batch."""

from typing import Any

import numpy as np

from whydrop.augment.arrays import dtype_name, kind, library_of, memory_of
from whydrop.augment.op import Images, Size
from whydrop.core.errors import UsageError

WHERE = "images of a pipeline"
ONE_BITS = 0x3F800000  # of the float32 1.0


def check_images(images: Images) -> Size:
    """Return the size of a batch of images.

    Args:
        images: (n, c, h, w), uint8 from 0 to 255 or floating from 0 to 1.

    Raises:
        UsageError: another shape, dtype or range; no image; a value that is not a number.
    """
    if not hasattr(images, "dtype") or not hasattr(images, "ndim"):
        what = f"images are {type(images).__name__}"
        raise UsageError(what, where=WHERE, do="give a NumPy array or a PyTorch tensor")
    shape = tuple(images.shape)
    if images.ndim != 4:
        raise UsageError(
            f"images have shape {shape}",
            where=WHERE,
            do="give (n, c, h, w); a single image as images[None]",
        )
    if 0 in shape:
        raise UsageError(f"images have shape {shape}", where=WHERE, do="leave out empty batches")
    if shape[1] > 4 and shape[3] <= 4:
        raise UsageError(
            f"images have shape {shape}: channels come last",
            where=WHERE,
            do="move them: images.transpose(0, 3, 1, 2), or permute for a tensor",
        )
    dtype = dtype_name(images)
    if dtype == "uint8":
        return Size(*shape[2:])
    if kind(images) != "float":
        raise UsageError(
            f"images are {dtype}", where=WHERE, do="give uint8 (0 to 255) or floats from 0 to 1"
        )
    if not _surely_in_range(images):
        _check_range(float(images.min()), float(images.max()))
    return Size(*shape[2:])


def _surely_in_range(images: Images) -> bool:
    """Return whether all values are from 0 to 1, by one pass over them; False if it cannot tell.

    The bits of a float32, read as a whole number, are larger than those of 1.0 for all that is
    negative, above 1, or not a number.
    """
    memory = memory_of(images)
    return memory is not None and bool(memory.view(np.uint32).max() <= ONE_BITS)


def _check_range(low: float, high: float) -> None:
    if low != low or high != high:
        raise UsageError("a pixel is NaN", where=WHERE, do="look for it where images are read")
    if low < 0.0:
        raise UsageError(
            f"values go down to {low:.3g}: are the images normalised already?",
            where=WHERE,
            do="give them as they were read, from 0 to 1; Normalize is part of the pipeline",
        )
    if high > 1.0:
        what = "values from 0 to 255" if high > 2.0 else "values from 0 to 1"
        raise UsageError(
            f"values go up to {high:.6g}: floats must be from 0 to 1",
            where=WHERE,
            do=f"for {what}: give uint8" if high > 2.0 else "clip them to 1",
        )


def check_labels(labels: Any, n: int, classes: int | None) -> None:
    """Check labels: (n,) class numbers, or (n, classes) rows.

    Raises:
        UsageError: another length or shape; a class that does not exist.
    """
    where = "labels of a pipeline"
    shape = tuple(getattr(labels, "shape", (len(labels),)))
    if len(shape) not in (1, 2) or shape[0] != n:
        raise UsageError(
            f"labels have shape {shape} for {n} images", where=where, do="give one label an image"
        )
    if len(shape) == 2:
        if classes is not None and shape[1] != classes:
            what = f"labels have {shape[1]} columns"
            raise UsageError(what, where=where, do=f"give one a class: {classes}")
        return
    if kind(labels) == "float":
        raise UsageError(
            f"labels are {labels.dtype}", where=where, do="give whole class numbers, or rows"
        )
    if classes is None:
        return
    low, high = int(labels.min()), int(labels.max())
    if low < 0 or high >= classes:
        raise UsageError(
            f"labels go from {low} to {high}",
            where=where,
            do=f"with classes={classes} they must be from 0 to {classes - 1}",
        )


def to_numpy_index(index: Any) -> np.ndarray[Any, np.dtype[Any]]:
    """Return positions of samples as a NumPy array, from an array, a tensor or a list."""
    if library_of(index) is not np:
        index = index.cpu().numpy()
    return np.asarray(index)
