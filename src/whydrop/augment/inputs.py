"""Inputs: the images and labels that a pipeline accepts, checked once a batch."""

from typing import Any

import numpy as np

from whydrop.augment.arrays import dtype_name, is_torch, kind, library_of, memory_of, share_memory
from whydrop.augment.checks import whole_number
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
    if min(shape[1:3]) > 4 and shape[3] <= 4:
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
    check_no_gradients(images, where=WHERE)
    if not _surely_in_range(images):
        _check_range(float(images.min()), float(images.max()))
    return Size(*shape[2:])


def check_no_gradients(images: Images, *, where: str) -> None:
    """Check that images are no part of what is differentiated.

    Raises:
        UsageError: they are tensors that carry gradients.
    """
    if is_torch(images) and images.requires_grad and library_of(images).is_grad_enabled():
        what = "the images carry gradients, which would be cut off"
        raise UsageError(what, where=where, do="give images.detach()")


def check_out(out: Images, images: Images) -> None:
    """Check a buffer that a batch is to be written to; its shape and dtype are checked later.

    Raises:
        UsageError: it is no array, cannot be written, or is the memory of the images.
    """
    where = "out= of a pipeline"
    do = "give a float32 array or tensor of its own"
    if not hasattr(out, "dtype") or not hasattr(out, "shape"):
        raise UsageError(f"out is a {type(out).__name__}", where=where, do=do)
    if isinstance(out, np.ndarray) and not out.flags.writeable:
        raise UsageError("out cannot be written to", where=where, do=do)
    if share_memory(out, images):
        raise UsageError("out shares the memory of the images", where=where, do=do)


def image_size(size: Any) -> Size:
    """Return a height and a width, as given, checked.

    Raises:
        UsageError: they are not two whole numbers above 0.
    """
    where = "size of images"
    sides = tuple(size) if isinstance(size, tuple | list) else ()
    if len(sides) != 2:
        do = "give height and width in pixels, such as (32, 32)"
        raise UsageError(f"size is {size!r}", where=where, do=do)
    return Size(*(whole_number(side, "a side", where=where, low=1) for side in sides))


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
        UsageError: no array; another length or shape; a class that does not exist.
    """
    where = "labels of a pipeline"
    if not hasattr(labels, "dtype") or not hasattr(labels, "shape"):
        what = f"labels are {type(labels).__name__}"
        raise UsageError(what, where=where, do="give a NumPy array or a PyTorch tensor")
    shape = tuple(labels.shape)
    if len(shape) not in (1, 2) or shape[0] != n:
        raise UsageError(
            f"labels have shape {shape} for {n} images", where=where, do="give one label an image"
        )
    if len(shape) == 2:
        if classes is not None and shape[1] != classes:
            what = f"labels have {shape[1]} columns"
            raise UsageError(what, where=where, do=f"give one a class: {classes}")
        return
    if kind(labels) != "integer":
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
