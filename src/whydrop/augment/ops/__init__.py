"""The operations, one a module."""

from whydrop.augment.ops.autocontrast import AutoContrast
from whydrop.augment.ops.blur import GaussianBlur
from whydrop.augment.ops.color_jitter import ColorJitter
from whydrop.augment.ops.equalize import Equalize
from whydrop.augment.ops.greyscale import Greyscale
from whydrop.augment.ops.posterize import Posterize
from whydrop.augment.ops.sharpen import Sharpen
from whydrop.augment.ops.solarize import Solarize

__all__ = [
    "AutoContrast",
    "ColorJitter",
    "Equalize",
    "GaussianBlur",
    "Greyscale",
    "Posterize",
    "Sharpen",
    "Solarize",
]
