"""The grey of a pixel: what contrast, saturation and greyscale refer to."""

from whydrop.augment.op import Images
from whydrop.core.errors import UsageError

# ITU-R BT.601 luma, rounded as in torchvision's rgb_to_grayscale.
RED, GREEN, BLUE = 0.2989, 0.587, 0.114


def grey_of(images: Images) -> Images:
    """Return the grey values, (n, 1, h, w), of images with one or three channels.

    Raises:
        UsageError: another number of channels.
    """
    check_channels(images)
    if images.shape[1] == 1:
        return images
    grey = images[:, :1] * RED
    grey += images[:, 1:2] * GREEN
    grey += images[:, 2:] * BLUE
    return grey


def check_channels(images: Images) -> None:
    """Check that images have one or three channels.

    Raises:
        UsageError: another number of channels.
    """
    channels = images.shape[1]
    if channels not in (1, 3):
        raise UsageError(
            f"images have {channels} channels: no grey is known for them",
            where=f"images {tuple(images.shape)}, to be (n, channels, height, width)",
            do="give images of one or three channels",
        )
