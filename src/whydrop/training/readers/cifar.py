"""CIFAR-10 in whatever form it lies there."""

import tarfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np

from whydrop.core.errors import DataError, UsageError
from whydrop.training.readers.cifar_batches import (
    LIMIT_BYTES,
    RECORD_BYTES,
    Batch,
    binary_batch,
    python_batch,
)
from whydrop.training.readers.files import GIB, check_size
from whydrop.training.readers.labels import check_labels, check_split
from whydrop.training.readers.packs import read_jpeg_pack
from whydrop.training.readers.unpacked import Unpacked
from whydrop.training.samples import Samples

CLASSES = (
    "airplane",
    "automobile",
    "bird",
    "cat",
    "deer",
    "dog",
    "frog",
    "horse",
    "ship",
    "truck",
)
PACK = "cifar10-jpeg.zip"
TAR_LIMIT_BYTES = GIB  # unpacked; the data set has 186 MB


class Form(NamedTuple):
    """How a distribution of CIFAR-10 names and writes its batches."""

    folder: str
    archive: str
    suffix: str
    read: Callable[[bytes, str], Batch]
    label_at: Callable[[str, int], str]

    def names(self, split: str) -> tuple[str, ...]:
        stems = [f"data_batch_{i}" for i in range(1, 6)] if split == "train" else ["test_batch"]
        return tuple(stem + self.suffix for stem in stems)


PYTHON = Form(
    folder="cifar-10-batches-py",
    archive="cifar-10-python.tar.gz",
    suffix="",
    read=python_batch,
    label_at=lambda where, i: f"{where}, entry {i:,} of labels",
)
BINARY = Form(
    folder="cifar-10-batches-bin",
    archive="cifar-10-binary.tar.gz",
    suffix=".bin",
    read=binary_batch,
    label_at=lambda where, i: f"{where}, byte {i * RECORD_BYTES:,}",
)


def read_cifar10(
    path: Path | str,
    split: Literal["train", "test"] = "train",
    *,
    cache: Path | str | None = None,
) -> Samples:
    """Return images (n, 3, 32, 32) uint8 and labels of CIFAR-10.

    Args:
        path: the Python or the binary version as its authors distribute it, as folder or tar.gz;
            ``cifar10-jpeg.zip``; or a folder that holds one of these.
        split: "train" (50,000 images) or "test" (10,000).
        cache: folder for the decoded JPEG files of the zip, as in `read_jpeg_pack`.

    Raises:
        UsageError: it is not there; another split.
        DataError: a file is damaged, or holds something else.
        MissingExtra: the zip needs Pillow.
    """
    check_split(split, ("train", "test"), "read_cifar10")
    path = Path(path)
    for form in (PYTHON, BINARY):
        for folder in (path, path / form.folder):
            if (folder / form.names(split)[0]).is_file():
                return _from_folder(folder, form, split)
        for archive in (path, path / form.archive):
            if archive.is_file() and archive.name == form.archive:
                return _from_archive(archive, form, split)
    pack = path / PACK if path.is_dir() else path
    if pack.is_file() and pack.suffix == ".zip":
        return read_jpeg_pack(pack, split, cache=cache)
    known = f"{PYTHON.archive}, {BINARY.archive}, {PYTHON.folder}, {BINARY.folder} or {PACK}"
    what = "there is no CIFAR-10 that can be read"
    raise UsageError(what, where=str(path), do=f"give {known}, or a folder that holds one")


def _from_folder(folder: Path, form: Form, split: str) -> Samples:
    raws = {}
    for name in form.names(split):
        with Unpacked(folder / name, limit_bytes=LIMIT_BYTES) as stream:
            raws[name] = stream.read()
    return _joined(raws, form, split, lambda name: str(folder / name))


def _from_archive(archive: Path, form: Form, split: str) -> Samples:
    wanted = {f"{form.folder}/{name}": name for name in form.names(split)}
    raws: dict[str, bytes] = {}
    with Unpacked(archive, limit_bytes=TAR_LIMIT_BYTES) as stream:
        try:
            with tarfile.open(fileobj=stream, mode="r|") as tar:  # type: ignore[call-overload]
                for member in tar:
                    name = wanted.get(member.name.removeprefix("./"))
                    if name is None or not member.isfile():
                        continue
                    where = f"{stream.at(member.offset_data)} ({member.name})"
                    if name in raws:
                        what = f"two files have the name {member.name!r}"
                        raise DataError(what, where=where, do="get the archive again")
                    check_size(member.size, LIMIT_BYTES, where)
                    content = tar.extractfile(member)
                    raws[name] = content.read() if content else b""
        except (tarfile.TarError, ValueError, OverflowError) as error:
            what = f"the tar file is damaged: {error}"
            raise DataError(what, where=stream.where, do="get the archive again") from error
        missing = [name for name in form.names(split) if name not in raws]
        if missing:
            raise DataError(
                f"the archive ends without {form.folder}/{missing[0]}",
                where=stream.where,
                do="get the archive again",
            )
    return _joined(raws, form, split, lambda name: f"{archive} ({form.folder}/{name})")


def _joined(
    raws: Mapping[str, bytes], form: Form, split: str, where: Callable[[str], str]
) -> Samples:
    batches = []
    for name in form.names(split):
        batch = form.read(raws[name], where(name))
        at = partial(form.label_at, where(name))
        check_labels(batch.labels, CLASSES, at=at, every_class=False)
        batches.append(batch)
    images = np.concatenate([batch.images for batch in batches])
    labels = np.concatenate([batch.labels for batch in batches])
    check_labels(labels, CLASSES, at=lambda _: where(form.names(split)[0]), every_class=True)
    return Samples(images, labels, CLASSES)
