"""Packs: small JPEG files of one size in a zip, which share the header that all of them have."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from whydrop.core.errors import DataError
from whydrop.training.readers.cache import gathered
from whydrop.training.readers.files import GIB, MIB, Files, opened
from whydrop.training.readers.labels import check_labels, check_split
from whydrop.training.readers.pictures import decode, decoding, pillow_version
from whydrop.training.samples import Samples

GET = "get the pack again"


class Pack(NamedTuple):
    """One part of a pack, not decoded yet."""

    header: bytes
    body: bytes
    offsets: NDArray[np.uint32]
    labels: NDArray[np.uint8]
    where: str

    def __len__(self) -> int:
        return len(self.labels)

    def picture(self, i: int) -> NDArray[np.uint8]:
        """Return picture i as (h, w, 3)."""
        start, end = int(self.offsets[i]), int(self.offsets[i + 1])
        where = f"{self.where}, picture {i:,} at byte {start:,}"
        return np.asarray(decode(self.header + self.body[start:end], where))

    def pictures(self) -> Iterator[NDArray[np.uint8]]:
        """Yield all pictures; a DataError where one has another size than the first."""
        size = self.picture(0).shape
        for i in range(len(self)):
            picture = self.picture(i)
            if picture.shape != size:
                raise DataError(
                    f"a picture has shape {picture.shape}, the first {size}",
                    where=f"{self.where}, picture {i:,} at byte {self.offsets[i]:,}",
                    do=GET,
                )
            yield picture


def read_jpeg_pack(
    path: Path | str, split: str = "train", *, cache: Path | str | None = None
) -> Samples:
    """Return images (n, 3, h, w) uint8 and labels of one part of a pack.

    A pack is a zip with ``header.bin``, ``meta.json`` ({"classes": [...]}) and for each part
    ``SPLIT/body.bin``, ``SPLIT/offsets.u4`` (n + 1, little-endian) and ``SPLIT/labels.u1`` (n):
    picture i is the JPEG file ``header + body[offsets[i]:offsets[i + 1]]``.

    Args:
        path: the zip, or a folder that holds its files.
        split: the name of the part.
        cache: folder where the decoded pictures are kept and mapped from, so that a later call
            decodes nothing; None keeps them in memory.

    Raises:
        UsageError: there is no such file or part.
        DataError: it is not a pack, or damaged.
        MissingExtra: Pillow is not installed.
    """
    version = pillow_version()
    with opened(path) as files:
        parts = sorted(name.split("/")[0] for name in files.names if name.endswith("/body.bin"))
        if not parts:
            raise DataError("there is no part with a body.bin", where=str(path), do=GET)
        check_split(split, parts, "read_jpeg_pack")
        classes = _classes(files)
        pack = _pack(files, split)
        about = {"pack": str(Path(path).resolve()), "stamp": files.stamp(), "split": split}
    check_labels(
        pack.labels,
        classes,
        at=lambda i: f"{path} ({split}/labels.u1), byte {i:,}",
        every_class=split == "train",
    )
    about |= {"pillow": version}
    with decoding():
        height, width, _ = pack.picture(0).shape
        shape = (len(pack), 3, height, width)
        images = gathered(pack.pictures(), shape, cache=cache, about=about)
    return Samples(images, pack.labels.astype(np.int64), classes)


def _pack(files: Files, split: str) -> Pack:
    body = _read(files, f"{split}/body.bin", GIB)
    raw = _read(files, f"{split}/offsets.u4", 64 * MIB)
    labels = np.frombuffer(_read(files, f"{split}/labels.u1", 64 * MIB), np.uint8)
    where = files.where(f"{split}/offsets.u4")
    if len(labels) == 0 or len(raw) != 4 * (len(labels) + 1):
        raise DataError(
            f"{len(raw):,} bytes are not one offset more than {len(labels):,} labels",
            where=where,
            do=GET,
        )
    offsets = np.frombuffer(raw, "<u4")
    falls = np.flatnonzero(offsets[1:] <= offsets[:-1])
    if offsets[0] != 0 or len(falls) or offsets[-1] != len(body):
        i = 0 if offsets[0] != 0 else int(falls[0]) + 1 if len(falls) else len(labels)
        raise DataError(
            f"offset {i:,} is {offsets[i]:,}: they must rise from 0 to the {len(body):,} bytes of "
            "the body",
            where=f"{where}, byte {4 * i:,} in it",
            do=GET,
        )
    header = _read(files, "header.bin", MIB)
    return Pack(header, body, offsets, labels, f"{files.path} ({split}/body.bin)")


def _classes(files: Files) -> tuple[str, ...]:
    where = files.where("meta.json") if "meta.json" in files.names else str(files.path)
    try:
        meta: Any = json.loads(_read(files, "meta.json", MIB))
    except (ValueError, RecursionError) as error:
        raise DataError(f"meta.json is not JSON: {error}", where=where, do=GET) from error
    classes = meta.get("classes") if isinstance(meta, dict) else None
    if (
        not isinstance(classes, list)
        or not all(isinstance(name, str) for name in classes)
        or not classes
        or len(set(classes)) < len(classes)
    ):
        what = "meta.json does not list the names of the classes, each once"
        raise DataError(what, where=where, do=GET)
    return tuple(classes)


def _read(files: Files, name: str, limit_bytes: int) -> bytes:
    if name not in files.names:
        raise DataError(f"there is no {name}", where=str(files.path), do=GET)
    return files.read(name, limit_bytes)
