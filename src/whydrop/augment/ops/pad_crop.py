"""PadCrop: pad each image, then cut its own window out of it."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from whydrop.augment.checks import check_size, one_of, within
from whydrop.augment.geometry import EDGES, Edge, Move, Run
from whydrop.augment.op import Drawn, Floats, Op, Size, Stage
from whydrop.core.errors import UsageError


@dataclass(frozen=True)
class PadCrop(Op):
    """Cut a window out of each padded image, all its places equally likely.

    Args:
        pad: pixels on each side.
        mode: what is beyond the border: "constant", "reflect" (without the border pixel itself),
            "symmetric" (with it) or "edge".
        fill: value from 0 to 1 for "constant".
        size: of the window, a number or height and width; None keeps that of the images.
    """

    pad: int
    mode: Edge = "constant"
    fill: float = 0.0
    size: int | tuple[int, int] | None = None
    stage: ClassVar[Stage] = Stage.GEOMETRY
    chance: ClassVar[tuple[str, ...]] = ("y", "x")

    def __post_init__(self) -> None:
        if not isinstance(self.pad, int):
            raise UsageError(f"pad is {self.pad!r}", where="PadCrop", do="give whole pixels")
        within(self, "pad", 0)
        within(self, "fill", 0.0, 1.0)
        one_of(self, "mode", EDGES)
        if self.size is not None:
            check_size(self)

    def output_size(self, size: Size) -> Size:
        return Size(*self.size) if isinstance(self.size, tuple) else size

    def draw(self, u: Floats, size: Size) -> Drawn:
        """Return y and x: (n,) the window's first row and column, from -pad on.

        Raises:
            UsageError: padded images are smaller than the window.
        """
        window = self.output_size(size)
        spare = np.array(size)[:, None] + 2 * self.pad - np.array(window)[:, None]
        if spare.min() < 0:
            raise UsageError(
                f"a window of {window.height} x {window.width} pixels does not fit into an image "
                f"of {size.height} x {size.width} padded by {self.pad}",
                where="PadCrop",
                do="give a smaller size, or a larger pad",
            )
        first = np.floor(u * (spare + 1)).astype(np.int64) - self.pad
        return {"y": first[0], "x": first[1]}

    def step(self, drawn: Drawn, size: Size) -> Move:
        pad = self.pad if self.mode != "constant" else 0
        most = min(size) - (self.mode == "reflect")
        if pad > most and self.mode in ("reflect", "symmetric"):
            raise UsageError(
                f"cannot reflect {pad} pixels of an image of {size.height} x {size.width}",
                where="PadCrop",
                do=f"pad by at most {most}",
            )
        first = np.stack([drawn["y"], drawn["x"]]) + pad
        window = self.output_size(size)
        run = Run.shifted(first, Size(size.height + 2 * pad, size.width + 2 * pad), window)
        return Move(run, window, self.fill, (pad, self.mode))
