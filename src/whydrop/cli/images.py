"""Images to look at, from files of others: pictures, folders of them, or a .npz."""

import os
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from whydrop.core.errors import DataError, UsageError
from whydrop.core.phrase import listed
from whydrop.report.preview.tiles import require_pillow

if TYPE_CHECKING:
    from PIL.Image import Image

SUFFIXES = {".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".ppm", ".pgm"}
# Pillow would start other programs for some of the formats that it knows besides.
FORMATS = ("PNG", "JPEG", "MPO", "BMP", "GIF", "WEBP", "TIFF", "PPM")
MOST_PIXELS = 50_000_000  # of one picture
MOST_BYTES = 2 << 30  # of the arrays in a .npz
MOST_VALUES = 1 << 27  # of all images together: half a GiB as float32
GREY, COLOUR = ("1", "L", "LA"), ("RGB", "RGBA", "RGBX", "P", "PA", "CMYK", "YCbCr")


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


class _File(NamedTuple):
    path: Path
    name: str
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
        paths: pictures; folders of pictures, in which folders are classes; or one .npz with
            ``images`` (n, h, w), (n, h, w, c) or (n, c, h, w), and maybe ``labels`` (n,) and
            ``classes``, the names. Never unpickled.
        samples: how many, at most.
        size: height and width to resize pictures to; of the first if not given.
        channels: 1 or 3; as the pictures are if not given.

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
        return _from_files(given, samples, size, channels)
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


# -- pictures ----------------------------------------------------------------------------------


def _from_files(
    paths: Sequence[Path], samples: int, size: tuple[int, int] | None, channels: int | None
) -> Found:
    files = [file for path in paths for file in _files(path)]
    if not files:
        raise UsageError(
            "there is no picture",
            where=listed([str(path) for path in paths]),
            do=f"give files, or folders with files, that end in {listed(sorted(SUFFIXES), 'or')}",
        )
    require_pillow("images")
    index = _spread(len(files), samples)
    chosen = [files[i] for i in index]
    heads = [_head(file.path) for file in chosen]
    channels = channels or (1 if all(head.mode in GREY for head in heads) else 3)
    height, width = size or (heads[0].height, heads[0].width)
    if len(chosen) * channels * height * width > MOST_VALUES:
        raise UsageError(
            f"{len(chosen)} images of {height} x {width} pixels are too many to be looked at",
            where=str(chosen[0].path),
            do="give --size 512, say, or fewer --samples",
        )
    resized = sum((head.height, head.width) != (height, width) for head in heads)
    images = np.stack([_pixels(file.path, (height, width), channels) for file in chosen])
    classes = tuple(sorted({file.folder for file in files if file.folder is not None}))
    notes = [
        f"{len(index):,} of {len(files):,} images" if len(index) < len(files) else "",
        f"{resized} resized to {height} x {width} pixels" if resized else "",
    ]
    labels = None
    if all(file.folder is not None for file in files):
        labels = np.array([classes.index(str(file.folder)) for file in chosen], np.int64)
    elif classes:
        notes.append("no labels, since some images lie in no folder of a class")
    return Found(
        images,
        labels,
        classes if labels is not None else (),
        index,
        tuple(file.name for file in chosen),
        tuple(filter(None, notes)),
    )


def _files(path: Path) -> list[_File]:
    """Return the pictures of a path, sorted: itself, or those in a folder and in its folders."""
    if not path.is_dir():
        return [_File(path, path.name, None)]
    found = []
    for folder, folders, names in os.walk(path):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        within = Path(folder).relative_to(path)
        label = within.parts[0] if within.parts else None
        called = Path(*within.parts[1:])  # without the class
        found += [
            _File(Path(folder, name), (called / name).as_posix(), label)
            for name in sorted(names)
            if Path(name).suffix.lower() in SUFFIXES and not name.startswith(".")
        ]
    return found


class _Head(NamedTuple):
    height: int
    width: int
    mode: str  # Pillow's word for the kind of its pixels


def _head(path: Path) -> _Head:
    """Return what the head of a picture says; its pixels are not read."""
    with _opened(path) as picture:
        return _Head(picture.height, picture.width, picture.mode)


def _pixels(path: Path, size: tuple[int, int], channels: int) -> NDArray[np.uint8]:
    """Return uint8 (c, h, w)."""
    from PIL import Image

    with _opened(path) as picture:
        converted = picture.convert("L" if channels == 1 else "RGB")
    if converted.size != size[::-1]:
        converted = converted.resize(size[::-1], Image.Resampling.BILINEAR)
    array = np.asarray(converted)
    return array[None] if channels == 1 else np.moveaxis(array, -1, 0)


@contextmanager
def _opened(path: Path) -> "Iterator[Image]":
    """Open a picture, and answer for whatever is wrong with it, then and while it is read."""
    from PIL import Image

    Image.init()
    kinds = [kind for kind in FORMATS if kind in Image.OPEN]
    try:
        with warnings.catch_warnings(), path.open("rb") as file:
            warnings.simplefilter("ignore")  # of large pictures: that is an error here
            with Image.open(file, formats=kinds) as picture:
                if picture.width * picture.height > MOST_PIXELS:
                    raise _too_large(path)
                if picture.mode not in GREY + COLOUR:
                    raise DataError(
                        f"the pixels are of kind {picture.mode}",
                        where=str(path),
                        do="save it with 8 bits a channel",
                    )
                yield picture
    except DataError:
        raise
    except Image.DecompressionBombError:
        raise _too_large(path) from None
    except FileNotFoundError:
        raise UsageError(
            "there is no such file", where=str(path), do="give a picture, a folder or a .npz"
        ) from None
    except Exception as error:  # whatever a decoder does with bytes that are no picture
        why = "" if "cannot identify" in str(error) else f": {error}"
        raise DataError(
            f"the file cannot be read as a picture{why}",
            where=str(path),
            do=f"replace or leave out the file; pictures are {', '.join(FORMATS)}",
        ) from error


def _too_large(path: Path) -> DataError:
    what = f"the picture has more than {MOST_PIXELS:,} pixels"
    return DataError(what, where=str(path), do="make it smaller, or leave it out")


# -- arrays ------------------------------------------------------------------------------------


def _from_archive(path: Path, samples: int) -> Found:
    arrays = _arrays(path, ("images", "labels", "classes"))
    images = _channels_first(arrays["images"], path)
    n = len(images)
    index = _spread(n, samples)
    labels = None
    if "labels" in arrays:
        labels = arrays["labels"]
        if labels.shape != (n,) or labels.dtype.kind not in "iu":
            raise DataError(
                f"labels have shape {labels.shape} and dtype {labels.dtype}",
                where=str(path),
                do=f"store {n} whole class numbers",
            )
        labels = labels[index].astype(np.int64)
    names = arrays.get("classes", np.array([], "U1"))
    if names.ndim != 1 or names.dtype.kind != "U":
        what = f"classes have shape {names.shape} and dtype {names.dtype}"
        raise DataError(what, where=str(path), do="store one name a class, as text")
    notes = (f"{len(index):,} of {n:,} images",) if len(index) < n else ()
    chosen = np.ascontiguousarray(images[index])
    return Found(chosen, labels, tuple(names.tolist()), index, ("",) * len(index), notes)


def _channels_first(images: NDArray[Any], path: Path) -> NDArray[Any]:
    if images.ndim == 3:
        images = images[:, None]
    few = (1, 2, 3, 4)
    if images.ndim == 4 and images.shape[1] not in few and images.shape[3] in few:
        images = np.moveaxis(images, -1, 1)
    known = images.dtype == np.uint8 or images.dtype.kind == "f"
    if images.ndim != 4 or 0 in images.shape or images.shape[1] not in few or not known:
        raise DataError(
            f"images have shape {images.shape} and dtype {images.dtype}",
            where=str(path),
            do="store (n, h, w), (n, h, w, c) or (n, c, h, w), uint8 or floats from 0 to 1",
        )
    return images


def _arrays(path: Path, names: Sequence[str]) -> dict[str, NDArray[Any]]:
    """Return arrays of a .npz that has the first of these names at least."""
    import zipfile

    try:
        with zipfile.ZipFile(path) as archive:
            held = [name.removesuffix(".npy") for name in archive.namelist()]
            if names[0] not in held:
                raise DataError(
                    f"there is no array {names[0]!r}, but {listed(held[:10]) or 'nothing'}",
                    where=str(path),
                    do="store it by numpy.savez(path, images=images, labels=labels)",
                )
            wanted = [name for name in names if name in held]
            size = sum(_declared_bytes(archive, f"{name}.npy") for name in wanted)
        if size > MOST_BYTES:
            raise DataError(
                f"the arrays have {size:,} bytes", where=str(path), do="store fewer images"
            )
        with np.load(path, allow_pickle=False) as stored:
            return {name: stored[name] for name in wanted}
    except (DataError, FileNotFoundError) as error:
        if isinstance(error, DataError):
            raise
        raise UsageError(
            "there is no such file", where=str(path), do="give a picture, a folder or a .npz"
        ) from None
    except Exception as error:  # whatever NumPy and zlib do with bytes that are no archive
        raise DataError(
            f"the file cannot be read as arrays: {error}",
            where=str(path),
            do="store it by numpy.savez(path, images=images, labels=labels), without objects",
        ) from error


def _declared_bytes(archive: Any, member: str) -> int:
    """Return the bytes that an array has by its own head, of which NumPy would get memory."""
    with archive.open(member) as file:
        version = np.lib.format.read_magic(file)
        if version == (1, 0):
            shape, _, dtype = np.lib.format.read_array_header_1_0(file)
        else:
            shape, _, dtype = np.lib.format.read_array_header_2_0(file)
    return int(np.prod([float(length) for length in shape]) * dtype.itemsize)
