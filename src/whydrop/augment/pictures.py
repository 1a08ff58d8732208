"""Pictures: batches of images as what can be shown."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from whydrop.augment.arrays import to_numpy
from whydrop.augment.op import Drawn, Images, Op
from whydrop.augment.ops.normalize import Normalize

Picture: TypeAlias = NDArray[np.uint8]  # (h, w) grey, or (h, w, 3) colours


def pictures(images: NDArray[Any]) -> tuple[list[Picture], tuple[str, ...]]:
    """Return images as pictures, with a note where channels are left out.

    Args:
        images: (n, c, h, w), uint8 or from 0 to 1; what is outside is cut.
    """
    channels = images.shape[1]
    levels = images
    if images.dtype != np.uint8:
        levels = np.rint(np.clip(images, 0.0, 1.0) * 255).astype(np.uint8)
    notes: tuple[str, ...] = ()
    if channels < 3:
        if channels == 2:
            notes = ("only the first of 2 channels is shown",)
        return list(levels[:, 0]), notes
    if channels > 3:
        notes = (f"only the first 3 of {channels} channels are shown, as red, green and blue",)
    return list(np.ascontiguousarray(np.moveaxis(levels[:, :3], 1, -1))), notes


def unstacked(images: Images, drawn: Mapping[str, Drawn]) -> NDArray[Any]:
    """Return (n, c, h, w): images of a batch; pairs that are left to the model, mixed."""
    array = to_numpy(images)
    if array.ndim == 4:
        return array
    lam = next(d["lam"] for d in drawn.values() if "lam" in d).reshape(-1, 1, 1, 1)
    return np.asarray(lam * array[:, 0] + (1 - lam) * array[:, 1])


def unnormalized(ops: Sequence[Op], images: NDArray[Any]) -> NDArray[Any]:
    """Return images with the Normalize among the operations undone."""
    for op in ops:
        if isinstance(op, Normalize):
            mean, std = (
                np.array(values, np.float32)[:, None, None] for values in (op.mean, op.std)
            )
            images = images * std + mean
    return images
