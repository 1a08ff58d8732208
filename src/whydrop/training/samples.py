"""Samples: inputs with their labels and the names of the classes."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from whydrop.core.errors import UsageError
from whydrop.core.phrase import listed


@dataclass(frozen=True, eq=False, repr=False)
class Samples:
    """Labelled samples, decoded and in memory or mapped from a file.

    Args:
        inputs: images (n, c, h, w) uint8 from 0 to 255; skeletons (n, c, t, v, m) float32, where t
            are frames, v joints and m bodies; or any other float32 (n, ...).
        labels: (n,) whole numbers from 0 to len(classes) - 1; kept as int64.
        classes: the name of each label.

    Raises:
        UsageError: another shape or dtype; a label without a class; two classes of one name; no
            sample; an input that is not a finite number.

    Example:
        >>> images = np.zeros((3, 1, 2, 2), np.uint8)
        >>> samples = Samples(images, np.array([0, 1, 1]), ("cat", "dog"))
        >>> len(samples), samples.counts.tolist()
        (3, [1, 2])
        >>> print(samples)
        3 samples of 1 x 2 x 2, uint8; 2 classes of 1 to 2
    """

    inputs: NDArray[Any]
    labels: NDArray[np.int64]
    classes: tuple[str, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "classes", _checked_classes(self.classes))
        _check_inputs(self.inputs)
        labels = _checked_labels(self.labels, len(self.inputs), len(self.classes))
        object.__setattr__(self, "labels", labels)

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def counts(self) -> NDArray[np.int64]:
        """Return how many samples each class has, (classes,)."""
        return np.bincount(self.labels, minlength=len(self.classes)).astype(np.int64)

    @property
    def are_skeletons(self) -> bool:
        """Whether inputs have the axes of skeletons, (n, c, t, v, m)."""
        return self.inputs.ndim == 5 and self.inputs.dtype == np.float32

    def part(self, index: ArrayLike) -> "Samples":
        """Return a copy of some samples, in the order of the index; the classes stay.

        Args:
            index: positions from 0 to n - 1, or (n,) booleans.

        Raises:
            UsageError: no sample, or one that does not exist.
        """
        chosen = _checked_index(index, len(self))
        return Samples(self.inputs[chosen], self.labels[chosen], self.classes)

    def only(self, classes: Sequence[str]) -> "Samples":
        """Return a copy of the samples of some classes, numbered in the order they are given.

        Raises:
            UsageError: a class that is not there.

        Example:
            >>> digits = Samples(np.zeros((4, 1), np.float32), [3, 7, 3, 1], tuple("01234567"))
            >>> digits.only(["7", "3"]).labels.tolist()
            [1, 0, 1]
        """
        unknown = [name for name in classes if name not in self.classes]
        if unknown or not classes:
            raise UsageError(
                f"there is no class {listed([repr(name) for name in unknown], 'or')}"
                if unknown
                else "no class is given",
                where="classes of Samples.only",
                do=f"choose from {_shortened(self.classes)}",
            )
        new = np.full(len(self.classes), -1, dtype=np.int64)
        new[[self.classes.index(name) for name in classes]] = np.arange(len(classes))
        labels = new[self.labels]
        if not (labels >= 0).any():
            raise UsageError(
                f"no sample is of {listed([repr(name) for name in classes], 'or')}",
                where="classes of Samples.only",
                do="choose classes that have samples: see Samples.counts",
            )
        return Samples(self.inputs[labels >= 0], labels[labels >= 0], tuple(classes))

    def __str__(self) -> str:
        shape = " x ".join(map(str, self.inputs.shape[1:]))
        low, high = int(self.counts.min()), int(self.counts.max())
        sizes = f"{low:,}" if low == high else f"{low:,} to {high:,}"
        return (
            f"{len(self):,} sample{'s' * (len(self) != 1)} of {shape}, {self.inputs.dtype}; "
            f"{len(self.classes):,} class{'es' * (len(self.classes) != 1)} of {sizes}"
        )

    def __repr__(self) -> str:
        return f"<Samples: {self}>"


def _checked_classes(classes: Any) -> tuple[str, ...]:
    where = "classes of Samples"
    many = isinstance(classes, Iterable) and not isinstance(classes, str)
    if not many or not all(isinstance(name, str) for name in classes):
        raise UsageError(f"classes are {classes!r:.80}", where=where, do="give a name for each")
    names = tuple(str(name) for name in classes)  # NumPy's strings become Python's
    name, times = Counter(names).most_common(1)[0] if names else ("", 0)
    if times > 1:
        what = f"{times} classes have the name {name!r}"
        raise UsageError(what, where=where, do="give each its own name")
    return names


def _check_inputs(inputs: Any) -> None:
    where = "inputs of Samples"
    if not isinstance(inputs, np.ndarray):
        what = f"inputs are {type(inputs).__name__}"
        raise UsageError(what, where=where, do="give a NumPy array")
    if inputs.ndim < 2 or 0 in inputs.shape:
        raise UsageError(
            f"inputs have shape {inputs.shape}",
            where=where,
            do="give (n, ...) with at least one sample, images as (n, c, h, w)",
        )
    if inputs.dtype not in (np.uint8, np.float32):
        raise UsageError(
            f"inputs are {inputs.dtype}",
            where=where,
            do="give images as uint8 from 0 to 255, all else as float32",
        )
    first = first_not_finite(inputs)
    if first is not None:
        what = f"sample {first:,} holds a number that is NaN or infinite"
        raise UsageError(what, where=where, do="mend it or leave the sample out")


def first_not_finite(array: NDArray[Any]) -> int | None:
    """Return the position of the first entry that holds NaN or infinity, if one does."""
    # NaN passes through min and max; only then is an array of flags worth its memory.
    if array.dtype.kind != "f" or (np.isfinite(array.min()) and np.isfinite(array.max())):
        return None
    return next(i for i, entry in enumerate(array) if not np.isfinite(entry).all())


def _checked_labels(labels: Any, n: int, classes: int) -> NDArray[np.int64]:
    where = "labels of Samples"
    labels = np.asarray(labels)
    if labels.shape != (n,):
        what = f"labels have shape {labels.shape} for {n:,} inputs"
        raise UsageError(what, where=where, do="give one label an input")
    if labels.dtype.kind not in "iu":
        what = f"labels are {labels.dtype}"
        raise UsageError(what, where=where, do="give whole class numbers, from 0")
    low, high = int(labels.min()), int(labels.max())
    if low < 0 or high >= classes:
        raise UsageError(
            f"labels go from {low} to {high} with {classes:,} classes",
            where=where,
            do=f"number the classes from 0 to {classes - 1}, or name those that are missing",
        )
    whole: NDArray[np.int64] = labels.astype(np.int64, copy=False)
    return whole


def _checked_index(index: ArrayLike, n: int) -> NDArray[np.int64]:
    where = "index of Samples.part"
    chosen = np.asarray(index)
    if chosen.dtype == bool and chosen.shape == (n,):
        chosen = np.flatnonzero(chosen)
    if chosen.ndim != 1 or chosen.size == 0 or chosen.dtype.kind not in "iu":
        raise UsageError(
            f"the index is {chosen.dtype} of shape {chosen.shape}, for {n:,} samples",
            where=where,
            do="give the positions of one sample or more, or one boolean a sample",
        )
    low, high = int(chosen.min()), int(chosen.max())
    if low < 0 or high >= n:
        what = f"positions go from {low} to {high}"
        raise UsageError(what, where=where, do=f"give positions from 0 to {n - 1}")
    return chosen.astype(np.int64, copy=False)


def _shortened(names: Sequence[str]) -> str:
    shown = [repr(name) for name in names[:10]]
    return ", ".join(shown) + (f" and {len(names) - 10:,} more" if len(names) > 10 else "")
