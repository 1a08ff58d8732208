"""Change images of a batch, or some of them: the others stay as they are, to the bit."""

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from whydrop.augment.op import Images
from whydrop.augment.parts import parts

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
    places = np.flatnonzero(chosen)
    for part in few(len(places), images):
        some = places[part]
        images[some] = change(images[some], *(value[some] for value in values))
    return images


def change_all(images: Images, change: Callable[..., Images], *values: Any) -> Images:
    """Return the images, all changed; works in place; as ``change_chosen`` otherwise."""
    if not isinstance(images, np.ndarray):
        return change(images, *values)
    for part in few(len(images), images):
        images[part] = change(images[part], *(value[part] for value in values))
    return images


def few(n: int, images: Images) -> Iterator[slice]:
    """Yield slices of n images: a few, since passes over all would each wait for main memory."""
    return parts(n, math.prod(images.shape[1:]), AT_ONCE)
