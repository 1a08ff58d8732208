"""SkeletonOp: one operation on skeletons (n, c, t, v, m)."""

from abc import ABC, abstractmethod
from enum import IntEnum
from typing import Any, ClassVar, TypeAlias

from whydrop.augment.op import Drawn, Op

# (n, c, t, v, m): samples, coordinates, frames, joints, persons; float32, a NumPy array or a
# PyTorch tensor on any device. A body of zeros is no body, a frame of zeros no frame.
Skeletons: TypeAlias = Any


class SkeletonStage(IntEnum):
    """The places of operations in a pipeline of skeletons; ``Stage.MIX`` follows."""

    CROP = 1
    RESAMPLE = 2
    ROTATE = 3
    JITTER = 4


class SkeletonOp(Op, ABC):
    """What every operation on skeletons has; its draws do not depend on a size."""

    stage: ClassVar[SkeletonStage]

    @abstractmethod
    def apply(self, skeletons: Skeletons, drawn: Drawn) -> Skeletons:
        """Return the changed skeletons, in memory of their own; what is empty stays zero."""
