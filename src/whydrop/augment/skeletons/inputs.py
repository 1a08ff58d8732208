"""The skeletons that a pipeline accepts, checked once a batch."""

from typing import Any

import numpy as np

from whydrop.augment.arrays import kind, library_of
from whydrop.augment.skeletons.frames import contiguous
from whydrop.augment.skeletons.op import Skeletons
from whydrop.core.errors import UsageError

WHERE = "skeletons of a pipeline"
AXES = "(n, c, t, v, m): samples, coordinates, frames, joints, persons"


def checked(skeletons: Any) -> Skeletons:
    """Return skeletons as float32 in the order of their axes, without a copy where they are so.

    Args:
        skeletons: (n, c, t, v, m) floating, c 2 or 3.

    Raises:
        UsageError: another shape or dtype; axes that look exchanged; no sample; a coordinate
            that is not a finite number.
    """
    if not hasattr(skeletons, "dtype") or not hasattr(skeletons, "shape"):
        what = f"skeletons are {type(skeletons).__name__}"
        raise UsageError(what, where=WHERE, do="give a NumPy array or a PyTorch tensor")
    _check_shape(tuple(skeletons.shape))
    if kind(skeletons) != "float":
        what = f"skeletons are {skeletons.dtype}"
        raise UsageError(what, where=WHERE, do="give coordinates as floats")
    low, high = float(skeletons.min()), float(skeletons.max())
    if not (low >= -_LARGEST and high <= _LARGEST):  # NaN is neither
        what = "NaN" if low != low or high != high else f"{low if -low > high else high:g}"
        raise UsageError(
            f"a coordinate is {what}",
            where=WHERE,
            do="look for it where the files are read; a body that was not tracked is all zeros",
        )
    if library_of(skeletons) is np:
        return np.ascontiguousarray(skeletons, np.float32)
    return contiguous(skeletons.detach().float())


_LARGEST = float(np.finfo(np.float32).max)


def _check_shape(shape: tuple[int, ...]) -> None:
    if len(shape) == 4:
        raise UsageError(
            f"skeletons have shape {shape}",
            where=WHERE,
            do=f"give {AXES}; one person as skeletons[..., None], one sample as skeletons[None]",
        )
    if len(shape) != 5:
        raise UsageError(f"skeletons have shape {shape}", where=WHERE, do=f"give {AXES}")
    if 0 in shape:
        raise UsageError(f"skeletons have shape {shape}", where=WHERE, do="leave out empty batches")
    _, axes, _, joints, persons = shape
    if axes not in (2, 3):
        seen, order = f"{axes} coordinates", ""
        if persons == 3 or (joints, persons) == (1, 2):  # persons are rarely three
            seen, order = "coordinates come last", "0, 4, 1, 2, 3"
        elif joints in (2, 3):
            seen, order = "coordinates come fourth", "0, 3, 1, 2, 4"
        move = f"move them: skeletons.transpose({order}), or permute for a tensor, to "
        raise UsageError(
            f"skeletons have shape {shape}: {seen}",
            where=WHERE,
            do=f"{move if order else 'give '}{AXES}; c is 2 or 3",
        )
    if persons > joints:
        raise UsageError(
            f"skeletons have shape {shape}: {persons} persons of {joints} joints",
            where=WHERE,
            do=f"exchange the last two axes, to {AXES}",
        )
