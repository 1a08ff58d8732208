"""AutoContrast: stretch each channel to the full range."""

from dataclasses import dataclass
from typing import ClassVar

from whydrop.augment.arrays import library_of
from whydrop.augment.chosen import change_chosen
from whydrop.augment.op import Drawn, Images, Stage
from whydrop.augment.ops.sometimes import Sometimes

FLAT = 1e-5  # range of a channel without contrast: interpolation rounds at 1e-7, a level is 4e-3


@dataclass(frozen=True)
class AutoContrast(Sometimes):
    """Map the least value of each channel to 0 and the greatest to 1; a flat channel stays.

    Args:
        probability: of each image.

    Source: torchvision's autocontrast on floats; Pillow's cuts to whole levels.
    """

    stage: ClassVar[Stage] = Stage.COLOUR

    def apply(self, images: Images, drawn: Drawn) -> Images:
        """Return the changed images; works in place."""
        return change_chosen(images, drawn["applied"], _stretched)


def _stretched(images: Images) -> Images:
    library = library_of(images)
    least = library.amin(images, (2, 3))[:, :, None, None]
    scale = library.amax(images, (2, 3))[:, :, None, None] - least
    flat = scale < FLAT
    least = library.where(flat, library.zeros_like(least), least)
    return (images - least) / library.where(flat, library.ones_like(scale), scale)
