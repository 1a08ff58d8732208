"""RandomErasing: hide a rectangle of random area and shape in some images."""

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from whydrop.augment.checks import probability
from whydrop.augment.holes import Fill
from whydrop.augment.op import Drawn, Floats, Op, Size, Stage
from whydrop.augment.ranges import check_pair
from whydrop.core.errors import UsageError


@dataclass(frozen=True)
class RandomErasing(Op):
    """Fill a rectangle that lies inside the image.

    A rectangle that is longer than the image is clipped to it; torchvision draws up to ten times
    instead, and then leaves the image as it is.

    Args:
        probability: of each image.
        scale: smallest and largest share of the area.
        ratio: smallest and largest height over width; its logarithm is uniform.
        fill: value after normalisation, where 0 is the mean; or "noise", for each value a
            number of its own, normal with mean 0 and standard deviation 1.

    Source: Zhong et al. (2020), Random erasing data augmentation, AAAI.
    """

    probability: float = 0.5
    scale: tuple[float, float] = (0.02, 0.33)
    ratio: tuple[float, float] = (0.3, 3.3)
    fill: Fill = 0.0
    stage: ClassVar[Stage] = Stage.ERASE

    def __post_init__(self) -> None:
        probability(self)
        check_pair(self, "scale", 1.0, (0.02, 0.33))
        check_pair(self, "ratio", math.inf, (0.3, 3.3))
        number = isinstance(self.fill, int | float) and not isinstance(self.fill, bool)
        if self.fill != "noise" and not (number and math.isfinite(self.fill)):
            do = 'give a number, or "noise"'
            raise UsageError(f"fill is {self.fill!r}", where="RandomErasing", do=do)

    @property
    def chance(self) -> tuple[str, ...]:
        places = ("probability", "area", "ratio", "y", "x")
        return (*places, "noise") if self.fill == "noise" else places

    def draw(self, u: Floats, size: Size) -> Drawn:
        """Return top, bottom, left and right of the hole, (n, 1) pixels each; noise, (n,) keys."""
        low, high = self.scale
        area = (low + (high - low) * u[1]) * size.height * size.width
        wide, tall = np.log(self.ratio)
        ratio = np.exp(wide + (tall - wide) * u[2])
        height = np.clip(np.rint(np.sqrt(area * ratio)), 1, size.height)
        width = np.clip(np.rint(np.sqrt(area / ratio)), 1, size.width)
        hit = u[0] < self.probability
        top = np.floor(u[3] * (size.height - height + 1))
        left = np.floor(u[4] * (size.width - width + 1))
        sides = {
            "top": top,
            "bottom": np.where(hit, top + height, top),
            "left": left,
            "right": left + width,
        }
        holes = {name: side.astype(np.int64)[:, None] for name, side in sides.items()}
        if self.fill == "noise":
            holes["noise"] = np.floor(u[5] * 2.0**52).astype(np.int64)  # all bits of a draw
        return holes
