"""BrightnessContrast: add to all values of an image, and multiply them."""

from dataclasses import dataclass
from typing import Any, ClassVar

from whydrop.augment.arrays import library_of, per_sample
from whydrop.augment.checks import probability
from whydrop.augment.chosen import change_chosen
from whydrop.augment.op import Drawn, Floats, Images, Op, Size, Stage
from whydrop.augment.ranges import Span, around, between, check_span


@dataclass(frozen=True)
class BrightnessContrast(Op):
    """Multiply values by a contrast, add a brightness, cut to 0 and 1.

    ``ColorJitter`` multiplies for brightness, and moves about the mean grey for contrast; here
    brightness adds, and contrast keeps black black.

    Args:
        brightness: b adds a number uniform in [-b, b], where 1 leads from black to white; two
            numbers for the ends.
        contrast: c multiplies by a number uniform in [max(0, 1 - c), 1 + c]; two numbers for
            the ends of what is multiplied by.
        probability: of each image.

    Source: RandomBrightnessContrast of albumentations, RandomBrightness of Keras.
    """

    brightness: Span = 0.0
    contrast: Span = 0.0
    probability: float = 1.0
    stage: ClassVar[Stage] = Stage.COLOUR
    chance: ClassVar[tuple[str, ...]] = ("probability", "brightness", "contrast")

    def __post_init__(self) -> None:
        check_span(self, "brightness", *self._limits())
        check_span(self, "contrast", 0.0)
        probability(self)

    def _limits(self) -> tuple[float, float]:
        return (-1.0 if isinstance(self.brightness, tuple | list) else 0.0), 1.0

    def draw(self, u: Floats, size: Size) -> Drawn:
        """Return applied: (n,) whether an image is changed, and brightness and contrast: (n,)."""
        low, high = around(self.contrast, 1.0)
        return {
            "applied": u[0] < self.probability,
            "brightness": between(u[1], *around(self.brightness, 0.0)),
            "contrast": between(u[2], max(low, 0.0), high),
        }

    def apply(self, images: Images, drawn: Drawn) -> Images:
        """Return the changed images; works in place."""
        values = drawn["brightness"], drawn["contrast"]
        return change_chosen(images, drawn["applied"], _changed, *values)


def _changed(images: Images, brightness: Any, contrast: Any) -> Images:
    images *= per_sample(contrast, images)
    images += per_sample(brightness, images)
    return library_of(images).clip(images, 0.0, 1.0, out=images)
