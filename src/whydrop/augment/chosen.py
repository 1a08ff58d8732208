"""Change some images of a batch and leave the others as they are, to the bit."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from whydrop.augment.op import Images

AT_ONCE = 1 << 16  # values: what a processor's second cache holds with a few copies


def change_chosen(
    images: Images, chosen: Any, change: Callable[..., Images], *values: Any
) -> Images:
    """Return the images with the chosen ones changed; works in place.

    Args:
        images: (n, c, h, w).
        chosen: (n,) bool, in the images' library.
        change: called with some of the chosen images and their values; returns as many images.
        values: (n,) each, one a sample, in the images' library.
    """
    if not isinstance(images, np.ndarray):
        images[chosen] = change(images[chosen], *(value[chosen] for value in values))
        return images
    # A few images at a time: passes over the whole batch would each wait for main memory.
    places = np.flatnonzero(chosen)
    step = max(1, AT_ONCE // max(1, math.prod(images.shape[1:])))
    for first in range(0, len(places), step):
        some = places[first : first + step]
        images[some] = change(images[some], *(value[some] for value in values))
    return images
