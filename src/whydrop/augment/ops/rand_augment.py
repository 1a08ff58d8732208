"""RandAugment: some operations of one strength, drawn for each image."""

from dataclasses import dataclass

import numpy as np

from whydrop.augment.checks import within
from whydrop.augment.op import Drawn, Floats, Size
from whydrop.augment.ops.policy import Policy
from whydrop.augment.ops.policy_space import check_whole, drawn_from, magnitudes

SHARE = 150 / 331  # of the side that TranslateX and TranslateY go: as in AutoAugment's images


@dataclass(frozen=True)
class RandAugment(Policy):
    """Draw operations for each image, with replacement, all of one strength.

    The operations are Identity, ShearX, ShearY, TranslateX, TranslateY, Rotate, Brightness,
    Color, Contrast, Sharpness, Posterize, Solarize, AutoContrast and Equalize; from ShearX to
    Sharpness they go either way.

    torchvision gives all images of a batch the same draws, and takes the nearest pixel; here
    ShearX, ShearY and Rotate are bilinear, TranslateX and TranslateY whole pixels in both.

    Args:
        num_ops: operations an image, one after the other.
        magnitude: of the operations: a bin, from 0 (the weakest) to num_magnitude_bins - 1.
        num_magnitude_bins: steps from the weakest to the strongest.
        fill: value from 0 to 1 of what comes in from outside the image.

    Source: Cubuk et al. (2020), RandAugment, CVPR workshops; the space of torchvision's.
    """

    num_ops: int = 2
    magnitude: int = 9
    num_magnitude_bins: int = 31
    fill: float = 0.0

    def __post_init__(self) -> None:
        check_whole(self, "num_ops", 0, 100)
        check_whole(self, "num_magnitude_bins", 2, 10_000)
        check_whole(self, "magnitude", 0, self.num_magnitude_bins - 1)
        within(self, "fill", 0.0, 1.0)

    @property
    def chance(self) -> tuple[str, ...]:
        return tuple(f"{what}{at}" for at in range(self.num_ops) for what in ("op", "sign"))

    def draw(self, u: Floats, size: Size) -> Drawn:
        """Return op and magnitude: (n, num_ops) each, as ``drawn_from`` explains them."""
        translate_px = SHARE * size.height, SHARE * size.width
        strong = {"shear": 0.3, "degrees": 30.0, "enhance": 0.9}
        table = magnitudes(self.num_magnitude_bins, translate_px=translate_px, bits=4, **strong)
        at = np.full(u[0::2].shape, self.magnitude)
        return drawn_from(table, at, u[0::2], u[1::2])
