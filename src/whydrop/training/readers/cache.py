"""Decoded pictures gathered into one array, in memory or in a file that is mapped."""

import hashlib
import json
import math
import os
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from whydrop.core.errors import DataError, UsageError
from whydrop.training.readers.files import GIB, MEMORY_BYTES

Shape = tuple[int, ...]


def gathered(
    pictures: Iterable[NDArray[np.uint8]],
    shape: Shape,
    *,
    cache: Path | str | None,
    about: Mapping[str, object],
) -> NDArray[np.uint8]:
    """Return pictures one after the other as an array of uint8.

    With a cache they are decoded once: the array is mapped from ``KEY.npy`` in that folder, beside
    ``KEY.json``, which tells what it was made from. What a program writes to the array stays in
    that program.

    Args:
        pictures: (h, w, c) arrays of one size, decoded as they are asked for.
        shape: (n, c, h, w) of the whole.
        cache: the folder, made if it is not there; None for an array in memory.
        about: all that the pixels depend on; the key is its hash.

    Raises:
        UsageError: the array is larger than 16 GiB and there is no cache.
        DataError: the folder cannot be written; the file in it is damaged.
    """
    if cache is not None:
        return _from_cache(pictures, shape, Path(cache), about)
    size_bytes = math.prod(shape)
    if size_bytes > MEMORY_BYTES:
        raise UsageError(
            f"{shape[0]:,} pictures of this size take {size_bytes / GIB:,.1f} GiB",
            where="memory for pictures",
            do=f"give cache=FOLDER, or a smaller size: at most {MEMORY_BYTES // GIB} GiB without",
        )
    array = np.empty(shape, dtype=np.uint8)
    for i, picture in enumerate(pictures):
        array[i] = picture.transpose(2, 0, 1)
    return array


def _from_cache(
    pictures: Iterable[NDArray[np.uint8]], shape: Shape, folder: Path, about: Mapping[str, object]
) -> NDArray[np.uint8]:
    text = json.dumps({**about, "shape": shape}, indent=1, sort_keys=True)
    key = hashlib.sha256(text.encode()).hexdigest()[:24]
    file = folder / f"{key}.npy"
    if not file.is_file():
        try:
            folder.mkdir(parents=True, exist_ok=True)
            _write_whole(file, pictures, shape)
            (folder / f"{key}.json").write_text(text + "\n")
        except OSError as error:
            what = f"decoded pictures cannot be kept: {error.strerror}"
            do = "give another folder, or make room there"
            raise DataError(what, where=str(error.filename or folder), do=do) from error
    return _mapped(file, shape)


def _mapped(file: Path, shape: Shape) -> NDArray[np.uint8]:
    try:
        # "c": writable, as PyTorch wants its arrays, but the file never changes.
        array: NDArray[np.uint8] = np.load(file, mmap_mode="c", allow_pickle=False)
    except (ValueError, OSError, EOFError) as error:
        what = f"the kept pictures are damaged: {error}"
        raise DataError(what, where=str(file), do="delete this file") from error
    if array.shape != shape or array.dtype != np.uint8 or not array.flags.c_contiguous:
        what = f"the kept pictures are {array.dtype} of shape {array.shape}, not {shape}"
        raise DataError(what, where=str(file), do="delete this file")
    return array


def _write_whole(target: Path, pictures: Iterable[NDArray[np.uint8]], shape: Shape) -> None:
    """Write a file that no other process ever sees in part, nor a machine that lost its power."""
    part = tempfile.NamedTemporaryFile(dir=target.parent, suffix=".part", delete=False)  # noqa: SIM115
    try:
        with part:
            _write(part, pictures, shape)
            part.flush()
            os.fsync(part.fileno())
        Path(part.name).replace(target)
    finally:
        Path(part.name).unlink(missing_ok=True)


def _write(file: IO[bytes], pictures: Iterable[NDArray[np.uint8]], shape: Shape) -> None:
    header = {"descr": "|u1", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(file, header)
    for picture in pictures:
        file.write(picture.transpose(2, 0, 1).tobytes())
