"""Op: one operation of a pipeline. ``draw`` holds all the chance, what is applied holds none.

An operation is a frozen dataclass of plain values, so that a pipeline is data: it can be written
as JSON, compared, and be a factor of a study.
"""

from collections.abc import Mapping
from enum import IntEnum
from typing import Any, ClassVar, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Images: TypeAlias = Any  # (n, c, h, w): a NumPy array, or a PyTorch tensor on any device
Drawn: TypeAlias = Mapping[str, NDArray[Any]]  # by name, (n,) each: what was drawn a sample


class Stage(IntEnum):
    """The places of operations in a pipeline: each works on what the earlier ones leave."""

    GEOMETRY = 1
    COLOUR = 2
    NORMALIZE = 3
    ERASE = 4
    MIX = 5


class Size(NamedTuple):
    """Height and width in pixels."""

    height: int
    width: int


class Op:
    """What every operation has; those of a stage have ``step`` (geometry) or ``apply`` besides.

    Attributes:
        stage: where in a pipeline it may stand.
        chance: names of the uniform numbers that it needs for a sample.
    """

    stage: ClassVar[IntEnum]

    @property
    def chance(self) -> tuple[str, ...]:
        return ()

    def active(self, epoch: int) -> bool:
        """Return whether anything is done in an epoch, counted from 0."""
        return True

    def output_size(self, size: Size) -> Size:
        """Return the size of what comes out for images of a size."""
        return size

    def draw(self, u: Floats, size: Size) -> Drawn:
        """Return what this operation does to each sample.

        Args:
            u: (len(chance), n) numbers, uniform in (0, 1).
            size: of the images when they reach the operation.
        """
        return {}
