"""Labels and splits as files state them, checked."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whydrop.core.errors import DataError, UsageError
from whydrop.core.phrase import listed


def check_labels(
    labels: NDArray[Any],
    classes: Sequence[str],
    *,
    at: Callable[[int], str],
    every_class: bool,
) -> None:
    """Check that labels are numbers of classes.

    Args:
        labels: (n,) whole numbers, n at least 1.
        classes: their names.
        at: where the label of a sample is, by the sample's position.
        every_class: each class must have a sample; asked of what is trained on.

    Raises:
        DataError: a label outside the classes; an empty class.
    """
    wrong = (labels < 0) | (labels >= len(classes))
    if wrong.any():
        first = int(np.argmax(wrong))
        raise DataError(
            f"the label of sample {first:,} is {labels[first]}, with {len(classes)} classes",
            where=at(first),
            do=f"labels go from 0 to {len(classes) - 1}: get the file again or name all classes",
        )
    empty = np.flatnonzero(np.bincount(labels.astype(np.int64), minlength=len(classes)) == 0)
    if every_class and len(empty):
        raise DataError(
            f"no sample is of class {classes[empty[0]]!r}"
            + (f" and {len(empty) - 1:,} more" if len(empty) > 1 else ""),
            where=at(0),
            do="leave out classes without samples, and number the others from 0",
        )


def check_split(split: str, known: Iterable[str], where: str) -> None:
    """Check the name of a part of a data set.

    Raises:
        UsageError: there is no such part.
    """
    names = [f'"{name}"' for name in known]
    if split.join('""') not in names:
        raise UsageError(f"split is {split!r}", where=where, do=f"give {listed(names, 'or')}")
