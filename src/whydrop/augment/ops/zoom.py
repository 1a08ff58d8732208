"""Zoom: show more of each image, smaller, or less of it, larger."""

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from whydrop.augment.checks import one_of, within
from whydrop.augment.geometry import EDGES, INTERPOLATIONS, Edge, Interpolation, Warp
from whydrop.augment.op import Drawn, Floats, Op, Size, Stage
from whydrop.augment.ranges import between, check_pair


@dataclass(frozen=True)
class Zoom(Op):
    """Show a share of the height and of the width that is drawn for each image.

    ``Affine``'s scale is one over this share; what is uniform differs.

    Args:
        height: smallest and largest share: at 0.8 a fifth is out of sight, at 1.2 a fifth of the
            height comes in from outside.
        width: likewise; None takes what was drawn for the height.
        fill: value from 0 to 1 of what comes in, for mode "constant".
        probability: of each image.
        mode: what comes in: "constant", "reflect", "symmetric" or "edge".
        interpolation: "bilinear" or "nearest".

    Source: RandomZoom of Keras.
    """

    height: tuple[float, float]
    width: tuple[float, float] | None = None
    fill: float = 0.0
    probability: float = 1.0
    mode: Edge = "constant"
    interpolation: Interpolation = "bilinear"
    stage: ClassVar[Stage] = Stage.GEOMETRY
    chance: ClassVar[tuple[str, ...]] = ("probability", "height", "width")

    def __post_init__(self) -> None:
        check_pair(self, "height", math.inf, (0.8, 1.2))
        if self.width is not None:
            check_pair(self, "width", math.inf, (0.8, 1.2))
        within(self, "fill", 0.0, 1.0)
        within(self, "probability", 0.0, 1.0)
        one_of(self, "mode", EDGES)
        one_of(self, "interpolation", INTERPOLATIONS)

    def draw(self, u: Floats, size: Size) -> Drawn:
        """Return height and width: (n,) shares that are shown."""
        done = u[0] < self.probability
        height = np.where(done, between(u[1], *self.height), 1.0)
        if self.width is None:
            return {"height": height, "width": height}
        return {"height": height, "width": np.where(done, between(u[2], *self.width), 1.0)}

    def step(self, drawn: Drawn, size: Size) -> Warp:
        matrix = np.zeros((len(drawn["height"]), 2, 3))
        for axis, (share, pixels) in enumerate(
            ((drawn["width"], size.width), (drawn["height"], size.height))
        ):
            matrix[:, axis, axis] = share
            matrix[:, axis, 2] = (1 - share) * (pixels - 1) / 2
        return Warp(matrix, size, self.fill, None, self.mode, self.interpolation)
