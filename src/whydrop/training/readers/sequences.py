"""Skeletons: sequences of any length made one array."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from whydrop.core.errors import UsageError
from whydrop.training.readers.files import GIB, MEMORY_BYTES

Floats = NDArray[np.float32]


def are_coordinates(values: ArrayLike) -> bool:
    """Return whether float32 holds all of these numbers: none is NaN, infinite or beyond."""
    return bool((np.abs(np.asarray(values)) <= np.finfo(np.float32).max).all())


def stacked(sequences: Sequence[Floats], frames: int) -> Floats:
    """Return sequences (t, v, c, m) as one array (n, c, frames, v, m), the layout of NTU networks.

    A sequence that is too long is cut at its end, one that is too short is filled with zeros.

    Raises:
        UsageError: the array would take more than 16 GiB.
    """
    _, joints, coordinates, bodies = sequences[0].shape
    shape = (len(sequences), coordinates, frames, joints, bodies)
    size_bytes = 4 * math.prod(shape)
    if size_bytes > MEMORY_BYTES:
        raise UsageError(
            f"{len(sequences):,} sequences of {frames:,} frames take {size_bytes / GIB:,.1f} GiB",
            where="memory for skeletons",
            do=f"give fewer frames: at most {MEMORY_BYTES // GIB} GiB are taken",
        )
    array = np.zeros(shape, dtype=np.float32)
    for i, sequence in enumerate(sequences):
        kept = sequence[:frames]
        array[i, :, : len(kept)] = kept.transpose(2, 0, 1, 3)
    return array


def checked_frames(frames: int | None, longest: int) -> int:
    """Return how many frames each sequence gets: those of the longest for None.

    Raises:
        UsageError: fewer than one.
    """
    if frames is None:
        return longest
    if isinstance(frames, bool) or not isinstance(frames, int) or frames < 1:
        raise UsageError(f"frames is {frames!r}", where="frames", do="give 1 or more, or None")
    return frames
