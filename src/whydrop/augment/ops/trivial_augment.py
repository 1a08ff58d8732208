"""TrivialAugment: one operation of any strength, drawn for each image."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from whydrop.augment.checks import within
from whydrop.augment.op import Drawn, Floats, Size
from whydrop.augment.ops.policy import Policy
from whydrop.augment.ops.policy_space import check_whole, drawn_from, magnitudes


@dataclass(frozen=True)
class TrivialAugment(Policy):
    """Draw one operation for each image, and its strength; all are equally likely.

    The operations are those of RandAugment, over the wide space of torchvision's
    TrivialAugmentWide. That gives all images of a batch the same draws, and takes the nearest
    pixel; here ShearX, ShearY and Rotate are bilinear, TranslateX and TranslateY whole pixels in
    both. (Of its 31 distances torchvision cuts the 16th, 16 pixels, to 15 by rounding.)

    Args:
        num_magnitude_bins: steps from the weakest to the strongest.
        fill: value from 0 to 1 of what comes in from outside the image.

    Source: Müller and Hutter (2021), TrivialAugment, ICCV.
    """

    num_magnitude_bins: int = 31
    fill: float = 0.0
    chance: ClassVar[tuple[str, ...]] = ("op", "magnitude", "sign")

    def __post_init__(self) -> None:
        check_whole(self, "num_magnitude_bins", 2, 10_000)
        within(self, "fill", 0.0, 1.0)

    def draw(self, u: Floats, size: Size) -> Drawn:
        """Return op and magnitude: (n, 1) each, as ``drawn_from`` explains them."""
        strong = {"shear": 0.99, "degrees": 135.0, "enhance": 0.99}
        table = magnitudes(self.num_magnitude_bins, translate_px=(32.0, 32.0), bits=6, **strong)
        at = np.floor(u[1:2] * self.num_magnitude_bins).astype(np.int64)
        return drawn_from(table, at, u[0:1], u[2:3])
