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
    return (skeletons != 0).any(3).any(1)


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
    at = in_library_of(skeletons, frames)
    sample = in_library_of(skeletons, np.arange(len(frames))[:, None])
    return contiguous(skeletons.swapaxes(1, 2)[sample, at].swapaxes(1, 2))


def contiguous(skeletons: Skeletons) -> Skeletons:
    """Return skeletons in the order of their axes, without a copy where they are."""
    if library_of(skeletons) is np:
        return np.ascontiguousarray(skeletons)
    return skeletons.contiguous()
