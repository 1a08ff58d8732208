"""ColorJitter: change brightness, contrast, saturation and hue, each image by its own amounts."""

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from whydrop.augment.arrays import library_of, memory_of, per_sample
from whydrop.augment.checks import probability
from whydrop.augment.chosen import change_all, change_chosen
from whydrop.augment.compiled import colour, machine_code
from whydrop.augment.grey import grey_of
from whydrop.augment.op import Drawn, Floats, Images, Op, Size, Stage
from whydrop.augment.ranges import Span, around, between, check_span


@dataclass(frozen=True)
class ColorJitter(Op):
    """Change brightness, contrast, saturation and hue, always in this order.

    torchvision draws the order as well, one for a whole batch; here it is fixed. Values are cut
    to 0 and 1 after each of the four. Images have one or three channels; those with one have no
    saturation and no hue, which leave them as they are.

    Args:
        brightness: b for a factor uniform in [max(0, 1 - b), 1 + b], or the two ends; 0 is off.
        contrast: likewise, for the distance to the mean grey of the image.
        saturation: likewise, for the distance to the grey of the pixel.
        hue: h for a turn uniform in [-h, h] parts of the colour circle, at most 0.5, or the ends.
        probability: of each image, to be changed at all.

    Source: the float arithmetic of torchvision's adjust_brightness, adjust_contrast,
    adjust_saturation and adjust_hue.
    """

    brightness: Span = 0.0
    contrast: Span = 0.0
    saturation: Span = 0.0
    hue: Span = 0.0
    probability: float = 1.0
    stage: ClassVar[Stage] = Stage.COLOUR
    chance: ClassVar[tuple[str, ...]] = (
        *("brightness", "contrast", "saturation", "hue"),
        "probability",
    )

    def __post_init__(self) -> None:
        for name in ("brightness", "contrast", "saturation"):
            check_span(self, name, 0.0)
        check_span(self, "hue", -0.5 if isinstance(self.hue, tuple | list) else 0.0, 0.5)
        probability(self)

    def draw(self, u: Floats, size: Size) -> Drawn:
        """Return brightness, contrast and saturation: (n,) factors; hue: (n,) turns.

        Factors of 1 and turns of 0 leave an image as it is.
        """
        done = u[4] < self.probability
        drawn = {}
        for name, row in zip(self.chance[:3], u[:3], strict=True):
            low, high = around(getattr(self, name), 1.0)
            drawn[name] = np.where(done, between(row, max(low, 0.0), high), 1.0)
        drawn["hue"] = np.where(done, between(u[3], *around(self.hue, 0.0)), 0.0)
        return drawn

    def apply(self, images: Images, drawn: Drawn) -> Images:
        """Return the changed images; works in place.

        Raises:
            UsageError: images with neither one nor three channels.
        """
        images = jittered(images, drawn["brightness"], drawn["contrast"], drawn["saturation"])
        if around(self.hue, 0.0) == (0.0, 0.0) or images.shape[1] != 3:
            return images
        memory = memory_of(images)
        shift_hue = machine_code(colour.shift_hue)
        if memory is not None and shift_hue:
            shift_hue(_flat(memory), np.asarray(drawn["hue"], np.float32))
            return images
        if self.probability == 1:
            return change_all(images, _turned, drawn["hue"])
        return change_chosen(images, drawn["hue"] != 0, _turned, drawn["hue"])


def jittered(images: Images, brightness: Any, contrast: Any, saturation: Any) -> Images:
    """Return the images with (n,) factors of brightness, contrast and saturation; in place.

    A factor of 1 changes nothing, to the bit.

    Raises:
        UsageError: images with neither one nor three channels.
    """
    factors = brightness, contrast, saturation
    memory = memory_of(images)
    jitter = machine_code(colour.jitter)
    if memory is not None and images.shape[1] == 3 and jitter:
        jitter(_flat(memory), *(np.asarray(factor, np.float32) for factor in factors))
        return images
    return change_all(images, _scaled, *factors)


def _flat(images: NDArray[np.float32]) -> NDArray[np.float32]:
    return images.reshape(*images.shape[:2], math.prod(images.shape[2:]))


def _scaled(images: Images, brightness: Any, contrast: Any, saturation: Any) -> Images:
    clip = library_of(images).clip
    images *= per_sample(brightness, images)
    clip(images, 0.0, 1.0, out=images)
    grey = grey_of(images)
    mean = _mean(grey) * (1 - contrast)
    images *= per_sample(contrast, images)
    images += per_sample(mean, images)
    clip(images, 0.0, 1.0, out=images)
    if images.shape[1] == 3:
        grey = grey_of(images)
        grey *= per_sample(1 - saturation, images)
        images *= per_sample(saturation, images)
        images += grey
        clip(images, 0.0, 1.0, out=images)
    return images


def _mean(grey: Images) -> Any:
    """Return the mean, (n,), of grey images.

    In float64 the sum hardly depends on its order, which libraries choose by the batch's size.
    """
    library = library_of(grey)
    wide = library.float64
    if library is not np and grey.device.type == "mps":  # which has no float64
        wide = library.float32
    return library.sum(grey, (1, 2, 3), dtype=wide) / math.prod(grey.shape[1:])


def _turned(images: Images, turns: Any) -> Images:
    """Return images (n, 3, h, w) with the hue turned.

    Source: Smith (1978), Color gamut transform pairs, SIGGRAPH; the hue in sixths of the circle.
    """
    library = library_of(images)
    red, green, blue = images[:, 0], images[:, 1], images[:, 2]
    most, least = library.amax(images, 1), library.amin(images, 1)
    chroma = most - least
    divisor = library.where(chroma == 0, library.ones_like(chroma), chroma)
    sixths = library.where(
        most == red,
        (green - blue) / divisor,
        library.where(most == green, (blue - red) / divisor + 2, (red - green) / divisor + 4),
    )
    sixths += per_sample(6 * turns, images)[:, 0]
    # A channel is brightest up to one sixth away from its own hue (0, 2 or 4), and darkest from
    # two sixths away. Adding 3 puts its own hue into the middle of 0 to 6.
    for channel, own in enumerate((0, 2, 4)):
        place = sixths + (3 - own)
        place -= 6 * library.floor(place / 6)  # as % 6, which NumPy takes long for
        images[:, channel] = most - chroma * library.clip(abs(place - 3) - 1, 0.0, 1.0)
    return images
