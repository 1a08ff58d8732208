"""Affine: rotate, move, scale and shear each image by its own amounts, in one resampling."""

import math
from dataclasses import dataclass
from typing import ClassVar, TypeAlias

import numpy as np

from whydrop.augment.checks import one_of, within
from whydrop.augment.geometry import EDGES, INTERPOLATIONS, Edge, Interpolation, Warp
from whydrop.augment.op import Drawn, Floats, Op, Size, Stage
from whydrop.augment.ranges import Span, around, between, check_span, check_spans

Pair: TypeAlias = tuple[float, float]
Four: TypeAlias = tuple[float, float, float, float]  # the two ends along x, the two along y
NONE: Pair = (0.0, 0.0)


@dataclass(frozen=True)
class Affine(Op):
    """The middle of the image is the fixed point; the numbers mean what they do in torchvision.

    Args:
        degrees: largest rotation either way, clockwise positive, from 0 to 180; or the two ends.
        translate: largest distance either way as a share of the width and of the height; two
            for a share of each; or four ends: of x, to the right positive, and of y, downwards.
        scale: smallest and largest magnification; or four ends: of the width, of the height.
        shear: largest shear of x either way, in degrees, below 90; or its two ends; or four
            ends: of x, of y.
        fill: value from 0 to 1 of what comes in, for mode "constant".
        probability: of each image.
        mode: what comes in: "constant", "reflect" (without the border pixel itself),
            "symmetric" (with it) or "edge".
        interpolation: "bilinear"; or "nearest", which mixes no pixels.
    """

    degrees: Span = 0.0
    translate: float | Pair | Four = 0.0
    scale: Pair | Four = (1.0, 1.0)
    shear: float | Pair | Four = 0.0
    fill: float = 0.0
    probability: float = 1.0
    mode: Edge = "constant"
    interpolation: Interpolation = "bilinear"
    stage: ClassVar[Stage] = Stage.GEOMETRY
    chance: ClassVar[tuple[str, ...]] = (
        *("angle", "y", "x", "scale", "shear", "probability"),
        *("scale_y", "shear_y"),
    )

    def __post_init__(self) -> None:
        turn = (-360.0, 360.0) if isinstance(self.degrees, tuple | list) else (0.0, 180.0)
        check_span(self, "degrees", *turn)
        check_spans(self, "translate", -1.0, 1.0, pair="sizes")
        check_spans(self, "scale", 1e-6, math.inf, pair="ends", lengths=(2, 4))
        check_spans(self, "shear", -89.0, 89.0, pair="ends")
        within(self, "fill", 0.0, 1.0)
        within(self, "probability", 0.0, 1.0)
        one_of(self, "mode", EDGES)
        one_of(self, "interpolation", INTERPOLATIONS)

    def _moves(self) -> tuple[Pair, Pair]:
        """Return the ends of the shares along x and along y."""
        given = self.translate
        if isinstance(given, tuple) and len(given) == 4:
            return given[:2], given[2:]
        width, height = given if isinstance(given, tuple) else (given, given)
        return (-width, width), (-height, height)

    def _shears(self) -> tuple[Pair, Pair]:
        """Return the ends of the angles of x and of y."""
        given = self.shear
        if isinstance(given, tuple) and len(given) == 4:
            return given[:2], given[2:]
        return (given if isinstance(given, tuple) else (-given, given)), NONE

    def draw(self, u: Floats, size: Size) -> Drawn:
        """Return angle, shear and shear_y in degrees, y and x in pixels, scale and scale_y.

        Each is (n,); scale is of the width, scale_y of the height.
        """
        done = u[5] < self.probability
        (along_x, along_y), (shear, shear_y) = self._moves(), self._shears()
        scale = between(u[3], *self.scale[:2])
        scale_y = between(u[6], *self.scale[2:]) if len(self.scale) == 4 else scale
        drawn = {
            "angle": between(u[0], *around(self.degrees, 0.0)),
            "y": between(u[1], *along_y) * size.height,
            "x": between(u[2], *along_x) * size.width,
            "shear": between(u[4], *shear),
            "shear_y": between(u[7], *shear_y),
        }
        drawn = {name: np.where(done, values, 0.0) for name, values in drawn.items()}
        return drawn | {
            "scale": np.where(done, scale, 1.0),
            "scale_y": np.where(done, scale_y, 1.0),
        }

    def step(self, drawn: Drawn, size: Size) -> Warp:
        angle, shear = np.radians(drawn["angle"]), np.radians(drawn["shear"])
        # Rotation after shear of y after shear of x after scale; its inverse leads from the
        # output to the source.
        cos, sin, tan = np.cos(angle), np.sin(angle), np.tan(shear)
        tan_y = np.tan(np.radians(drawn["shear_y"]))
        inverse = np.empty((len(angle), 2, 2))
        inverse[:, 1, 0], inverse[:, 1, 1] = tan_y * cos - sin, tan_y * sin + cos
        inverse[:, 0, 0] = cos + tan * inverse[:, 1, 0]
        inverse[:, 0, 1] = sin + tan * inverse[:, 1, 1]
        inverse[:, 0] /= drawn["scale"][:, None]
        inverse[:, 1] /= drawn["scale_y"][:, None]
        middle = np.array([(size.width - 1) / 2, (size.height - 1) / 2])
        moved = middle + np.stack([drawn["x"], drawn["y"]], axis=1)
        offset = middle[:, None] - inverse @ moved[:, :, None]
        matrix = np.concatenate([inverse, offset], axis=2)
        return Warp(matrix, size, self.fill, None, self.mode, self.interpolation)
