"""CIFAR-10 as arrays, from a zip of JPEG files or from the data set's own binary batches."""

import hashlib
import io
import os
import tempfile
import zipfile
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

RECORD_BYTES = 1 + 3 * 32 * 32  # label, then the red, green and blue planes
BINARY_BATCHES = {
    "train": tuple(f"data_batch_{i}.bin" for i in range(1, 6)),
    "test": ("test_batch.bin",),
}


class Samples(NamedTuple):
    """uint8 images (n, 3, 32, 32) and int64 labels (n,), 0 to 9."""

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]


def load(path: Path, split: str, cache: Path) -> Samples:
    """Return the "train" or "test" part.

    Args:
        path: ``cifar10-jpeg.zip``, or a folder that holds it or the ``*.bin`` files.
        split: "train" or "test".
        cache: folder for decoded JPEG files, which many processes may share.
    """
    for folder in (path, path / "cifar-10-batches-bin"):
        if all((folder / name).is_file() for name in BINARY_BATCHES[split]):
            return _from_batches([folder / name for name in BINARY_BATCHES[split]])
    archive = path / "cifar10-jpeg.zip" if path.is_dir() else path
    if not archive.is_file():
        raise SystemExit(f"no CIFAR-10 at {path}: give --data or set WHYDROP_DATA")
    return _from_archive(archive, split, cache)


def _from_batches(files: list[Path]) -> Samples:
    records = np.concatenate([np.fromfile(file, np.uint8) for file in files])
    records = records.reshape(-1, RECORD_BYTES)
    return Samples(records[:, 1:].reshape(-1, 3, 32, 32), records[:, 0].astype(np.int64))


def _from_archive(archive: Path, split: str, cache: Path) -> Samples:
    stat = archive.stat()
    identity = f"{archive.resolve()} {stat.st_size} {stat.st_mtime_ns}"
    key = hashlib.sha256(identity.encode()).hexdigest()[:16]
    images_file = cache / f"{key}-{split}-images.npy"
    labels_file = cache / f"{key}-{split}-labels.npy"
    if not (images_file.is_file() and labels_file.is_file()):
        samples = _decode(archive, split)
        cache.mkdir(parents=True, exist_ok=True)
        _write_whole(images_file, samples.images)
        _write_whole(labels_file, samples.labels)
    return Samples(np.load(images_file, mmap_mode="r"), np.load(labels_file))


def _decode(archive: Path, split: str) -> Samples:
    """Decode the archive: one shared JPEG header, and the bodies of all files end to end."""
    from PIL import Image

    with zipfile.ZipFile(archive) as file:
        header, body = file.read("header.bin"), file.read(f"{split}/body.bin")
        offsets = np.frombuffer(file.read(f"{split}/offsets.u4"), "<u4")
        labels = np.frombuffer(file.read(f"{split}/labels.u1"), np.uint8).astype(np.int64)
    images = np.empty((len(labels), 32, 32, 3), np.uint8)
    for i in range(len(labels)):
        jpeg = io.BytesIO(header + body[offsets[i] : offsets[i + 1]])
        images[i] = np.asarray(Image.open(jpeg).convert("RGB"))
    return Samples(np.ascontiguousarray(images.transpose(0, 3, 1, 2)), labels)


def _write_whole(target: Path, array: NDArray[np.generic]) -> None:
    """Write a file that no other process ever sees in part."""
    with tempfile.NamedTemporaryFile(dir=target.parent, suffix=".part", delete=False) as part:
        np.save(part, array)
    os.replace(part.name, target)  # noqa: PTH105
