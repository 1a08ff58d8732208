"""Posterize: keep only the high bits of each value."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from whydrop.augment.arrays import library_of, per_sample
from whydrop.augment.checks import probability
from whydrop.augment.chosen import change_chosen
from whydrop.augment.levels import LEVEL, LEVELS
from whydrop.augment.op import Drawn, Floats, Images, Op, Size, Stage
from whydrop.augment.ranges import check_span, ends
from whydrop.core.errors import UsageError


@dataclass(frozen=True)
class Posterize(Op):
    """Set the low bits of the byte that each value stands for to zero.

    Args:
        bits: kept, from 0 to 8; two whole numbers for a range, both included, all equally likely.
        probability: of each image.

    Source: Pillow's ImageOps.posterize. torchvision's float version divides by 256 where this
    divides by 255; the two differ by less than one level.
    """

    bits: int | tuple[int, int]
    probability: float = 0.5
    stage: ClassVar[Stage] = Stage.COLOUR
    chance: ClassVar[tuple[str, ...]] = ("probability", "bits")

    def __post_init__(self) -> None:
        check_span(self, "bits", 0, 8)
        if not all(isinstance(end, int) for end in ends(self.bits)):
            raise UsageError(f"bits is {self.bits!r}", where="Posterize", do="give whole numbers")
        probability(self)

    def draw(self, u: Floats, size: Size) -> Drawn:
        """Return applied: (n,) whether an image is changed, and bits: (n,) whole numbers."""
        low, high = ends(self.bits)
        bits = np.floor(low + (high - low + 1) * u[1]).astype(np.int64)
        return {"applied": u[0] < self.probability, "bits": np.minimum(bits, int(high))}

    def apply(self, images: Images, drawn: Drawn) -> Images:
        """Return the changed images; works in place."""
        return change_chosen(images, drawn["applied"], _posterized, drawn["bits"])


def _posterized(images: Images, bits: Any) -> Images:
    library = library_of(images)
    step = per_sample(2.0 ** (8 - bits), images)  # levels that become one
    kept = library.floor(images * LEVELS / step) * step
    return library.clip(kept, 0.0, 255.0) * LEVEL
