"""Unpacked: the bytes of a plain or gzip file, read on and on up to a limit."""

import gzip
import zlib
from pathlib import Path
from typing import IO

from whydrop.core.errors import DataError
from whydrop.training.readers.files import MIB, require_file

GZIP_MAGIC = b"\x1f\x8b"


class Unpacked:
    """A stream over a file, unpacked where it begins as gzip does.

    Args:
        path: the file.
        limit_bytes: the most that is unpacked before the file is refused.

    Raises:
        UsageError: there is no such file.
        DataError: while reading, damage or an end too early; more than the limit.
    """

    def __init__(self, path: Path, *, limit_bytes: int) -> None:
        require_file(path)
        self.path = path
        self.position = 0
        self._limit_bytes = limit_bytes
        try:
            self._file = path.open("rb")
            self.is_gzip = self._file.read(2) == GZIP_MAGIC
            self._file.seek(0)
        except OSError as error:
            what = f"the file cannot be read: {error.strerror}"
            raise DataError(what, where=str(path), do="check the file") from error
        self._stream: IO[bytes] = self._file
        if self.is_gzip:
            self._stream = gzip.GzipFile(fileobj=self._file)  # type: ignore[assignment]

    def __enter__(self) -> "Unpacked":
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()
        self._file.close()

    def read(self, size_bytes: int = -1) -> bytes:
        """Return the next bytes, fewer only at the end of the file; all that are left for -1."""
        pieces = []
        wanted = self._limit_bytes + 1 if size_bytes < 0 else size_bytes
        while wanted > 0:  # in pieces, so that memory holds what is there and not what is claimed
            piece = self._piece(min(wanted, MIB))
            if not piece:
                break
            pieces.append(piece)
            wanted -= len(piece)
        return b"".join(pieces)

    def _piece(self, size_bytes: int) -> bytes:
        try:
            piece = self._stream.read(size_bytes)
        except (EOFError, zlib.error, OSError) as error:
            raise DataError(
                f"the file is damaged or cut off: {error}", where=self.where, do="get it again"
            ) from error
        self.position += len(piece)
        if self.position > self._limit_bytes:
            raise DataError(
                f"the file holds more than {self._limit_bytes:,} bytes",
                where=self.where,
                do="that is the limit for such a file: give the right one",
            )
        return piece

    @property
    def where(self) -> str:
        return self.at(self.position)

    def at(self, position: int) -> str:
        """Return where a byte is, for an error."""
        return f"{self.path}, byte {position:,}" + (" unpacked" if self.is_gzip else "")
