"""Sharpen: move each image away from, or towards, a smoothed copy of itself."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from whydrop.augment.arrays import library_of, memory_of, per_sample
from whydrop.augment.checks import probability
from whydrop.augment.chosen import change_chosen
from whydrop.augment.compiled import colour, machine_code
from whydrop.augment.op import Drawn, Floats, Images, Op, Size, Stage
from whydrop.augment.ranges import Span, between, check_span, ends


@dataclass(frozen=True)
class Sharpen(Op):
    """Change the sharpness of the inner pixels; the outermost stay as they are.

    Args:
        factor: 0 smooths, 1 changes nothing, 2 sharpens; two numbers for a range.
        probability: of each image.

    Source: torchvision's adjust_sharpness, and Pillow's ImageEnhance.Sharpness: a neighbour
    weighs 1, the pixel itself 5, of 13.
    """

    factor: Span
    probability: float = 0.5
    stage: ClassVar[Stage] = Stage.COLOUR
    chance: ClassVar[tuple[str, ...]] = ("probability", "factor")

    def __post_init__(self) -> None:
        check_span(self, "factor", 0.0)
        probability(self)

    def draw(self, u: Floats, size: Size) -> Drawn:
        """Return applied: (n,) whether an image is changed, and factor: (n,)."""
        return {"applied": u[0] < self.probability, "factor": between(u[1], *ends(self.factor))}

    def apply(self, images: Images, drawn: Drawn) -> Images:
        """Return the changed images; works in place."""
        memory = memory_of(images)
        sharpen = machine_code(colour.sharpen)
        if memory is not None and sharpen:
            factor = np.asarray(drawn["factor"], np.float32)
            sharpen(memory, np.asarray(drawn["applied"]), factor)
            return images
        return change_chosen(images, drawn["applied"], _sharpened, drawn["factor"])


def _sharpened(images: Images, factor: Any) -> Images:
    if min(images.shape[2:]) < 3:
        return images
    rows = images[:, :, :-2] + images[:, :, 1:-1] + images[:, :, 2:]
    nine = rows[..., :-2] + rows[..., 1:-1] + rows[..., 2:]
    inner = images[:, :, 1:-1, 1:-1]
    inner += (nine - 9 * inner) * per_sample((1 - factor) / 13, images)
    return library_of(images).clip(images, 0.0, 1.0, out=images)
