"""Pictures in one folder a class, on disk or in a zip."""

from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from whydrop.core.errors import DataError, UsageError
from whydrop.core.phrase import listed
from whydrop.training.readers.cache import gathered
from whydrop.training.readers.files import Files, opened
from whydrop.training.readers.pictures import (
    FILE_LIMIT_BYTES,
    SUFFIXES,
    Interpolation,
    Resize,
    Size,
    decode,
    decoding,
    fitted,
    pillow_version,
)
from whydrop.training.samples import Samples

MOST_PIXELS_A_SIDE = 4096
PARTS = frozenset({"test", "train", "training", "val", "valid", "validation"})


class Listed(NamedTuple):
    """The pictures of a part by name, each with its class number."""

    names: list[str]
    labels: list[int]
    classes: tuple[str, ...]


def read_folder(
    path: Path | str,
    size: int | tuple[int, int],
    *,
    split: str | None = None,
    classes: Sequence[str] | None = None,
    resize: Resize = "crop",
    interpolation: Interpolation = "bilinear",
    cache: Path | str | None = None,
) -> Samples:
    """Return pictures (n, 3, h, w) uint8, upright and in RGB, sorted by class and name.

    Args:
        path: a folder or a zip with ``CLASS/picture.jpg`` or ``train/CLASS/picture.jpg``; folders
            below a class belong to it. Other files than BMP, GIF, JPEG, PNG, PPM, TIFF and WebP,
            and names that begin with a dot, are passed over.
        size: of every picture in pixels: one number, or (height, width).
        split: the folder of the part, such as "train"; None where the classes lie in `path`
            itself.
        classes: of a test part: those of the part to train on, in their order. None takes those
            of the folder "train" beside it, or else its own.
        resize: "crop" (the middle of the picture, as torchvision's Resize and CenterCrop), "pad"
            (all of it, in the middle of black) or "squish" (all of it, in other proportions).
        interpolation: "nearest", "box", "bilinear", "bicubic" or "lanczos", with antialiasing.
        cache: folder where the decoded pictures are kept and mapped from, so that a later call
            with the same files and settings decodes nothing; None keeps them in memory.

    Raises:
        UsageError: there is no such folder or part; a setting outside its range.
        DataError: a class without pictures or that is not trained on; a picture outside the
            classes, damaged, above 64 million pixels or with more than 8 bits a channel.
        MissingExtra: Pillow is not installed.
    """
    wanted = _checked_size(size)
    _check_choice("resize", resize, get_args(Resize))
    _check_choice("interpolation", interpolation, get_args(Interpolation))
    version = pillow_version()
    with opened(path) as files:
        found = _listed(files, split, classes)

        def pictures() -> Iterator[NDArray[np.uint8]]:
            for name in found.names:
                where = files.where(name)
                image = decode(files.read(name, FILE_LIMIT_BYTES), where)
                yield fitted(image, wanted, resize=resize, interpolation=interpolation, where=where)

        about = {
            "path": str(Path(path).resolve()),
            "stamp": files.stamp(),
            "split": split,
            "resize": resize,
            "interpolation": interpolation,
            "pillow": version,
        }
        shape = (len(found.names), 3, *wanted)
        with decoding():
            images = gathered(pictures(), shape, cache=cache, about=about)
    return Samples(images, np.array(found.labels, dtype=np.int64), found.classes)


def _listed(files: Files, split: str | None, given: Sequence[str] | None) -> Listed:
    prefix = _prefix(files, split)
    classes = _classes(files, prefix, given)
    home = f"{files.path}/{prefix}".rstrip("/")
    number = {name: i for i, name in enumerate(classes)}
    names: list[str] = []
    labels: list[int] = []
    for name in files.names:
        below = name.removeprefix(prefix)
        if not name.startswith(prefix) or not _is_picture(below):
            continue
        if "/" not in below:
            what = "the picture is in no class"
            raise DataError(what, where=files.where(name), do="put it in the folder of its class")
        names.append(name)
        labels.append(number[below.split("/")[0]])
    here = _folders(files, prefix)
    empty = sorted(here - {classes[label] for label in set(labels)})
    if empty:
        raise DataError(
            f"the class {empty[0]!r} has no picture",
            where=f"{home}/{empty[0]}",
            do="put pictures there or take the folder away",
        )
    # Not by number: what is kept from one call to the next has one order, however it is numbered.
    order = sorted(range(len(names)), key=lambda i: (classes[labels[i]], names[i]))
    return Listed([names[i] for i in order], [labels[i] for i in order], classes)


def _prefix(files: Files, split: str | None) -> str:
    """Return what the names in a part begin with."""
    parts = sorted(_folders(files, "") & PARTS)
    if split is None:
        if parts and set(parts) == _folders(files, ""):
            raise UsageError(
                f"the folder holds the parts {listed(parts)}",
                where=str(files.path),
                do=f'give split="{parts[-1]}"',
            )
        return ""
    prefix = split.strip("/") + "/"
    if prefix.rstrip("/") not in files.folders:
        there = listed(sorted(_folders(files, ""))[:10]) or "no folder"
        raise UsageError(
            f"there is no part {split!r}", where=str(files.path), do=f"there is {there}"
        )
    return prefix


def _classes(files: Files, prefix: str, given: Sequence[str] | None) -> tuple[str, ...]:
    """Return the classes of the training part, so that all parts number them alike."""
    here = _folders(files, prefix)
    home = f"{files.path}/{prefix}".rstrip("/")
    beside = (PurePosixPath(prefix).parent / "train").as_posix() + "/" if prefix else ""
    classes = _folders(files, beside) or here if given is None else set(given)
    unknown = sorted(here - classes)
    if unknown:
        raise DataError(
            f"the class {unknown[0]!r} has nothing to train on",
            where=f"{home}/{unknown[0]}",
            do=f"every class needs a folder in {beside if given is None else 'the training part'}",
        )
    if len(classes) < 2:
        raise DataError(
            f"there {'is 1 class' if classes else 'are no classes'}",
            where=home,
            do="give a folder with one folder a class; for a part, split= and its name",
        )
    return tuple(sorted(classes) if given is None else given)


def _folders(files: Files, prefix: str) -> set[str]:
    """Return the names of the folders right below a prefix."""
    below = (name.removeprefix(prefix) for name in files.folders if name.startswith(prefix))
    return {name for name in below if name and "/" not in name and not _is_hidden(name)}


def _is_picture(name: str) -> bool:
    path = PurePosixPath(name)
    return path.suffix.lower() in SUFFIXES and not any(map(_is_hidden, path.parts))


def _is_hidden(name: str) -> bool:
    return name.startswith(".") or name == "__MACOSX"


def _checked_size(size: int | tuple[int, int]) -> Size:
    sides = (size, size) if isinstance(size, int) else tuple(size)
    whole = all(isinstance(side, int) and not isinstance(side, bool) for side in sides)
    if len(sides) != 2 or not whole or not all(1 <= side <= MOST_PIXELS_A_SIDE for side in sides):
        raise UsageError(
            f"size is {size!r}",
            where="read_folder",
            do=f"give pixels from 1 to {MOST_PIXELS_A_SIDE:,}: one number or (height, width)",
        )
    return Size(*sides)


def _check_choice(name: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        quoted = listed([f'"{choice}"' for choice in known], "or")
        raise UsageError(f"{name} is {value!r}", where="read_folder", do=f"give {quoted}")
