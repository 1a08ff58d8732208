"""MNIST and the data sets in its format."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np

from whydrop.core.errors import DataError, UsageError
from whydrop.training.readers.idx import read_idx
from whydrop.training.readers.labels import check_labels, check_split
from whydrop.training.samples import Samples

DIGITS = ("0", "1", "2", "3", "4", "5", "6", "7", "8", "9")
PREFIXES = {"train": "train", "test": "t10k"}


def read_mnist(
    folder: Path | str,
    split: Literal["train", "test"] = "train",
    *,
    classes: Sequence[str] = DIGITS,
) -> Samples:
    """Return images (n, 1, 28, 28) uint8 and labels of MNIST, from its idx files, plain or gzip.

    Args:
        folder: holds ``train-images-idx3-ubyte`` and so on, with or without ``.gz``, itself or in
            ``MNIST/raw``.
        split: "train" (60,000 images) or "test" (10,000).
        classes: names of the labels 0, 1, ...; Fashion-MNIST and others have the same files.

    Raises:
        UsageError: the files are not there; another split.
        DataError: a file is damaged; images and labels do not belong together.
    """
    check_split(split, PREFIXES, "read_mnist")
    images_file = _find(Path(folder), f"{PREFIXES[split]}-images", "idx3-ubyte")
    labels_file = _find(Path(folder), f"{PREFIXES[split]}-labels", "idx1-ubyte")
    images, labels = read_idx(images_file), read_idx(labels_file)
    for array, axes, file in ((images, 3, images_file), (labels, 1, labels_file)):
        if array.dtype != np.uint8 or array.ndim != axes or array.size == 0:
            raise DataError(
                f"the file holds {array.dtype} of shape {array.shape}",
                where=f"{file}, byte 0",
                do=f"give uint8 of {axes} axes: were files exchanged?",
            )
    if len(images) != len(labels):
        raise DataError(
            f"{len(images):,} images and {len(labels):,} labels",
            where=f"{images_file} and {labels_file.name}, byte 4",
            do="get both files again, from one source",
        )
    check_labels(
        labels,
        classes,
        at=lambda first: f"{labels_file}, byte {8 + first:,}",
        every_class=split == "train",
    )
    return Samples(images[:, None], labels.astype(np.int64), tuple(classes))


def _find(folder: Path, stem: str, suffix: str) -> Path:
    names = [f"{stem}{dot}{suffix}{gz}" for gz in ("", ".gz") for dot in "-."]
    for home in (folder, folder / "MNIST" / "raw"):
        for name in names:
            if (home / name).is_file():
                return home / name
    raise UsageError(
        f"there is no {names[0]}, with or without .gz",
        where=str(folder),
        do="give the folder that holds the four idx files",
    )
