"""Flips: mirror each image with a probability of its own."""

from dataclasses import dataclass
from typing import ClassVar

from whydrop.augment.checks import probability
from whydrop.augment.geometry import Move, Run
from whydrop.augment.op import Drawn, Floats, Size, Stage


@dataclass(frozen=True)
class HorizontalFlip:
    """Exchange left and right.

    Args:
        probability: of each image.
    """

    probability: float = 0.5
    stage: ClassVar[Stage] = Stage.GEOMETRY
    chance: ClassVar[tuple[str, ...]] = ("flip",)

    def __post_init__(self) -> None:
        probability(self)

    def draw(self, u: Floats, size: Size) -> Drawn:
        """Return flip: (n,) whether an image is mirrored."""
        return {"flip": u[0] < self.probability}

    def step(self, drawn: Drawn, size: Size) -> Move:
        flip = drawn["flip"]
        return Move(Run.identity(len(flip), size.height), Run.mirrored(flip, size.width), size)


@dataclass(frozen=True)
class VerticalFlip:
    """Exchange top and bottom.

    Args:
        probability: of each image.
    """

    probability: float = 0.5
    stage: ClassVar[Stage] = Stage.GEOMETRY
    chance: ClassVar[tuple[str, ...]] = ("flip",)

    def __post_init__(self) -> None:
        probability(self)

    def draw(self, u: Floats, size: Size) -> Drawn:
        """Return flip: (n,) whether an image is mirrored."""
        return {"flip": u[0] < self.probability}

    def step(self, drawn: Drawn, size: Size) -> Move:
        flip = drawn["flip"]
        return Move(Run.mirrored(flip, size.height), Run.identity(len(flip), size.width), size)
