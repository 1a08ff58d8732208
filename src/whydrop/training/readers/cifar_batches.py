"""One batch of CIFAR-10, in the two forms in which its authors distribute it."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from whydrop.core.errors import DataError
from whydrop.training.readers.files import check_size
from whydrop.training.readers.pickled import read_pickled_dict

RECORDS = 10_000  # in every file
PIXEL_BYTES = 3 * 32 * 32  # the red, green and blue planes
RECORD_BYTES = 1 + PIXEL_BYTES  # a label before them
LIMIT_BYTES = 64 << 20  # a batch has 31 MB


class Batch(NamedTuple):
    """uint8 images (n, 3, 32, 32) and int64 labels (n,), not checked."""

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]


def binary_batch(raw: bytes, where: str) -> Batch:
    """Return the 10,000 images of a file such as ``data_batch_1.bin``.

    Raises:
        DataError: another number of records.
    """
    if len(raw) != RECORDS * RECORD_BYTES:
        whole = min(len(raw) // RECORD_BYTES, RECORDS) * RECORD_BYTES
        raise DataError(
            f"{len(raw):,} bytes are not {RECORDS:,} records of {RECORD_BYTES:,} bytes",
            where=f"{where}, byte {whole:,} (the end of the last whole record)",
            do="get the file again",
        )
    records = np.frombuffer(raw, np.uint8).reshape(-1, RECORD_BYTES)
    return Batch(records[:, 1:].reshape(-1, 3, 32, 32), records[:, 0].astype(np.int64))


def python_batch(raw: bytes, where: str) -> Batch:
    """Return the 10,000 images of a pickle such as ``data_batch_1``, read without unpickling.

    Raises:
        DataError: no dict with the images and labels of a batch; anything that would run code.
    """
    check_size(len(raw), LIMIT_BYTES, where)
    found = read_pickled_dict(raw, where)
    images = _entry(found, b"data", np.ndarray, where)
    labels = _entry(found, b"labels", list, where)
    if images.dtype != np.uint8 or images.shape != (RECORDS, PIXEL_BYTES):
        raise DataError(
            f"data is {images.dtype} of shape {images.shape}",
            where=f"{where}, byte 0",
            do=f"give a batch of CIFAR-10: uint8 of shape {(RECORDS, PIXEL_BYTES)}",
        )
    if len(labels) != RECORDS or not all(type(label) is int for label in labels):
        raise DataError(
            f"labels are a list of {len(labels):,}, not {RECORDS:,} whole numbers",
            where=f"{where}, byte 0",
            do="get the file again",
        )
    # A pickle's numbers have any size; one out of range stays so as -1.
    in_range = [label if 0 <= label < RECORDS else -1 for label in labels]
    return Batch(images.reshape(-1, 3, 32, 32), np.array(in_range, dtype=np.int64))


def _entry(found: dict[bytes, Any], key: bytes, kind: type, where: str) -> Any:
    value = found.get(key)
    if not isinstance(value, kind):
        names = ", ".join(name.decode("latin-1") for name in found) or "nothing"
        raise DataError(
            f"the pickle holds {names:.80}, and no {key.decode()} as {kind.__name__}",
            where=f"{where}, byte 0",
            do="give a batch of CIFAR-10, such as data_batch_1",
        )
    return value
