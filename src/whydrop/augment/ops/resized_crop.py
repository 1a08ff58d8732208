"""ResizedCrop: cut a window of random area and shape out of each image and resize it."""

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from whydrop.augment.checks import check_size
from whydrop.augment.geometry import Warp
from whydrop.augment.op import Drawn, Floats, Op, Size, Stage
from whydrop.augment.ranges import check_pair


@dataclass(frozen=True)
class ResizedCrop(Op):
    """The crop of ImageNet training; bilinear, without smoothing where it shrinks.

    A window that would be larger than the image is clipped to it; torchvision draws up to ten
    windows instead and then takes a central one.

    Args:
        size: of the output; None keeps the size of the images.
        scale: smallest and largest share of the area.
        ratio: smallest and largest width over height; its logarithm is uniform.

    Source: Szegedy et al. (2015), Going deeper with convolutions, section 6.
    """

    size: int | tuple[int, int] | None = None
    scale: tuple[float, float] = (0.08, 1.0)
    ratio: tuple[float, float] = (3 / 4, 4 / 3)
    stage: ClassVar[Stage] = Stage.GEOMETRY
    chance: ClassVar[tuple[str, ...]] = ("area", "ratio", "y", "x")

    def __post_init__(self) -> None:
        check_pair(self, "scale", 1.0, (0.08, 1.0))
        check_pair(self, "ratio", math.inf, (0.75, 1.33))
        if self.size is not None:
            check_size(self)

    def draw(self, u: Floats, size: Size) -> Drawn:
        """Return top, left, height and width of the windows in pixels, (n,) each."""
        low, high = self.scale
        area = (low + (high - low) * u[0]) * size.height * size.width
        narrow, wide = np.log(self.ratio)
        ratio = np.exp(narrow + (wide - narrow) * u[1])
        height = np.clip(np.rint(np.sqrt(area / ratio)), 1, size.height)
        width = np.clip(np.rint(np.sqrt(area * ratio)), 1, size.width)
        top = np.floor(u[2] * (size.height - height + 1))
        left = np.floor(u[3] * (size.width - width + 1))
        return {"top": top, "left": left, "height": height, "width": width}

    def output_size(self, size: Size) -> Size:
        return Size(*self.size) if isinstance(self.size, tuple) else size

    def step(self, drawn: Drawn, size: Size) -> Warp:
        output = self.output_size(size)
        matrix = np.zeros((len(drawn["top"]), 2, 3))
        for axis, (first, length, pixels) in enumerate(
            (("left", "width", output.width), ("top", "height", output.height))
        ):
            zoom = drawn[length] / pixels
            matrix[:, axis, axis] = zoom
            matrix[:, axis, 2] = drawn[first] + (zoom - 1) / 2  # the middles of pixels
        top, left = drawn["top"].astype(np.int64), drawn["left"].astype(np.int64)
        bottom = top + drawn["height"].astype(np.int64)
        right = left + drawn["width"].astype(np.int64)
        return Warp(matrix, output, window=(top, bottom, left, right), mode="edge")
