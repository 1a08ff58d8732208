"""The digits 3 and 7 of MNIST, from its own files: the images of fastai's MNIST_SAMPLE."""

import gzip
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

DIGITS = (3, 7)  # classes 0 and 1


class Digits(NamedTuple):
    """uint8 images (n, 3, 28, 28), three equal channels, and int64 labels (n,), 0 or 1."""

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]


def load(folder: Path, part: str) -> Digits:
    """Return the 12,396 digits of part "train", or the 2,038 of part "t10k".

    Args:
        folder: holds MNIST's four .gz files, or a folder ``mnist`` with them.
        part: beginning of the files' names.
    """
    for place in (folder, folder / "mnist"):
        files = [place / f"{part}-{kind}-ubyte.gz" for kind in ("images-idx3", "labels-idx1")]
        if all(file.is_file() for file in files):
            grey, digits = map(_idx, files)
            break
    else:
        raise SystemExit(f"no MNIST at {folder}: set WHYDROP_DATA or give --data")
    chosen = np.isin(digits, DIGITS)
    images = np.repeat(grey[chosen][:, None], 3, axis=1)
    return Digits(images, (digits[chosen] == DIGITS[1]).astype(np.int64))


def _idx(file: Path) -> NDArray[np.uint8]:
    """Return the array in a file: two zero bytes, 8 for uint8, axes, their lengths, values."""
    raw = gzip.decompress(file.read_bytes())
    axes = raw[3]
    shape = np.frombuffer(raw, ">u4", axes, 4)
    if raw[:3] != b"\0\0\x08" or len(raw) != 4 + 4 * axes + shape.prod():
        raise SystemExit(f"{file} is not a file of MNIST, or not whole")
    return np.frombuffer(raw, np.uint8, offset=4 + 4 * axes).reshape(shape)
