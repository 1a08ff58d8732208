"""Skeleton sequences of one npz file."""

from collections.abc import Collection
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whydrop.core.errors import DataError, UsageError
from whydrop.training.readers.labels import check_labels
from whydrop.training.readers.npz import Npz, opened_npz
from whydrop.training.readers.sequences import checked_frames, stacked
from whydrop.training.samples import Samples, first_not_finite


def read_skeletons(
    path: Path | str,
    *,
    frames: int | None = None,
    subjects: Collection[int] | None = None,
    drop_lost: bool = False,
) -> Samples:
    """Return sequences (n, c, t, v, m) float32 and labels of a skeleton npz.

    The file holds ``frames`` (all frames of all sequences, v, c, m), ``offsets`` (n + 1; sequence i
    is ``frames[offsets[i]:offsets[i + 1]]``), ``labels`` (n), ``classes`` and, to choose by them,
    ``subjects`` (n). Sequences are filled with zeros, or cut at their end.

    Args:
        path: the file.
        frames: of every sequence; None for those of the longest in the file.
        subjects: numbers of the people whose sequences are read; None for all. Two disjoint
            choices make the usual split between people.
        drop_lost: leave out frames in which all coordinates are zero, where tracking was lost, and
            sequences of nothing else.

    Raises:
        UsageError: no such file or array; nobody of these subjects.
        DataError: damage; parts that do not fit each other; a number that is not finite; a class or
            a sequence that is empty.
    """
    with opened_npz(path) as file:
        coordinates = _coordinates(file)
        offsets = _offsets(file, len(coordinates))
        labels, classes = _labels(file, len(offsets) - 1)
        chosen = np.ones(len(labels), dtype=bool)
        if subjects is not None:
            chosen = _of_subjects(file, len(labels), subjects)
    sequences = [coordinates[a:b] for a, b in pairwise(offsets)]
    if drop_lost:
        sequences = [sequence[sequence.any(axis=(1, 2, 3))] for sequence in sequences]
        chosen &= np.array([len(sequence) > 0 for sequence in sequences])
        if not chosen.any():
            what = "all frames of all sequences are zero"
            raise DataError(what, where=f"{path} (frames), entry 0", do="read another file")
    length = checked_frames(frames, max(map(len, sequences)))
    kept = [sequence for sequence, keep in zip(sequences, chosen, strict=True) if keep]
    return Samples(stacked(kept, length), labels[chosen], classes)


def _coordinates(file: Npz) -> NDArray[np.float32]:
    array, where = file.read("frames"), file.where("frames")
    if array.dtype.kind != "f" or array.ndim != 4 or 0 in array.shape:
        raise DataError(
            f"frames is {array.dtype} of shape {array.shape}",
            where=where,
            do="save floats (frames, joints, coordinates, bodies)",
        )
    with np.errstate(over="ignore"):
        array = array.astype(np.float32, copy=False)
    first = first_not_finite(array)
    if first is not None:
        what = f"frame {first:,} holds a number that is NaN or infinite"
        do = "save zeros where tracking was lost"
        raise DataError(what, where=f"{where}, entry {first:,}", do=do)
    return array


def _offsets(file: Npz, total: int) -> NDArray[Any]:
    offsets, where = file.read("offsets"), file.where("offsets")
    do = "offsets rise from 0 to the number of frames, one more than there are sequences"
    if offsets.dtype.kind not in "iu" or offsets.ndim != 1 or len(offsets) < 2:
        what = f"offsets is {offsets.dtype} of shape {offsets.shape}"
        raise DataError(what, where=where, do=do)
    offsets = offsets.astype(np.int64)
    falls = np.flatnonzero(offsets[1:] <= offsets[:-1])
    if offsets[0] != 0 or len(falls) or offsets[-1] != total:
        i = 0 if offsets[0] != 0 else int(falls[0]) + 1 if len(falls) else len(offsets) - 1
        what = f"offset {i:,} is {offsets[i]:,}, of {total:,} frames"
        raise DataError(what, where=f"{where}, entry {i:,}", do=do)
    return offsets


def _labels(file: Npz, n: int) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    labels, names, where = file.read("labels"), file.read("classes"), file.where("labels")
    if labels.dtype.kind not in "iu" or labels.shape != (n,):
        raise DataError(
            f"labels is {labels.dtype} of shape {labels.shape} for {n:,} sequences",
            where=where,
            do="save one whole class number a sequence",
        )
    classes = tuple(map(str, names.ravel().tolist()))
    if names.dtype.kind != "U" or not classes or len(set(classes)) < len(classes):
        raise DataError(
            f"classes is {names.dtype} of shape {names.shape}, or names a class twice",
            where=file.where("classes"),
            do="save one text a class",
        )
    check_labels(labels, classes, at=lambda i: f"{where}, entry {i:,}", every_class=True)
    return labels.astype(np.int64), classes


def _of_subjects(file: Npz, n: int, subjects: Collection[int]) -> NDArray[np.bool_]:
    found = file.read("subjects")
    if found.dtype.kind not in "iu" or found.shape != (n,):
        raise DataError(
            f"subjects is {found.dtype} of shape {found.shape} for {n:,} sequences",
            where=file.where("subjects"),
            do="save one whole number a sequence",
        )
    unknown = sorted(set(subjects) - set(found.tolist()))
    if unknown or not subjects:
        raise UsageError(
            f"there is no subject {unknown[0]}" if unknown else "no subject is given",
            where=str(file.path),
            do=f"choose from {', '.join(map(str, sorted(set(found.tolist()))))}",
        )
    return np.isin(found, list(subjects))
