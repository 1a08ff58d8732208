"""Greyscale: take the colour from some of the images."""

from dataclasses import dataclass
from typing import ClassVar

from whydrop.augment.arrays import library_of
from whydrop.augment.chosen import change_chosen
from whydrop.augment.grey import grey_of
from whydrop.augment.op import Drawn, Images, Stage
from whydrop.augment.ops.sometimes import Sometimes


@dataclass(frozen=True)
class Greyscale(Sometimes):
    """Put the grey of each pixel in all its channels; images of one channel stay as they are.

    Args:
        probability: of each image.

    Source: torchvision's rgb_to_grayscale.
    """

    probability: float = 0.1
    stage: ClassVar[Stage] = Stage.COLOUR

    def apply(self, images: Images, drawn: Drawn) -> Images:
        """Return the changed images; works in place.

        Raises:
            UsageError: images with neither one nor three channels.
        """
        return change_chosen(images, drawn["applied"], _greyed)


def _greyed(images: Images) -> Images:
    return library_of(images).broadcast_to(grey_of(images), images.shape)
