"""One picture file decoded to RGB, upright and of a fixed size."""

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from whydrop.core.errors import DataError, MissingExtra

if TYPE_CHECKING:
    from PIL.Image import Image

Resize: TypeAlias = Literal["crop", "pad", "squish"]
Interpolation: TypeAlias = Literal["nearest", "box", "bilinear", "bicubic", "lanczos"]

FILE_LIMIT_BYTES = 64 << 20
PIXEL_LIMIT = 64_000_000
FORMATS = ("BMP", "GIF", "JPEG", "PNG", "PPM", "TIFF", "WEBP")
SUFFIXES = frozenset(
    {".bmp", ".gif", ".jpeg", ".jpg", ".pgm", ".png", ".ppm", ".tif", ".tiff", ".webp"}
)
# 8 bits a channel or fewer: what becomes RGB without a choice of scale.
MODES = frozenset({"1", "L", "LA", "La", "P", "PA", "RGB", "RGBA", "RGBa", "RGBX", "CMYK", "YCbCr"})
# EXIF 2.32, section 4.6.4, tag 0x0112: what puts the picture upright, by Pillow's names.
ORIENTATION = 0x0112
UPRIGHT = {
    2: "FLIP_LEFT_RIGHT",
    3: "ROTATE_180",
    4: "FLIP_TOP_BOTTOM",
    5: "TRANSPOSE",
    6: "ROTATE_270",
    7: "TRANSVERSE",
    8: "ROTATE_90",
}


class Size(NamedTuple):
    height: int
    width: int


def pillow_version() -> str:
    """Return the version of Pillow.

    Raises:
        MissingExtra: it is not installed.
    """
    try:
        import PIL.Image
    except ImportError as error:
        raise MissingExtra(
            "pictures are decoded by Pillow, which is not installed",
            where="readers of pictures",
            do="pip install 'whydrop[images]'",
        ) from error
    return PIL.__version__


@contextmanager
def decoding() -> Iterator[None]:
    """Silence Pillow's warnings of slightly wrong files; what it cannot decode is an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def decode(raw: bytes, where: str) -> "Image":
    """Return an upright RGB picture.

    The first frame of an animation; grey becomes three equal channels; alpha is dropped, as
    torchvision, OpenCV and TensorFlow do.

    Args:
        raw: the whole file: BMP, GIF, JPEG, PNG, PPM, TIFF or WebP.
        where: its name, for errors.

    Raises:
        DataError: it cannot be decoded; more than 64 million pixels; more than 8 bits a channel.
    """
    from PIL import Image, UnidentifiedImageError

    size = f"{where}, {len(raw):,} bytes"
    try:
        image: Image.Image = Image.open(io.BytesIO(raw), formats=FORMATS)
        _check(image, where)
        image.load()  # before EXIF is asked: TIFF files put themselves upright here
        turn = UPRIGHT.get(image.getexif().get(ORIENTATION, 1))
        if image.mode == "P" and "transparency" in image.info:
            image = image.convert("RGBA")  # or else the transparent colour is lost
        image = image.convert("RGB")
        return image.transpose(Image.Transpose[turn]) if turn else image
    except DataError:
        raise
    except Exception as error:  # a decoder raises whatever a broken file makes it run into
        unknown = isinstance(error, UnidentifiedImageError)  # which names an address in memory
        why = f"it is none of {', '.join(FORMATS)}" if unknown else error or type(error).__name__
        what = f"the picture cannot be decoded: {why}"
        raise DataError(what, where=size, do="replace the file, or leave it out") from error


def _check(image: "Image", where: str) -> None:
    if image.width * image.height > PIXEL_LIMIT:
        raise DataError(
            f"the picture has {image.width:,} x {image.height:,} pixels",
            where=where,
            do=f"make it smaller: at most {PIXEL_LIMIT:,} are decoded",
        )
    if image.mode not in MODES:
        raise DataError(
            f"the picture has pixels of the kind {image.mode}",
            where=where,
            do="convert it to 8 bits a channel",
        )


def fitted(
    image: "Image", size: Size, *, resize: Resize, interpolation: Interpolation, where: str
) -> NDArray[np.uint8]:
    """Return a picture as (h, w, 3) of exactly this size.

    Args:
        image: in RGB.
        size: height and width.
        resize: "crop" makes it just large enough and cuts its middle out, "pad" just small enough
            and puts it in the middle of black, "squish" changes its proportions.
        interpolation: the filter, with antialiasing.
        where: the name of its file, for errors.

    Raises:
        DataError: it is so narrow that "crop" would blow it up to more than 64 million pixels.
    """
    from PIL import Image

    match resize:
        case "crop":
            inner = _covering(image, size)
        case "pad":
            inner = _contained(image, size)
        case "squish":
            inner = size
    if inner.height * inner.width > PIXEL_LIMIT:
        raise DataError(
            f"to crop it, the picture would be resized to {inner.width:,} x {inner.height:,}",
            where=where,
            do="leave it out, or choose another resize",
        )
    resized = image.resize((inner.width, inner.height), Image.Resampling[interpolation.upper()])
    # As torchvision's CenterCrop rounds, and Pillow's ImageOps.pad: half a pixel goes to even.
    top, left = round((inner.height - size.height) / 2), round((inner.width - size.width) / 2)
    box = (left, top, left + size.width, top + size.height)
    return np.asarray(resized.crop(box))  # what lies outside of the picture is black


def _covering(image: "Image", size: Size) -> Size:
    """Return the smallest size of these proportions around another; torchvision's Resize."""
    if size.width * image.height >= size.height * image.width:
        return Size(max(size.height, size.width * image.height // image.width), size.width)
    return Size(size.height, max(size.width, size.height * image.width // image.height))


def _contained(image: "Image", size: Size) -> Size:
    """Return the largest size of these proportions inside another; Pillow's ImageOps.contain."""
    if size.width * image.height >= size.height * image.width:
        return Size(size.height, max(1, round(image.width / image.height * size.height)))
    return Size(max(1, round(image.height / image.width * size.width)), size.width)
