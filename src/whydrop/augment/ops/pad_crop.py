"""PadCrop: pad each image, then cut its own window of the old size out of it."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from whydrop.augment.checks import one_of, within
from whydrop.augment.geometry import Edge, Move, Run
from whydrop.augment.op import Drawn, Floats, Op, Size, Stage
from whydrop.core.errors import UsageError


@dataclass(frozen=True)
class PadCrop(Op):
    """Shift each image by up to ``pad`` pixels either way, all shifts equally likely.

    Args:
        pad: pixels on each side.
        mode: what is beyond the border: "constant", "reflect" (without the border pixel itself)
            or "edge".
        fill: value from 0 to 1 for "constant".
    """

    pad: int
    mode: Edge = "constant"
    fill: float = 0.0
    stage: ClassVar[Stage] = Stage.GEOMETRY
    chance: ClassVar[tuple[str, ...]] = ("y", "x")

    def __post_init__(self) -> None:
        if not isinstance(self.pad, int):
            raise UsageError(f"pad is {self.pad!r}", where="PadCrop", do="give whole pixels")
        within(self, "pad", 0)
        within(self, "fill", 0.0, 1.0)
        one_of(self, "mode", ("constant", "reflect", "edge"))

    def draw(self, u: Floats, size: Size) -> Drawn:
        """Return y and x: (n,) the window's first row and column, from -pad to pad."""
        first = np.floor(u * (2 * self.pad + 1)).astype(np.int64) - self.pad
        return {"y": first[0], "x": first[1]}

    def step(self, drawn: Drawn, size: Size) -> Move:
        pad = self.pad if self.mode != "constant" else 0
        if pad >= min(size) and self.mode == "reflect":
            raise UsageError(
                f"cannot reflect {pad} pixels of an image of {size.height} x {size.width}",
                where="PadCrop",
                do="pad less than the size of the image",
            )
        first = np.stack([drawn["y"], drawn["x"]]) + pad
        run = Run.shifted(first, Size(size.height + 2 * pad, size.width + 2 * pad), size)
        return Move(run, size, self.fill, (pad, self.mode))
