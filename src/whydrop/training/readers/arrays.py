"""Samples out of the arrays of an npz file."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from whydrop.core.errors import DataError
from whydrop.training.readers.labels import check_labels
from whydrop.training.readers.npz import Npz, opened_npz
from whydrop.training.samples import Samples, first_not_finite

CHANNELS = (1, 3, 4)  # of an image


def read_npz(
    path: Path | str,
    *,
    inputs: str = "images",
    labels: str = "labels",
    classes: str | Sequence[str] = "classes",
    channels: Literal["first", "last"] = "first",
    every_class: bool = True,
) -> Samples:
    """Return samples from two arrays of an npz file, which is never unpickled.

    Args:
        path: the file.
        inputs: name of the array of inputs, such as "x_train". uint8 stays, other floats become
            float32; grey images (n, h, w) uint8 become (n, 1, h, w).
        labels: name of the array of whole class numbers (n,) or (n, 1).
        classes: name of an array of class names; without it the classes are "0", "1", ... Or, for
            a test part, the names themselves: those of the part to train on.
        channels: where the channels of (n, ., ., .) inputs are.
        every_class: each class must have a sample; False for a test part that may miss some.

    Raises:
        UsageError: no such file or array.
        DataError: damage; Python objects; another dtype; a label without a class; no sample.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     file = f"{folder}/small.npz"
        ...     np.savez(file, x=np.zeros((2, 8, 8), np.uint8), y=[0, 1])
        ...     print(read_npz(file, inputs="x", labels="y"))
        2 samples of 1 x 8 x 8, uint8; 2 classes of 1
    """
    with opened_npz(path) as file:
        found = _inputs(file, inputs, channels)
        numbers = file.read(labels)
        where = file.where(labels)
        numbers = numbers[:, 0] if numbers.ndim == 2 and numbers.shape[1] == 1 else numbers
        if numbers.dtype.kind not in "iu" or numbers.shape != (len(found),):
            raise DataError(
                f"{labels} is {numbers.dtype} of shape {numbers.shape} for {len(found):,} inputs",
                where=where,
                do="give one whole class number an input",
            )
        names = (
            _names(file, classes, int(numbers.max()))
            if isinstance(classes, str)
            else tuple(classes)
        )
    check_labels(numbers, names, at=lambda i: f"{where}, entry {i:,}", every_class=every_class)
    return Samples(found, numbers.astype(np.int64), names)


def _inputs(file: Npz, name: str, channels: str) -> NDArray[Any]:
    array, where = file.read(name), file.where(name)
    if array.ndim < 2 or 0 in array.shape:
        raise DataError(
            f"{name} has shape {array.shape}", where=where, do="save (n, ...) with samples"
        )
    if array.dtype.kind == "f":
        with np.errstate(over="ignore"):
            array = array.astype(np.float32, copy=False)
        first = first_not_finite(array)
        if first is not None:
            what = f"input {first:,} holds a number that is NaN or infinite"
            raise DataError(what, where=f"{where}, entry {first:,}", do="mend it or leave it out")
    elif array.dtype != np.uint8:
        what = f"{name} is {array.dtype}"
        raise DataError(what, where=where, do="save images as uint8, all else as float32")
    if array.ndim == 3 and array.dtype == np.uint8:
        return array[:, None]
    if array.ndim != 4:
        return array
    said, other = (1, 3) if channels == "first" else (3, 1)
    if array.shape[other] in CHANNELS and array.shape[said] > max(CHANNELS):
        seen = "last" if channels == "first" else "first"
        raise DataError(
            f"{name} has shape {array.shape}: channels come {seen}",
            where=where,
            do=f'say so: channels="{seen}"',
        )
    return array if channels == "first" else np.ascontiguousarray(array.transpose(0, 3, 1, 2))


def _names(file: Npz, name: str, highest: int) -> tuple[str, ...]:
    if name not in file.names:
        # More classes than that are labels of something else, and a list of their names no help.
        return tuple(map(str, range(min(max(highest, 0), 100_000) + 1)))
    names = file.read(name)
    if names.dtype.kind not in "US" or names.ndim != 1 or len(set(names.tolist())) < len(names):
        raise DataError(
            f"{name} is {names.dtype} of shape {names.shape}, or names a class twice",
            where=file.where(name),
            do="save one text a class",
        )
    return tuple(x.decode() if isinstance(x, bytes) else x for x in names.tolist())
