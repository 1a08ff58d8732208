"""SBU Kinect Interaction: two people, from the text files in which it is distributed."""

import re
from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple

import numpy as np

from whydrop.core.errors import DataError, UsageError
from whydrop.training.readers.files import MIB, Files, opened
from whydrop.training.readers.sequences import Floats, are_coordinates, checked_frames, stacked
from whydrop.training.samples import Samples

FILE_LIMIT_BYTES = 16 * MIB
JOINTS, BODIES = 15, 2
VALUES = 1 + BODIES * JOINTS * 3  # the number of the frame before them

_NAME = re.compile(r"(?:.*/)?(?P<pair>s\d\ds\d\d)/(?P<action>\d\d)/\d{3}/skeleton_pos\.txt")


class Recording(NamedTuple):
    """What the folders of a file tell."""

    file: str
    pair: str
    action: str


def read_sbu(
    path: Path | str, *, frames: int | None = None, pairs: Collection[str] | None = None
) -> Samples:
    """Return sequences (n, 3, t, 15, 2) float32, as normalised as the files hold them.

    The classes are the numbers of the action folders, "01" to "08", of all pairs, whichever are
    read.

    Args:
        path: a folder or a zip with ``s01s02/01/001/skeleton_pos.txt`` and so on at any depth: who,
            which action, which repetition.
        frames: of every sequence; None for those of the longest. A longer one is cut at its end, a
            shorter one filled with zeros.
        pairs: read only these, such as {"s01s02", "s03s04"}; None for all.

    Raises:
        UsageError: no such folder or pair.
        DataError: no file of this layout; a line of other values; two files of one recording.

    Source: Yun et al. (2012), Two-person interaction detection using body-pose features and
    multiple instance learning, CVPR workshops.
    """
    with opened(path) as files:
        found = _recordings(files)
        known = sorted({recording.pair for recording in found})
        unknown = sorted(set(pairs or ()) - set(known))
        if unknown or (pairs is not None and not pairs):
            raise UsageError(
                f"there is no pair {unknown[0]!r}" if unknown else "no pair is given",
                where=str(path),
                do=f"choose from {', '.join(known)}",
            )
        sequences = [
            read_skeleton_pos(files.read(x.file, FILE_LIMIT_BYTES), files.where(x.file))
            for x in found
        ]
    length = checked_frames(frames, max(map(len, sequences)))
    classes = tuple(sorted({recording.action for recording in found}))
    chosen = [i for i, recording in enumerate(found) if pairs is None or recording.pair in pairs]
    labels = np.array([classes.index(found[i].action) for i in chosen], dtype=np.int64)
    return Samples(stacked([sequences[i] for i in chosen], length), labels, classes)


def read_skeleton_pos(raw: bytes, where: str) -> Floats:
    """Return the joints (t, 15, 3, 2) of one ``skeleton_pos.txt``.

    Args:
        raw: the file: a line a frame, its number and 2 x 15 x 3 coordinates between commas.
        where: its name, for errors.

    Raises:
        DataError: anything else, with its line.
    """
    rows = []
    for i, line in enumerate(raw.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            row = [float(word) for word in line.decode("ascii").rstrip(", ").split(",")]
        except ValueError as error:  # also of bytes that are no text
            raise _refuse(f"the line holds {line[:60]!r}", f"{where}, line {i:,}") from error
        if len(row) != VALUES:
            raise _refuse(f"the line holds {len(row)} values", f"{where}, line {i:,}")
        if not are_coordinates(row):
            raise _refuse("a number is NaN, infinite or too large", f"{where}, line {i:,}")
        rows.append(row[1:])
    if not rows:
        raise _refuse("the file holds no frame", f"{where}, line 1")
    joints = np.array(rows, dtype=np.float32).reshape(-1, BODIES, JOINTS, 3)
    return joints.transpose(0, 2, 3, 1)


def _recordings(files: Files) -> list[Recording]:
    found: dict[str, Recording] = {}
    for file in files.names:
        match = _NAME.fullmatch(file)
        if match is None:
            continue
        name = "/".join(file.split("/")[-4:])
        if name in found:
            raise DataError(
                f"two files are of the recording {name!r}",
                where=f"{files.where(found[name].file)} and {files.where(file)}",
                do="take one of them away",
            )
        found[name] = Recording(file, match["pair"], match["action"])
    if not found:
        raise DataError(
            "there is no file such as s01s02/01/001/skeleton_pos.txt",
            where=str(files.path),
            do="give the folder above those of the pairs",
        )
    return [found[name] for name in sorted(found)]


def _refuse(what: str, where: str) -> DataError:
    do = f"a line has {VALUES} numbers between commas: get the file again"
    return DataError(what, where=where, do=do)
