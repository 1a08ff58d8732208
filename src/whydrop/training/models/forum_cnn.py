"""ForumCNN: the network of a question about augmentation on CIFAR-10."""

from whydrop.augment.checks import whole_number
from whydrop.training.pytorch import Tensor, nn

CHANNELS = (64, 128, 256)


class ForumCNN(nn.Module):
    """Return logits (n, classes) of images (n, channels, h, w), with h and w from 4.

    Three blocks of convolution 3 x 3, BatchNorm and ReLU; a maximum over 2 x 2 pixels after the
    first and the second; the mean over all that is left, which for images of 32 x 32 is the
    question's average over 8 x 8; a linear layer.

    Args:
        classes: of the labels.
        channels: of the images.
        width: 1 gives the question's 64, 128 and 256 channels.

    Raises:
        UsageError: a number that is too small.

    Example:
        >>> import torch
        >>> ForumCNN(10, width=0.25)(torch.zeros(2, 3, 32, 32)).shape
        torch.Size([2, 10])
    """

    def __init__(self, classes: int, *, channels: int = 3, width: float = 1.0) -> None:
        super().__init__()
        whole_number(classes, "classes", where="ForumCNN", low=1)
        widths = [max(1, round(width * each)) for each in CHANNELS]
        self.conv1, self.bn1 = _block(channels, widths[0])
        self.conv2, self.bn2 = _block(widths[0], widths[1])
        self.conv3, self.bn3 = _block(widths[1], widths[2])
        self.linear = nn.Linear(widths[2], classes)

    def forward(self, images: Tensor) -> Tensor:
        x = nn.functional.max_pool2d(self.bn1(self.conv1(images)).relu(), 2)  # (n, 64, h/2, w/2)
        x = nn.functional.max_pool2d(self.bn2(self.conv2(x)).relu(), 2)  # (n, 128, h/4, w/4)
        x = self.bn3(self.conv3(x)).relu().mean((2, 3))  # (n, 256)
        logits: Tensor = self.linear(x)
        return logits


def _block(before: int, after: int) -> tuple[nn.Conv2d, nn.BatchNorm2d]:
    return nn.Conv2d(before, after, 3, padding=1), nn.BatchNorm2d(after)
