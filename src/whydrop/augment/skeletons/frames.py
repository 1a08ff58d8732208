"""Frames: where there is a body, from when to when, and frames picked for each sample."""

from typing import Any

import numpy as np

from whydrop.augment.arrays import in_library_of, is_torch, library_of
from whydrop.augment.op import Ints
from whydrop.augment.skeletons.op import Skeletons


def bodies(skeletons: Skeletons) -> Any:
    """Return bool (n, t, m), in the skeletons' library: whether there is a body.

    One joint may well be at the origin; a body of which all are is none.
    """
    joints = (skeletons != 0).any(1)  # (n, t, v, m)
    return contiguous(joints.swapaxes(2, 3)).any(3)


def spans(skeletons: Skeletons) -> tuple[Ints, Ints]:
    """Return the first frame with a body, and how many there are up to the last one.

    Returns:
        int64 (n,) each, in main memory; 0 and 0 for a sample without any body. Empty frames
        between two that are not belong to the span.
    """
    seen = bodies(skeletons).any(2)
    array = np.asarray(seen.cpu() if is_torch(seen) else seen)
    first = array.argmax(axis=1)
    last = array.shape[1] - array[:, ::-1].argmax(axis=1)
    return first.astype(np.int64), np.where(array.any(axis=1), last - first, 0).astype(np.int64)


def picked(skeletons: Skeletons, frames: Ints) -> Skeletons:
    """Return (n, c, k, v, m): for each sample its own k frames.

    Args:
        skeletons: (n, c, t, v, m).
        frames: (n, k), from 0 to t - 1.
    """
    n, axes, t, joints, persons = skeletons.shape
    rows = np.arange(n * axes).reshape(n, axes, 1) * t + frames[:, None]
    flat, at = skeletons.reshape(-1, joints * persons), in_library_of(skeletons, rows.reshape(-1))
    taken = flat.index_select(0, at) if is_torch(flat) else flat.take(at, 0)
    return taken.reshape(n, axes, -1, joints, persons)


def contiguous(skeletons: Skeletons) -> Skeletons:
    """Return skeletons in the order of their axes, without a copy where they are."""
    if library_of(skeletons) is np:
        return np.ascontiguousarray(skeletons)
    return skeletons.contiguous()
