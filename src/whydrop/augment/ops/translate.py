"""Translate: move each image by its own distance."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from whydrop.augment.checks import one_of, within
from whydrop.augment.geometry import Edge, Move, Run
from whydrop.augment.op import Drawn, Floats, Op, Size, Stage


@dataclass(frozen=True)
class Translate(Op):
    """Move each image by whole pixels, up to a share of its size.

    A distance is uniform and then rounded, so the two largest whole ones come half as often.

    Args:
        share: of the height and of the width, from 0 to 1.
        mode: what comes in: "constant", "reflect" or "edge".
        fill: value from 0 to 1 for "constant".

    Source: the distances of torchvision's RandomAffine.
    """

    share: float
    mode: Edge = "constant"
    fill: float = 0.0
    stage: ClassVar[Stage] = Stage.GEOMETRY
    chance: ClassVar[tuple[str, ...]] = ("y", "x")

    def __post_init__(self) -> None:
        within(self, "share", 0.0, 1.0)
        within(self, "fill", 0.0, 1.0)
        one_of(self, "mode", ("constant", "reflect", "edge"))

    def draw(self, u: Floats, size: Size) -> Drawn:
        """Return y and x: (n,) pixels that the image moves down and to the right."""
        most = np.array(self._most(size))[:, None]
        moved = np.rint((2 * u - 1) * most).astype(np.int64)
        return {"y": moved[0], "x": moved[1]}

    def _most(self, size: Size) -> tuple[float, float]:
        # A border of the other modes is at most the image itself.
        limit = max(size) if self.mode == "constant" else min(size) - 1
        return min(self.share * size.height, limit), min(self.share * size.width, limit)

    def step(self, drawn: Drawn, size: Size) -> Move:
        pad = round(max(self._most(size))) if self.mode != "constant" else 0
        first = pad - np.stack([drawn["y"], drawn["x"]])
        run = Run.shifted(first, Size(size.height + 2 * pad, size.width + 2 * pad), size)
        return Move(run, size, self.fill, (pad, self.mode))
