"""Translate: move each image by its own distance."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from whydrop.augment.checks import one_of, within
from whydrop.augment.geometry import EDGES, Edge, Move, Run
from whydrop.augment.op import Drawn, Floats, Op, Size, Stage
from whydrop.augment.ranges import check_spans


@dataclass(frozen=True)
class Translate(Op):
    """Move each image by whole pixels, up to a share of its size.

    A distance is uniform and then rounded, so the two largest whole ones come half as often.

    Args:
        share: of the width and of the height, from 0 to 1; or one for each.
        mode: what comes in: "constant", "reflect" (without the border pixel itself),
            "symmetric" (with it) or "edge".
        fill: value from 0 to 1 for "constant".
        probability: of each image.

    Source: the distances of torchvision's RandomAffine.
    """

    share: float | tuple[float, float]
    mode: Edge = "constant"
    fill: float = 0.0
    probability: float = 1.0
    stage: ClassVar[Stage] = Stage.GEOMETRY
    chance: ClassVar[tuple[str, ...]] = ("y", "x", "probability")

    def __post_init__(self) -> None:
        check_spans(self, "share", 0.0, 1.0, pair="sizes", lengths=(1, 2))
        within(self, "fill", 0.0, 1.0)
        within(self, "probability", 0.0, 1.0)
        one_of(self, "mode", EDGES)

    def draw(self, u: Floats, size: Size) -> Drawn:
        """Return y and x: (n,) pixels that the image moves down and to the right."""
        most = np.array(self._most(size))[:, None]
        moved = np.rint(np.where(u[2] < self.probability, 2 * u[:2] - 1, 0.0) * most)
        moved = moved.astype(np.int64)
        return {"y": moved[0], "x": moved[1]}

    def _most(self, size: Size) -> tuple[float, float]:
        # A border of the other modes is at most the image itself.
        limit = max(size) if self.mode == "constant" else min(size) - 1
        width, height = self.share if isinstance(self.share, tuple) else (self.share, self.share)
        return min(height * size.height, limit), min(width * size.width, limit)

    def step(self, drawn: Drawn, size: Size) -> Move:
        pad = round(max(self._most(size))) if self.mode != "constant" else 0
        first = pad - np.stack([drawn["y"], drawn["x"]])
        run = Run.shifted(first, Size(size.height + 2 * pad, size.width + 2 * pad), size)
        return Move(run, size, self.fill, (pad, self.mode))
