"""Solarize: invert the bright values."""

from dataclasses import dataclass
from typing import Any, ClassVar

from whydrop.augment.arrays import library_of, per_sample
from whydrop.augment.checks import probability
from whydrop.augment.chosen import change_chosen
from whydrop.augment.op import Drawn, Floats, Images, Op, Size, Stage
from whydrop.augment.ranges import Span, between, check_span, ends
from whydrop.core.errors import UsageError


@dataclass(frozen=True)
class Solarize(Op):
    """Replace values of a threshold or more by one minus the value.

    Args:
        threshold: from 0 (inverts all) to 1; two numbers for a range. A byte's threshold t is
            t / 255 here.
        probability: of each image.

    Source: torchvision's solarize.
    """

    threshold: Span
    probability: float = 0.5
    stage: ClassVar[Stage] = Stage.COLOUR
    chance: ClassVar[tuple[str, ...]] = ("probability", "threshold")

    def __post_init__(self) -> None:
        if isinstance(self.threshold, int | float) and 1 < self.threshold <= 255:
            raise UsageError(
                f"threshold is {self.threshold!r}: that is for values from 0 to 255",
                where="Solarize",
                do="divide it by 255; images have values from 0 to 1 here",
            )
        check_span(self, "threshold", 0.0, 1.0)
        probability(self)

    def draw(self, u: Floats, size: Size) -> Drawn:
        """Return applied: (n,) whether an image is changed, and threshold: (n,)."""
        threshold = between(u[1], *ends(self.threshold))
        return {"applied": u[0] < self.probability, "threshold": threshold}

    def apply(self, images: Images, drawn: Drawn) -> Images:
        """Return the changed images; works in place."""
        return change_chosen(images, drawn["applied"], _solarized, drawn["threshold"])


def _solarized(images: Images, threshold: Any) -> Images:
    bright = images >= per_sample(threshold, images)
    return library_of(images).where(bright, 1 - images, images)
