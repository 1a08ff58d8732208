"""Tiles: pictures as PNG, those of small images with their pixels enlarged."""

from importlib.util import find_spec
from io import BytesIO
from typing import TYPE_CHECKING

from whydrop.augment.pictures import Picture
from whydrop.core.errors import MissingExtra

if TYPE_CHECKING:
    from PIL.Image import Image

SIDE = 128  # pixels that the longer side of a tile has, or a little less
LARGEST = 192  # pixels; larger pictures are made smaller


def require_pillow(what: str) -> None:
    """Check that Pillow is installed.

    Raises:
        MissingExtra: it is not.
    """
    if find_spec("PIL") is None:
        raise MissingExtra("pictures need Pillow", where=what, do="pip install 'whydrop[images]'")


def tile(picture: Picture) -> "Image":
    """Return a picture for a sheet: of a small one each pixel is a square of pixels."""
    from PIL import Image

    image = Image.fromarray(picture)
    larger = enlargement(picture)
    if larger > 1:
        size = image.width * larger, image.height * larger
        return image.resize(size, Image.Resampling.NEAREST)
    image.thumbnail((LARGEST, LARGEST))
    return image


def enlargement(picture: Picture) -> int:
    """Return how many pixels a side one pixel of a picture becomes."""
    height, width = picture.shape[:2]
    return max(1, SIDE // int(max(height, width)))


def png(image: "Image") -> bytes:
    """Return a picture as a PNG file."""
    file = BytesIO()
    image.save(file, "png")
    return file.getvalue()
