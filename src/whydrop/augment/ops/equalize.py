"""Equalize: make all levels of brightness about equally frequent."""

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from whydrop.augment.arrays import library_of, memory_of
from whydrop.augment.chosen import change_chosen
from whydrop.augment.compiled import colour, machine_code
from whydrop.augment.levels import LEVEL, levels_of
from whydrop.augment.op import Drawn, Images, Stage
from whydrop.augment.ops.sometimes import Sometimes


@dataclass(frozen=True)
class Equalize(Sometimes):
    """Equalize the histogram, of 256 levels, of each channel.

    A channel that has not enough different pixels for it, as one of a single level, stays as it
    is.

    Args:
        probability: of each image.

    Source: Pillow's ImageOps.equalize.
    """

    stage: ClassVar[Stage] = Stage.COLOUR

    def apply(self, images: Images, drawn: Drawn) -> Images:
        """Return the changed images; works in place."""
        memory = memory_of(images)
        equalize = machine_code(colour.equalize)
        if memory is not None and equalize:
            pixels = memory.reshape(*images.shape[:2], math.prod(images.shape[2:]))
            equalize(pixels, np.asarray(drawn["applied"]))
            return images
        return change_chosen(images, drawn["applied"], _equalized)


def _equalized(images: Images) -> Images:
    library = library_of(images)
    planes, pixels = math.prod(images.shape[:2]), math.prod(images.shape[2:])
    levels = library.asarray(levels_of(images).reshape(planes, pixels), dtype=library.int64)
    # Level j of plane i counts as 256 i + j, so one histogram serves all planes.
    first = 256 * library.cumsum(library.ones_like(levels[:, 0]), 0) - 256
    place = levels + first[:, None]
    counts = library.bincount(place.reshape(-1), minlength=256 * planes).reshape(planes, 256)
    seen = library.cumsum(counts, 1)
    highest = counts.reshape(-1)[library.amax(place, 1)]
    step = (pixels - highest) // 255
    table = (seen - counts + (step // 2)[:, None]) // library.clip(step, 1, None)[:, None]
    values = library.asarray(library.clip(table, 0, 255), dtype=images.dtype) * LEVEL
    equal = values.reshape(-1)[place].reshape(images.shape)
    possible = (step > 0).reshape(*images.shape[:2], 1, 1)
    return library.where(possible, equal, images)
