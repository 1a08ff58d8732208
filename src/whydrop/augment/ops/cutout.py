"""Cutout: hide one or more squares, or rectangles of one size, of each image."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from whydrop.augment.checks import within
from whydrop.augment.op import Drawn, Floats, Op, Size, Stage
from whydrop.core.errors import UsageError


@dataclass(frozen=True)
class Cutout(Op):
    """Fill squares whose middle is anywhere in the image.

    Args:
        size: side in pixels; or a height and a width.
        holes: squares an image.
        clip: a square may stick out of the image, as in the paper, and then hides less; else
            it lies inside.
        fill: value after normalisation; 0 is then the mean.
        probability: of each image.

    Source: DeVries and Taylor (2017), arXiv 1708.04552.
    """

    size: int | tuple[int, int]
    holes: int = 1
    clip: bool = True
    fill: float = 0.0
    probability: float = 1.0
    stage: ClassVar[Stage] = Stage.ERASE

    def __post_init__(self) -> None:
        if isinstance(self.size, list):  # as JSON gives it
            object.__setattr__(self, "size", tuple(self.size))
        within(self, "holes", 1, 1000)
        within(self, "probability", 0.0, 1.0)
        within(self, "fill", -1e6, 1e6)
        numbers = (*self._sides(), self.holes)
        whole = all(isinstance(n, int) and not isinstance(n, bool) and n > 0 for n in numbers)
        if len(numbers) != 3 or not whole:
            what = f"size is {self.size!r}, holes {self.holes!r}"
            do = "give whole numbers of 1 or more; for size one, or a height and a width"
            raise UsageError(what, where="Cutout", do=do)

    def _sides(self) -> tuple[int, ...]:
        return self.size if isinstance(self.size, tuple) else (self.size, self.size)

    @property
    def chance(self) -> tuple[str, ...]:
        places = (f"{axis}{hole}" for hole in range(self.holes) for axis in "yx")
        return ("probability", *places)

    def draw(self, u: Floats, size: Size) -> Drawn:
        """Return top, bottom, left and right of the holes: (n, holes) pixels each."""
        hit = u[0] < self.probability
        holes = {}
        height, width = self._sides()
        for names, places, pixels, side in (
            (("top", "bottom"), u[1::2], size.height, height),
            (("left", "right"), u[2::2], size.width, width),
        ):
            if self.clip:
                first = np.floor(places.T * pixels).astype(np.int64) - side // 2
                last = first + side
            else:
                side = min(side, pixels)
                first = np.floor(places.T * (pixels - side + 1)).astype(np.int64)
                last = first + side
            first, last = np.maximum(first, 0), np.minimum(last, pixels)
            holes[names[0]], holes[names[1]] = first, np.where(hit[:, None], last, first)
        return holes
