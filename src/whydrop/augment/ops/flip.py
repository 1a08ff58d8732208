"""Flips: mirror each image with a probability of its own."""

from dataclasses import dataclass
from typing import ClassVar

from whydrop.augment.geometry import Move, Run
from whydrop.augment.op import Drawn, Size, Stage
from whydrop.augment.ops.sometimes import Sometimes


@dataclass(frozen=True)
class HorizontalFlip(Sometimes):
    """Exchange left and right.

    Args:
        probability: of each image.
    """

    stage: ClassVar[Stage] = Stage.GEOMETRY

    def step(self, drawn: Drawn, size: Size) -> Move:
        return Move(Run.mirrored(drawn["applied"], 1, size), size)


@dataclass(frozen=True)
class VerticalFlip(Sometimes):
    """Exchange top and bottom.

    Args:
        probability: of each image.
    """

    stage: ClassVar[Stage] = Stage.GEOMETRY

    def step(self, drawn: Drawn, size: Size) -> Move:
        return Move(Run.mirrored(drawn["applied"], 0, size), size)
