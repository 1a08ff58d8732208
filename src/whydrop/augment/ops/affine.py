"""Affine: rotate, move, scale and shear each image by its own amounts, in one resampling."""

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from whydrop.augment.checks import within
from whydrop.augment.geometry import Warp
from whydrop.augment.op import Drawn, Floats, Op, Size, Stage
from whydrop.augment.ranges import check_pair


@dataclass(frozen=True)
class Affine(Op):
    """Bilinear; the middle of the image is the fixed point; as torchvision's ``affine``.

    Args:
        degrees: largest rotation either way, clockwise positive, from 0 to 180.
        translate: largest distance as a share of the height and of the width.
        scale: smallest and largest magnification.
        shear: largest shear of x either way, in degrees, below 90.
        fill: value from 0 to 1 of what comes in.
        probability: of each image.
    """

    degrees: float = 0.0
    translate: float = 0.0
    scale: tuple[float, float] = (1.0, 1.0)
    shear: float = 0.0
    fill: float = 0.0
    probability: float = 1.0
    stage: ClassVar[Stage] = Stage.GEOMETRY
    chance: ClassVar[tuple[str, ...]] = ("angle", "y", "x", "scale", "shear", "probability")

    def __post_init__(self) -> None:
        within(self, "degrees", 0.0, 180.0)
        within(self, "translate", 0.0, 1.0)
        within(self, "shear", 0.0, 89.0)
        within(self, "fill", 0.0, 1.0)
        within(self, "probability", 0.0, 1.0)
        check_pair(self, "scale", math.inf, (0.9, 1.1))

    def draw(self, u: Floats, size: Size) -> Drawn:
        """Return angle and shear in degrees, y and x in pixels, scale: (n,) each."""
        done = u[5] < self.probability
        either = np.where(done, 2 * u - 1, 0.0)
        low, high = self.scale
        return {
            "angle": self.degrees * either[0],
            "y": self.translate * size.height * either[1],
            "x": self.translate * size.width * either[2],
            "scale": np.where(done, low + (high - low) * u[3], 1.0),
            "shear": self.shear * either[4],
        }

    def step(self, drawn: Drawn, size: Size) -> Warp:
        angle, shear = np.radians(drawn["angle"]), np.radians(drawn["shear"])
        # Rotation after shear of x after scale; its inverse leads from the output to the source.
        cos, sin, tan = np.cos(angle), np.sin(angle), np.tan(shear)
        inverse = np.empty((len(angle), 2, 2))
        inverse[:, 0, 0], inverse[:, 0, 1] = cos - sin * tan, sin + cos * tan
        inverse[:, 1, 0], inverse[:, 1, 1] = -sin, cos
        inverse /= drawn["scale"][:, None, None]
        middle = np.array([(size.width - 1) / 2, (size.height - 1) / 2])
        moved = middle + np.stack([drawn["x"], drawn["y"]], axis=1)
        offset = middle[:, None] - inverse @ moved[:, :, None]
        return Warp(np.concatenate([inverse, offset], axis=2), size, self.fill)
