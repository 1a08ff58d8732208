"""Sometimes: what operations share that are done to an image or not, and hold no other chance."""

from dataclasses import dataclass
from typing import ClassVar

from whydrop.augment.checks import probability
from whydrop.augment.op import Drawn, Floats, Op, Size


@dataclass(frozen=True)
class Sometimes(Op):
    """Done to each image with a probability.

    Args:
        probability: of each image.
    """

    probability: float = 0.5
    chance: ClassVar[tuple[str, ...]] = ("probability",)

    def __post_init__(self) -> None:
        probability(self)

    def draw(self, u: Floats, size: Size) -> Drawn:
        """Return applied: (n,) whether it is done to an image."""
        return {"applied": u[0] < self.probability}
