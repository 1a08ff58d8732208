"""GaussianBlur: smooth each image with a Gaussian of its own width."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from whydrop.augment.arrays import library_of, memory_of, per_sample
from whydrop.augment.checks import probability
from whydrop.augment.chosen import change_chosen
from whydrop.augment.compiled import colour, machine_code
from whydrop.augment.op import Drawn, Floats, Images, Op, Size, Stage
from whydrop.augment.ranges import Span, between, check_span, ends
from whydrop.core.errors import UsageError

LEAST_SIGMA = 1e-3  # in pixels; nothing reaches the next pixel long before


@dataclass(frozen=True)
class GaussianBlur(Op):
    """Smooth with a Gaussian; beyond the border the image is reflected about its last pixel.

    Args:
        kernel: side of the square kernel in pixels, odd.
        sigma: standard deviation in pixels; two numbers for a range.
        probability: of each image.

    Source: torchvision's gaussian_blur, as one pass along rows and one along columns.
    """

    kernel: int
    sigma: Span = (0.1, 2.0)
    probability: float = 1.0
    stage: ClassVar[Stage] = Stage.COLOUR
    chance: ClassVar[tuple[str, ...]] = ("probability", "sigma")

    def __post_init__(self) -> None:
        kernel = self.kernel
        whole = isinstance(kernel, int) and not isinstance(kernel, bool)
        if not (whole and kernel > 0 and kernel % 2):
            do = "give an odd number of pixels, such as 5"
            raise UsageError(f"kernel is {kernel!r}", where="GaussianBlur", do=do)
        check_span(self, "sigma", LEAST_SIGMA)
        probability(self)

    def draw(self, u: Floats, size: Size) -> Drawn:
        """Return applied: (n,) whether an image is changed, and sigma: (n,) in pixels.

        Raises:
            UsageError: images too small to be reflected as far as the kernel reaches.
        """
        if min(size) <= self.kernel // 2:
            raise UsageError(
                f"kernel is {self.kernel}, for images of {size.height} x {size.width} pixels",
                where="GaussianBlur",
                do=f"give a kernel of at most {2 * min(size) - 1}",
            )
        return {"applied": u[0] < self.probability, "sigma": between(u[1], *ends(self.sigma))}

    def apply(self, images: Images, drawn: Drawn) -> Images:
        """Return the changed images; works in place."""
        weights = _weights(drawn["sigma"], self.kernel // 2)
        memory = memory_of(images)
        blur = machine_code(colour.blur)
        if memory is not None and blur:
            columns = [np.asarray(weight, np.float32) for weight in weights]
            blur(memory, np.asarray(drawn["applied"]), np.stack(columns, 1))
            return images
        return change_chosen(images, drawn["applied"], _blurred, *weights)


def _weights(sigma: Any, reach: int) -> list[Any]:
    """Return the weights, (n,) each, of the middle and of its neighbours at 1, 2, ... pixels."""
    exp = library_of(sigma).exp
    heights = [exp(-0.5 * (distance / sigma) ** 2) for distance in range(reach + 1)]
    total = heights[0] + 2 * sum(heights[1:])
    return [height / total for height in heights]


def _blurred(images: Images, *weights: Any) -> Images:
    height, width = images.shape[2:]
    factors = [per_sample(weight, images) for weight in weights]
    reach = len(factors) - 1
    wide = images[..., _reflected(width, reach)]
    across = wide[..., reach : reach + width] * factors[0]
    for d in range(1, reach + 1):
        left, right = (wide[..., reach + side : reach + side + width] for side in (-d, d))
        across += (left + right) * factors[d]
    tall = across[:, :, _reflected(height, reach)]
    out = tall[:, :, reach : reach + height] * factors[0]
    for d in range(1, reach + 1):
        above, below = (tall[:, :, reach + side : reach + side + height] for side in (-d, d))
        out += (above + below) * factors[d]
    return out


def _reflected(length: int, reach: int) -> list[int]:
    """Return the pixels of an axis with its border: 2 1 0 1 2 3 2 1 for length 4 and reach 2."""
    return [length - 1 - abs(length - 1 - abs(place)) for place in range(-reach, length + reach)]
