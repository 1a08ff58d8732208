"""Files: those of a folder or of a zip, by name, and no larger than they may be."""

import hashlib
import os
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from whydrop.core.errors import DataError, UsageError

MIB = 1 << 20
GIB = 1 << 30
MEMORY_BYTES = 16 * GIB  # the most that a reader puts into memory
# Text and pictures pack less well than this; a file that unpacks to more is made to fill memory.
RATIO = 200
RATIO_FROM_BYTES = 64 * MIB

# What zipfile and zlib raise on damaged, encrypted or unknown content.
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    RuntimeError,
    NotImplementedError,
    ValueError,
)


class Files(Protocol):
    """Files and folders by name: sorted, "/" between folders, also folders without files."""

    path: Path
    names: tuple[str, ...]
    folders: frozenset[str]

    def read(self, name: str, limit_bytes: int) -> bytes:
        """Return a whole file; a DataError where it is damaged or larger than the limit."""

    def where(self, name: str) -> str:
        """Return where a file is, for an error."""

    def stamp(self) -> str:
        """Return text that changes when a file is added, removed or written."""


@contextmanager
def opened(path: Path | str) -> Iterator[Files]:
    """Yield the files of a folder or a zip.

    Raises:
        UsageError: there is nothing of this name.
        DataError: a file that is not a zip; two files of one name in it.
    """
    path = Path(path)
    if path.is_dir():
        yield FolderFiles(path)
        return
    require_file(path)
    with ZipFiles(path) as files:
        yield files


def require_file(path: Path) -> None:
    """Check that a file is there.

    Raises:
        UsageError: it is not.
    """
    if not path.is_file():
        what = "this is a folder, not a file" if path.is_dir() else "there is no such file"
        raise UsageError(what, where=str(path), do="correct the path")


class FolderFiles:
    """The files below a folder, or a list of files by their full names."""

    def __init__(self, path: Path, listed: Sequence[Path] | None = None) -> None:
        self.path = path
        folders: set[str] = set()
        self._paths: dict[str, Path] = {}
        if listed is not None:
            for file in listed:
                require_file(file)
            self._paths = {file.as_posix(): file for file in listed}
        else:
            seen: set[str] = set()
            for top, below, names in os.walk(path, followlinks=True, onerror=_refuse_folder):
                home = os.path.realpath(top)
                if home in seen:  # a link back, which would lead on for ever
                    below.clear()
                    continue
                seen.add(home)
                below.sort()
                folder = Path(top).relative_to(path)
                folders.update((folder / name).as_posix() for name in below)
                self._paths.update({(folder / n).as_posix(): Path(top, n) for n in names})
        self.names = tuple(sorted(self._paths))
        self.folders = frozenset(folders)

    def read(self, name: str, limit_bytes: int) -> bytes:
        require_file(self._paths[name])  # a pipe of that name would be waited on for ever
        try:
            with self._paths[name].open("rb") as file:
                check_size(os.fstat(file.fileno()).st_size, limit_bytes, self.where(name))
                return file.read()
        except OSError as error:
            what = f"the file cannot be read: {error.strerror}"
            raise DataError(what, where=self.where(name), do="check the file") from error

    def where(self, name: str) -> str:
        return str(self._paths[name])

    def stamp(self) -> str:
        text = repr([(name, _state(self._paths[name])) for name in self.names])
        return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def _state(file: Path) -> tuple[int, int] | None:
    try:
        stat = file.stat()
    except OSError:  # a link to nothing
        return None
    return stat.st_size, stat.st_mtime_ns


def _refuse_folder(error: OSError) -> None:
    what = f"the folder cannot be read: {error.strerror}"
    raise DataError(what, where=str(error.filename), do="check the folder") from error


class ZipFiles:
    """The files in a zip."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._zip = zipfile.ZipFile(path)
        except _BROKEN as error:
            size = path.stat().st_size
            raise DataError(
                f"no zip can be read here: {error}",
                where=f"{path}, byte {size:,} (its end, where a zip lists its files)",
                do="get the file again; it may have been cut off",
            ) from error
        self._entries: dict[str, zipfile.ZipInfo] = {}
        folders: set[str] = set()
        for entry in self._zip.infolist():
            name = entry.filename.removeprefix("./")
            parts = name.rstrip("/").split("/")
            last = len(parts) if entry.is_dir() else len(parts) - 1
            folders.update("/".join(parts[:i]) for i in range(1, last + 1))
            if entry.is_dir():
                continue
            if name in self._entries:
                self._zip.close()
                where = f"{path}, byte {entry.header_offset:,}"
                raise DataError(
                    f"two files have the name {name!r}", where=where, do="make the zip anew"
                )
            self._entries[name] = entry
        self.names = tuple(sorted(self._entries))
        self.folders = frozenset(folders)

    def __enter__(self) -> "ZipFiles":
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    def read(self, name: str, limit_bytes: int) -> bytes:
        entry, where = self._entries[name], self.where(name)
        # The size that the zip states is the most that zipfile unpacks.
        check_size(entry.file_size, limit_bytes, where)
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise DataError(
                f"the file in the zip is packed by method {entry.compress_type}",
                where=where,
                do="make the zip with deflate, the usual method, or with none",
            )
        packed = max(entry.compress_size, 1)
        if entry.file_size > RATIO_FROM_BYTES and entry.file_size > RATIO * packed:
            raise DataError(
                f"{packed:,} bytes unpack to {entry.file_size:,}",
                where=where,
                do=f"pack it at most {RATIO} to 1: more than that looks made to fill the memory",
            )
        try:
            raw = self._zip.read(entry)
        except _BROKEN as error:
            what = f"the file in the zip is damaged: {error}"
            raise DataError(what, where=where, do="get the zip again") from error
        if len(raw) != entry.file_size:
            raise DataError(
                f"{entry.file_size:,} bytes are stated, {len(raw):,} are there",
                where=where,
                do="get the zip again",
            )
        return raw

    def where(self, name: str) -> str:
        return f"{self.path}, byte {self._entries[name].header_offset:,} ({name})"

    def stamp(self) -> str:
        stat = self.path.stat()
        return f"{stat.st_size} {stat.st_mtime_ns}"


def check_size(size_bytes: int, limit_bytes: int, where: str) -> None:
    """Check that a file is no larger than it may be.

    Raises:
        DataError: it is.
    """
    if size_bytes > limit_bytes:
        raise DataError(
            f"{size_bytes:,} bytes or more",
            where=where,
            do=f"at most {limit_bytes:,} are read here: give the right file",
        )
