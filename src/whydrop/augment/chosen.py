"""Change some images of a batch and leave the others as they are, to the bit."""

from collections.abc import Callable
from typing import Any

from whydrop.augment.op import Images


def change_chosen(
    images: Images, chosen: Any, change: Callable[..., Images], *values: Any
) -> Images:
    """Return the images with the chosen ones changed; works in place.

    Args:
        images: (n, c, h, w).
        chosen: (n,) bool, in the images' library.
        change: called with the chosen images and their values; returns as many images.
        values: (n,) each, one a sample, in the images' library.
    """
    if not bool(chosen.any()):
        return images
    images[chosen] = change(images[chosen], *(value[chosen] for value in values))
    return images
