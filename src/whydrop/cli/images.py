"""Images to look at, from files of others: pictures, folders of them, zips, or a .npz."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from whydrop.core.errors import DataError, UsageError
from whydrop.core.phrase import listed
from whydrop.training.readers.files import Files, FolderFiles, opened
from whydrop.training.readers.folder import PARTS
from whydrop.training.readers.npz import opened_npz
from whydrop.training.readers.pictures import (
    FILE_LIMIT_BYTES,
    SUFFIXES,
    Size,
    decode,
    decoding,
    fitted,
    pillow_version,
)

MOST_VALUES = 1 << 27  # of all images together: half a GiB as float32
FEW = (1, 2, 3, 4)  # channels


class Found(NamedTuple):
    """Images of one size.

    Attributes:
        images: (n, c, h, w), uint8 or floating.
        labels: int64 (n,), or None.
        classes: names of the classes; empty where there are none.
        positions: int64 (n,), among all that was found.
        names: what the images are called.
        notes: what was done to them.
    """

    images: NDArray[Any]
    labels: NDArray[np.int64] | None
    classes: tuple[str, ...]
    positions: NDArray[np.int64]
    names: tuple[str, ...]
    notes: tuple[str, ...]


class _Picture(NamedTuple):
    files: Files
    file: str  # its name among the files
    name: str  # without the folder of its class
    folder: str | None  # of its class


def read_images(
    paths: Sequence[str | Path],
    *,
    samples: int,
    size: tuple[int, int] | None = None,
    channels: int | None = None,
) -> Found:
    """Return some images, spread evenly over all that are in the paths.

    Args:
        paths: pictures; folders or zips of pictures, in which folders are classes; or one .npz
            with ``images`` (n, h, w), (n, h, w, c) or (n, c, h, w), and maybe ``labels`` (n,) and
            ``classes``, the names. Never unpickled.
        samples: how many, at most.
        size: height and width to resize pictures to; of the first if not given.
        channels: 1 makes pictures grey.

    Raises:
        DataError: a file that does not hold what it should.
        UsageError: nothing is found, or what is found cannot be read together.
        MissingExtra: pictures, and Pillow is not installed.
    """
    given = [Path(path) for path in paths]
    archives = [path for path in given if path.suffix.lower() == ".npz"]
    if archives and len(given) > 1:
        raise UsageError(
            f"{archives[0].name} is one of {len(given)} paths",
            where=str(archives[0]),
            do="give one .npz alone, or pictures and folders",
        )
    if not archives:
        with ExitStack() as stack, decoding():
            pictures = [picture for path in given for picture in _pictures(path, stack)]
            return _from_pictures(pictures, given, samples, size, grey=channels == 1)
    if size is not None:
        raise UsageError(
            "images of a .npz are not resized",
            where=str(archives[0]),
            do="leave out --size, or give pictures",
        )
    return _from_archive(archives[0], samples)


def _spread(n: int, samples: int) -> NDArray[np.int64]:
    """Return positions spread evenly over n."""
    return np.unique(np.rint(np.linspace(0, n - 1, min(n, samples))).astype(np.int64))


def _pictures(path: Path, stack: ExitStack) -> Iterator[_Picture]:
    """Yield the picture of a path, or those in a folder or zip and in its folders, sorted."""
    if not path.is_dir() and path.suffix.lower() != ".zip":
        yield _Picture(FolderFiles(path.parent, [path]), path.as_posix(), path.name, None)
        return
    files = stack.enter_context(opened(path))
    for file in files.names:
        parts = Path(file).parts
        if Path(file).suffix.lower() in SUFFIXES and not any(p.startswith(".") for p in parts):
            parts = parts[1:] if parts[0] in PARTS and len(parts) > 2 else parts  # train/cat/1.jpg
            inside = len(parts) > 1
            yield _Picture(files, file, "/".join(parts[inside:]), parts[0] if inside else None)


def _from_pictures(
    pictures: Sequence[_Picture],
    paths: Sequence[Path],
    samples: int,
    size: tuple[int, int] | None,
    *,
    grey: bool,
) -> Found:
    if not pictures:
        raise UsageError(
            "there is no picture",
            where=listed([str(path) for path in paths]),
            do=f"give files, or folders with files, that end in {listed(sorted(SUFFIXES), 'or')}",
        )
    pillow_version()  # a clear error where there is none
    positions = _spread(len(pictures), samples)
    chosen = [pictures[at] for at in positions]
    images: list[NDArray[np.uint8]] = []
    target = Size(*size) if size else None
    resized = 0
    for picture in chosen:
        where = picture.files.where(picture.file)
        image = decode(picture.files.read(picture.file, FILE_LIMIT_BYTES), where)
        own = Size(image.height, image.width)
        target = target or own
        if len(chosen) * 3 * target.height * target.width > MOST_VALUES:
            raise UsageError(
                f"{len(chosen)} images of {target.height} x {target.width} pixels are too many",
                where=where,
                do="give --size 512, say, or fewer --samples",
            )
        resized += own != target
        made = fitted(image, target, resize="squish", interpolation="bilinear", where=where)
        images.append(_grey(made) if grey else made.transpose(2, 0, 1))
    folders = [picture.folder for picture in pictures]
    classes = tuple(sorted({folder for folder in folders if folder is not None}))
    notes = _taken(positions, len(pictures))
    if target and resized:
        notes += (f"{resized} resized to {target.height} x {target.width} pixels",)
    labels = None
    if None not in folders:
        labels = np.array([classes.index(str(picture.folder)) for picture in chosen], np.int64)
    elif classes:
        notes += ("no labels, since some images lie in no folder of a class",)
    return Found(
        np.stack(images),
        labels,
        classes if labels is not None else (),
        positions,
        tuple(picture.name for picture in chosen),
        notes,
    )


def _grey(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    from PIL import Image

    return np.asarray(Image.fromarray(pixels).convert("L"))[None]


def _taken(positions: NDArray[np.int64], n: int) -> tuple[str, ...]:
    return (f"{len(positions):,} of {n:,} images",) if len(positions) < n else ()


def _from_archive(path: Path, samples: int) -> Found:
    with opened_npz(path) as file:
        images = _channels_first(file.read("images"), file.where("images"))
        n = len(images)
        positions = _spread(n, samples)
        labels = None
        if "labels" in file.names:
            labels = file.read("labels")
            if labels.shape != (n,) or labels.dtype.kind not in "iu":
                raise DataError(
                    f"labels have shape {labels.shape} and dtype {labels.dtype}",
                    where=file.where("labels"),
                    do=f"store {n} whole class numbers",
                )
            labels = labels[positions].astype(np.int64)
        names = file.read("classes") if "classes" in file.names else np.array([], "U1")
        if names.ndim != 1 or names.dtype.kind != "U":
            raise DataError(
                f"classes have shape {names.shape} and dtype {names.dtype}",
                where=file.where("classes"),
                do="store one name a class, as text",
            )
    chosen = np.ascontiguousarray(images[positions])
    unnamed = ("",) * len(positions)
    return Found(chosen, labels, tuple(names.tolist()), positions, unnamed, _taken(positions, n))


def _channels_first(images: NDArray[Any], where: str) -> NDArray[Any]:
    if images.ndim == 3:
        images = images[:, None]
    if images.ndim == 4 and images.shape[1] not in FEW and images.shape[3] in FEW:
        images = np.moveaxis(images, -1, 1)
    known = images.dtype == np.uint8 or images.dtype.kind == "f"
    if images.ndim != 4 or 0 in images.shape or images.shape[1] not in FEW or not known:
        raise DataError(
            f"images have shape {images.shape} and dtype {images.dtype}",
            where=where,
            do="store (n, h, w), (n, h, w, c) or (n, c, h, w), uint8 or floats from 0 to 1",
        )
    return images
