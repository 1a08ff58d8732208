"""Arrays out of an npz file: its headers are read as text, and no object is ever built."""

import math
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whydrop.core.errors import DataError, UsageError
from whydrop.core.phrase import listed
from whydrop.training.readers.files import GIB, ZipFiles, require_file

LIMIT_BYTES = 4 * GIB
MOST_AXES = 16
# NEP 1: magic, version, length of the header (2 bytes in version 1, 4 since), header, numbers.
_MAGIC = b"\x93NUMPY"
_HEADER = re.compile(
    r"\{'descr': '(?P<dtype>[<>|=]?[a-zA-Z]\d{0,6})', "
    r"'fortran_order': (?P<fortran>True|False), "
    r"'shape': \((?P<shape>(?:\d{1,18}(?:, ?\d{1,18})*,?)?)\), ?\} *\n?"
)
_PLAIN = re.compile(r"[<>|=]?(?:[iu][1248]|f[248]|b1|[SU]\d+)")


class Npz:
    """The arrays of one npz file by name."""

    def __init__(self, files: ZipFiles) -> None:
        self._files = files
        self.path = files.path
        self.names = tuple(name.removesuffix(".npy") for name in files.names)

    def where(self, name: str) -> str:
        """Return where an array is, for an error."""
        return self._files.where(f"{name}.npy")

    def read(self, name: str) -> NDArray[Any]:
        """Return an array that owns its memory, in the byte order of this machine.

        Raises:
            UsageError: there is no such array.
            DataError: it is damaged, holds Python objects or records, or is above 4 GiB.
        """
        if f"{name}.npy" not in self._files.names:
            raise UsageError(
                f"there is no array {name!r}",
                where=str(self.path),
                do=f"the file holds {listed(sorted(self.names)[:20]) or 'nothing'}",
            )
        return _array(self._files.read(f"{name}.npy", LIMIT_BYTES), self.where(name))


@contextmanager
def opened_npz(path: Path | str) -> Iterator[Npz]:
    """Yield the arrays of an npz file.

    Raises:
        UsageError: there is no such file.
        DataError: it is not a zip.
    """
    path = Path(path)
    require_file(path)
    with ZipFiles(path) as files:
        yield Npz(files)


def _array(raw: bytes, where: str) -> NDArray[Any]:
    text, start = _header(raw, where)
    match = _HEADER.fullmatch(text)
    kind = match["dtype"] if match else ""
    if match is None or not _PLAIN.fullmatch(kind):
        objects = "|O" in text
        raise DataError(
            "the array holds Python objects" if objects else f"the header is {text!r:.100}",
            where=where,
            do="save numbers or texts: objects would have to be unpickled, which runs code"
            if objects
            else "save it again with numpy.savez",
        )
    dtype = np.dtype(kind)
    shape = tuple(int(length) for length in re.findall(r"\d+", match["shape"]))
    size_bytes = math.prod(shape) * dtype.itemsize
    if len(shape) > MOST_AXES or size_bytes != len(raw) - start:
        raise DataError(
            f"shape {shape} of {kind} takes {size_bytes:,} bytes, {len(raw) - start:,} are there",
            where=f"{where}, byte {start:,} in it",
            do="get the file again, or save it again with numpy.savez",
        )
    flat: NDArray[Any] = np.frombuffer(raw, dtype, offset=start)
    array = flat.reshape(shape, order="F" if match["fortran"] == "True" else "C")
    return array.astype(dtype.newbyteorder("="), order="C", copy=True)


def _header(raw: bytes, where: str) -> tuple[str, int]:
    """Return the text that describes an array, and where its numbers start."""
    wide = 4 if raw[6:7] in (b"\2", b"\3") else 2
    start = 8 + wide
    length = int.from_bytes(raw[8:start], "little")
    if not raw.startswith(_MAGIC) or raw[6:7] not in (b"\1", b"\2", b"\3") or length > 10_000:
        raise DataError(
            f"the array begins with {raw[:12].hex(' ') or 'nothing'}",
            where=where,
            do="give a file of numpy.savez: each array in it begins with 93 NUMPY",
        )
    if len(raw) < start + length:
        what = f"the array ends inside its header of {length:,} bytes"
        raise DataError(what, where=f"{where}, byte {len(raw):,} in it", do="get the file again")
    return raw[start : start + length].decode("latin-1"), start + length
