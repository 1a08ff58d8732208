"""One array in the idx format, as MNIST is distributed."""

import math
import struct
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whydrop.core.errors import DataError
from whydrop.training.readers.files import GIB
from whydrop.training.readers.unpacked import Unpacked

LIMIT_BYTES = 4 * GIB
MOST_AXES = 8
# The third byte of the magic number; numbers are big-endian. Source: LeCun, Cortes and Burges,
# the page of the MNIST database, "the idx file format".
DTYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}


def read_idx(path: Path | str) -> NDArray[Any]:
    """Return the array of an idx file, plain or gzip, in the byte order of this machine.

    Raises:
        UsageError: there is no such file.
        DataError: not an idx file, cut off, longer than its header says, or above 4 GiB.
    """
    with Unpacked(Path(path), limit_bytes=LIMIT_BYTES) as stream:
        dtype, shape = _header(stream)
        start, size_bytes = stream.position, math.prod(shape) * dtype.itemsize
        if size_bytes > LIMIT_BYTES - start:
            raise DataError(
                f"the header asks for {size_bytes:,} bytes: shape {shape}",
                where=stream.at(4),
                do=f"at most {LIMIT_BYTES:,} are read: get the file again",
            )
        raw = stream.read(size_bytes)
        if len(raw) < size_bytes:
            raise DataError(
                f"the file ends after {len(raw):,} of {size_bytes:,} bytes of shape {shape}",
                where=stream.where,
                do="get the file again",
            )
        if stream.read(1):
            raise DataError(
                f"bytes follow the array of shape {shape}",
                where=stream.at(start + size_bytes),
                do="get the file again",
            )
    array = np.frombuffer(raw, dtype).reshape(shape)
    return array.astype(dtype.newbyteorder("="), copy=True)


def _header(stream: Unpacked) -> tuple[np.dtype[Any], tuple[int, ...]]:
    magic = stream.read(4)
    known = len(magic) == 4 and magic[:2] == b"\0\0" and magic[2] in DTYPES
    if not known or not 1 <= magic[3] <= MOST_AXES:
        raise DataError(
            f"the file begins with {magic.hex(' ') or 'nothing'}",
            where=stream.at(0),
            do=f"give an idx file: 00 00, a type from 08 to 0e, and 1 to {MOST_AXES} axes",
        )
    axes = stream.read(4 * magic[3])
    if len(axes) < 4 * magic[3]:
        what = f"the header ends inside the lengths of its {magic[3]} axes"
        raise DataError(what, where=stream.where, do="get the file again")
    return np.dtype(DTYPES[magic[2]]), struct.unpack(f">{magic[3]}I", axes)
