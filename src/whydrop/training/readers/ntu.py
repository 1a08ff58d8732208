"""NTU RGB+D skeletons, from the text files in which the data set is distributed."""

import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from whydrop.core.errors import DataError, UsageError
from whydrop.training.readers.files import MIB, Files, FolderFiles, opened
from whydrop.training.readers.sequences import Floats, checked_frames, stacked
from whydrop.training.readers.skeleton_text import MOST_BODIES, read_skeleton_text
from whydrop.training.samples import Samples

FILE_LIMIT_BYTES = 64 * MIB
FRAMES = 300  # the longest sequence of NTU RGB+D has as many
# Shahroudy et al. (2016), section 4.3: who is trained on in the cross-subject evaluation.
CROSS_SUBJECT = (1, 2, 4, 5, 8, 9, 13, 14, 15, 16, 17, 18, 19, 25, 27, 28, 31, 34, 35, 38)
CROSS_VIEW = (2, 3)  # and which cameras in the cross-view evaluation

_NAME = re.compile(r"S\d{3}C(?P<camera>\d{3})P(?P<subject>\d{3})R\d{3}A(?P<action>\d{3})\.skeleton")


class Recording(NamedTuple):
    """What the name of a file tells: setup, camera, person, repetition, action."""

    file: str
    camera: int
    subject: int
    action: str


def read_ntu(
    path: Path | str | Sequence[Path | str],
    *,
    frames: int = FRAMES,
    bodies: int = 2,
    subjects: Collection[int] | None = None,
    cameras: Collection[int] | None = None,
    leave_out: Collection[str] = (),
) -> Samples:
    """Return sequences (n, 3, frames, 25, bodies) float32 in metres, sorted by file name.

    Of each recording the bodies that move most are kept, the liveliest first; a place without a
    body is zero. The classes are the actions of all files, "A001" and so on, whichever subjects and
    cameras are read, so that the parts of a split number them alike.

    Args:
        path: a folder or a zip with ``SsssCcccPpppRrrrAaaa.skeleton`` files at any depth, or a list
            of such files.
        frames: of every sequence: a longer one is cut at its end, a shorter one filled with zeros.
        bodies: kept of each recording, 1 to 6.
        subjects: read only these people, such as `CROSS_SUBJECT`; None for all.
        cameras: read only these, such as `CROSS_VIEW`; None for all.
        leave_out: names such as "S001C002P005R002A008", as the authors list those without a body.

    Raises:
        UsageError: no such file; nothing of these subjects and cameras.
        DataError: another name or layout; two files of one name; a recording without a body.

    Source: Shahroudy et al. (2016), NTU RGB+D, CVPR, and the reader its authors publish; which
    bodies are kept: Shi et al. (2019), Two-stream adaptive graph convolutional networks, CVPR, by
    the spread of the coordinates (code of its authors).
    """
    if isinstance(bodies, bool) or not isinstance(bodies, int) or not 1 <= bodies <= MOST_BODIES:
        what = f"bodies is {bodies!r}"
        raise UsageError(what, where="read_ntu", do=f"give 1 to {MOST_BODIES}")
    length = checked_frames(frames, frames)
    with _opened(path) as files:
        found = _recordings(files, frozenset(leave_out))
        classes = tuple(sorted({recording.action for recording in found}))
        chosen = [
            recording
            for recording in found
            if (subjects is None or recording.subject in subjects)
            and (cameras is None or recording.camera in cameras)
        ]
        if not chosen:
            raise UsageError(
                "no recording is of these subjects and cameras",
                where=str(files.path),
                do=f"there are subjects {_numbers(x.subject for x in found)} and cameras "
                f"{_numbers(x.camera for x in found)}",
            )
        sequences = []
        for recording in chosen:
            where = files.where(recording.file)
            everyone = read_skeleton_text(files.read(recording.file, FILE_LIMIT_BYTES), where)
            sequences.append(_liveliest(everyone, bodies, length, where))
    labels = np.array([classes.index(recording.action) for recording in chosen], dtype=np.int64)
    return Samples(stacked(sequences, length), labels, classes)


@contextmanager
def _opened(path: Path | str | Sequence[Path | str]) -> Iterator[Files]:
    if isinstance(path, (Path, str)) and Path(path).suffix != ".skeleton":
        with opened(path) as files:
            yield files
        return
    listed = [Path(path)] if isinstance(path, (Path, str)) else [Path(file) for file in path]
    yield FolderFiles(listed[0].parent if listed else Path(), listed)


def _recordings(files: Files, leave_out: frozenset[str]) -> list[Recording]:
    found: dict[str, Recording] = {}
    for file in files.names:
        name = PurePosixPath(file).name
        if not name.endswith(".skeleton") or name.removesuffix(".skeleton") in leave_out:
            continue
        match = _NAME.fullmatch(name)
        if match is None:
            raise DataError(
                f"the name {name!r} does not tell the action",
                where=files.where(file),
                do="name it as NTU RGB+D does, such as S001C001P001R001A001.skeleton",
            )
        if name in found:
            raise DataError(
                f"two files have the name {name!r}",
                where=f"{files.where(found[name].file)} and {files.where(file)}",
                do="take one of them away",
            )
        found[name] = Recording(
            file, int(match["camera"]), int(match["subject"]), f"A{match['action']}"
        )
    if not found:
        raise DataError(
            "there is no .skeleton file", where=str(files.path), do="give those of NTU RGB+D"
        )
    return [found[name] for name in sorted(found)]


def _liveliest(everyone: NDArray[np.float64], bodies: int, frames: int, where: str) -> Floats:
    """Return (t, 25, 3, bodies): of (t, 25, 3, 6) the bodies whose coordinates spread most."""
    seen = everyone.sum(axis=(1, 2)) != 0  # (t, 6)
    if not seen.any():
        raise DataError(
            f"none of {len(everyone):,} frames has a body",
            where=where,
            do="name the file in leave_out: the authors list those without a skeleton",
        )
    spread = [
        everyone[seen[:, m], :, :, m].std(axis=(0, 1)).sum() if seen[:, m].any() else 0.0
        for m in range(everyone.shape[3])
    ]
    order = np.argsort(-np.array(spread), kind="stable")[:bodies]
    return everyone[:frames, :, :, order].astype(np.float32)


def _numbers(values: Iterator[int]) -> str:
    return ", ".join(map(str, sorted(set(values))))
