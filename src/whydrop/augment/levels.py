"""The 256 levels of bytes, for operations that are defined on bytes."""

from whydrop.augment.arrays import library_of
from whydrop.augment.op import Images

# Times a value from 0 to 1: its whole part is the level, 0 to 255, and exact for k / 255. As in
# torchvision's conversion to uint8.
LEVELS = 255.999
LEVEL = 1 / 255  # the distance of two levels


def levels_of(images: Images) -> Images:
    """Return the levels, whole numbers from 0 to 255 in the images' dtype, of values 0 to 1."""
    library = library_of(images)
    levels = library.floor(images * LEVELS)
    return library.clip(levels, 0.0, 255.0, out=levels)
