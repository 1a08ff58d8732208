"""Folder: files that are written once each, so that a killed run can go on where it was.

``manifest.json`` comes first and says what the files are made of. Each file gets its name when it
is whole, and its row in ``manifest.csv.partial`` after that; this becomes ``manifest.csv`` when
all are there. So a folder with ``manifest.csv`` is complete, and one without goes on after the
last row whose file is whole.
"""

import contextlib
import csv
import fcntl
import io
import json
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

from whydrop.core.errors import DataError, UsageError

Progress: TypeAlias = Callable[[int, int], None]  # called with files done and files in all
Row: TypeAlias = Sequence[object]  # the first is the file's name, below the folder
Files: TypeAlias = Iterable[tuple[Row, bytes]]

SETTINGS, MANIFEST = "manifest.json", "manifest.csv"
PARTIAL = ".partial"
QUIET_S = 2.0  # before the first word of progress
PACE_S = 0.5  # between two
FLUSH_S = 1.0  # after which rows are on their way to disk


def write_folder(
    folder: Path,
    settings: Mapping[str, Any],
    header: Sequence[str],
    names: Sequence[str],
    *,
    files_from: Callable[[int], Files],
    is_whole: Callable[[Path], bool],
    progress: Progress | None = None,
) -> int:
    """Return how many files were written; those that were there already are left.

    Args:
        folder: new or empty, or begun with the same settings.
        settings: what the files depend on, plain values; the key "made_by" may differ.
        header: names of the columns of the manifest.
        names: of all files, in order.
        files_from: gives the rows and bytes of the files from a position on.
        is_whole: whether a file is complete.
        progress: called from two seconds on, at most twice a second, and at the end.

    Raises:
        UsageError: the folder holds something else, another process is writing it, or it cannot
            be written.
        DataError: its manifest was damaged.
    """
    with _disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        _claim(folder, settings)
        if (folder / MANIFEST).exists():
            return 0
        partial = folder / (MANIFEST + PARTIAL)
        rows = partial.open("a+b")
    with rows:
        with _disk_errors(folder):
            _lock(rows, folder)
            done = _resume(rows, folder, header, names, is_whole)
        for at in sorted({0, done - 1} if done else ()):
            _check_same(folder, files_from(at))
        _write(rows, folder, files_from(done), _Reported(progress, done, len(names)))
        with _disk_errors(folder):
            rows.flush()
            os.fsync(rows.fileno())
            partial.replace(folder / MANIFEST)
    return len(names) - done


def _claim(folder: Path, settings: Mapping[str, Any]) -> None:
    """Check that a folder is for these settings; if it is empty, say so in it."""
    path = folder / SETTINGS
    if not path.exists():
        found = sorted(entry.name for entry in folder.iterdir() if entry.name != SETTINGS + PARTIAL)
        if found:
            raise UsageError(
                f"the folder is not empty: it holds {', '.join(found[:3])}"
                + (" and more" if len(found) > 3 else ""),
                where=str(folder),
                do="name a new folder, or an empty one",
            )
        _put(path, (json.dumps(settings, indent=1) + "\n").encode())
        return
    try:
        before = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):  # not UTF-8, or not JSON
        before = None
    if not isinstance(before, dict):
        raise DataError("not the settings of an expansion", where=str(path), do=_ANEW)
    now = json.loads(json.dumps(settings))
    changed = sorted(
        key
        for key in {*before, *now} - {"made_by"}
        if key not in before or key not in now or before[key] != now[key]
    )
    if changed:
        raise UsageError(
            f"the folder was begun with other settings: {', '.join(map(str, changed))}",
            where=str(path),
            do=_ANEW,
        )


_ANEW = "name a new folder, or remove this one and begin again"


def _lock(rows: BinaryIO, folder: Path) -> None:
    try:
        fcntl.lockf(rows, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        what = "another process is writing this folder"
        raise UsageError(what, where=str(folder), do="wait for it, or stop it") from error


def _resume(
    rows: BinaryIO,
    folder: Path,
    header: Sequence[str],
    names: Sequence[str],
    is_whole: Callable[[Path], bool],
) -> int:
    """Return how many files are done, and cut the rows of the others off."""
    rows.seek(0)
    expected = _line(header)
    good = rows.readline()
    if good and good != expected and good.endswith(b"\n"):
        path = folder / (MANIFEST + PARTIAL)
        raise DataError("its columns are others", where=str(path), do=_ANEW)
    done, end = 0, len(expected)
    if good == expected:
        for name, line in zip(names, rows, strict=False):
            if not (line.endswith(b"\n") and _name(line) == name and is_whole(folder / name)):
                break
            done, end = done + 1, end + len(line)
        rows.truncate(end)
    else:
        rows.truncate(0)
        rows.write(expected)
        rows.flush()
    return done


def _name(line: bytes) -> str:
    """Return the first column of a row, or "" for what is none."""
    row = next(csv.reader([line.decode("utf-8", "replace")]), [])
    return row[0] if row else ""


def _check_same(folder: Path, files: Files) -> None:
    """Check that the first of some files is as it is on disk: other images make another one."""
    row, content = next(iter(files))
    path = folder / str(row[0])
    if path.read_bytes() != content:
        raise UsageError(
            "this file would be another today: the images, or the programs that make it, changed",
            where=str(path),
            do=_ANEW,
        )


def _write(rows: BinaryIO, folder: Path, files: Files, reported: "_Reported") -> None:
    made: set[Path] = set()
    flushed = time.monotonic()
    for row, content in files:
        path = folder / str(row[0])
        with _disk_errors(folder):
            if path.parent not in made:
                path.parent.mkdir(parents=True, exist_ok=True)
                made.add(path.parent)
            _put(path, content)
            rows.write(_line(row))
            if time.monotonic() - flushed > FLUSH_S:
                rows.flush()
                flushed = time.monotonic()
        reported.one_more()
    reported.end()


def _put(path: Path, content: bytes) -> None:
    """Write a file that has its name only when it is whole."""
    partial = path.with_name(path.name + PARTIAL)
    partial.write_bytes(content)
    partial.replace(path)


def _line(row: Row) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(row)
    return text.getvalue().encode()


class _Reported:
    """Progress told at a pace for people."""

    def __init__(self, progress: Progress | None, done: int, total: int) -> None:
        self._progress = progress
        self._done = done
        self._total = total
        self._next = time.monotonic() + QUIET_S
        self._told = 0

    def one_more(self) -> None:
        self._done += 1
        if time.monotonic() >= self._next:
            self._tell()

    def end(self) -> None:
        if 0 < self._told < self._done:
            self._tell()

    def _tell(self) -> None:
        if self._progress is not None:
            self._progress(self._done, self._total)
        self._told = self._done
        self._next = time.monotonic() + PACE_S


@contextlib.contextmanager
def _disk_errors(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UsageError(
            f"the folder cannot be written: {error.strerror or error}",
            where=str(error.filename or folder),
            do="make room or choose another folder; called again, it goes on where it was",
        ) from error
