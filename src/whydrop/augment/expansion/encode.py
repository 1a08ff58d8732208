"""Encode: images as the bytes of PNG or JPEG files."""

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from whydrop.augment.expansion.sources import Pixels
from whydrop.core.errors import MissingExtra, UsageError

Format = Literal["png", "jpeg"]
ENDS = {"png": b"IEND\xaeB`\x82", "jpeg": b"\xff\xd9"}  # what a whole file ends with
SUFFIXES = {"png": ".png", "jpeg": ".jpg"}
CHANNELS = {"png": (1, 2, 3, 4), "jpeg": (1, 3)}


@dataclass(frozen=True)
class Encoder:
    """How images are stored.

    Args:
        format: "png" keeps every pixel; "jpeg" does not.
        quality: of JPEG, 1 to 95; colours at half resolution, Pillow's default. None for PNG.

    Raises:
        UsageError: another format, or a quality that does not fit it.
    """

    format: Format
    quality: int | None = None

    def __post_init__(self) -> None:
        quality = self.quality
        if self.format not in ENDS:
            what = f"format is {self.format!r}"
            raise UsageError(what, where="files of images", do='give "png" or "jpeg"')
        if self.format == "png" and quality is not None:
            what = f"quality is {quality!r}, but PNG keeps every pixel"
            raise UsageError(what, where="files of images", do='leave it out, or give "jpeg"')
        if self.format == "jpeg" and not (type(quality) is int and 1 <= quality <= 95):
            what = f"quality is {quality!r}"
            raise UsageError(what, where="files of images", do="give a whole number, 1 to 95")

    @property
    def suffix(self) -> str:
        """What file names end with."""
        return SUFFIXES[self.format]

    def encoded(self, pixels: Pixels) -> bytes:
        """Return the file of an image, uint8 (c, h, w).

        Raises:
            MissingExtra: Pillow is not installed.
            UsageError: the format has no images of so many channels.
        """
        try:
            from PIL import Image
        except ImportError as error:
            what = "files of images need Pillow"
            raise MissingExtra(what, where="Expansion.write", do="pip install pillow") from error
        channels = pixels.shape[0]
        if channels not in CHANNELS[self.format]:
            raise UsageError(
                f"an image has {channels} channels",
                where="files of images",
                do=f"{self.format} has {', '.join(map(str, CHANNELS[self.format]))}",
            )
        plane = pixels[0] if channels == 1 else np.ascontiguousarray(pixels.transpose(1, 2, 0))
        file = io.BytesIO()
        how = {} if self.quality is None else {"quality": self.quality}
        Image.fromarray(plane).save(file, self.format, **how)
        return file.getvalue()

    def is_whole(self, path: Path) -> bool:
        """Return whether a file is there and ends as files of this format do."""
        end = ENDS[self.format]
        try:
            with path.open("rb") as file:
                file.seek(-len(end), io.SEEK_END)
                return file.read() == end
        except OSError:  # not there, or shorter
            return False
