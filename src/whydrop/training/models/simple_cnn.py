"""SimpleCNN: `simple_cnn` of fastai 1, the network of its mixup example."""

from collections.abc import Sequence
from itertools import pairwise

from whydrop.augment.checks import whole_number
from whydrop.core.errors import UsageError
from whydrop.training.pytorch import Tensor, nn


class SimpleCNN(nn.Module):
    """Return values (n, widths[-1]) of images (n, widths[0], h, w), to be used as logits.

    A convolution 3 x 3 with stride 2 and ReLU from each width to the next, the last one too, so
    that no value is negative; then the mean over all pixels that are left.

    Args:
        widths: channels of the images, of each layer, and as many as there are classes.

    Raises:
        UsageError: fewer than two widths, or one below 1.

    Example:
        >>> import torch
        >>> SimpleCNN((3, 16, 16, 2))(torch.zeros(4, 3, 28, 28)).shape
        torch.Size([4, 2])

    Source: fastai 1, ``fastai.vision.learner.simple_cnn``. Its weights are drawn by
    ``kaiming_normal_`` and its biases are 0: see ``whydrop.training.initialisers``.
    """

    def __init__(self, widths: Sequence[int] = (3, 16, 16, 2)) -> None:
        super().__init__()
        if len(widths) < 2:
            what = f"widths are {list(widths)}"
            raise UsageError(what, where="SimpleCNN", do="give two or more, such as (3, 16, 16, 2)")
        whole_number(min(widths), "the smallest width", where="SimpleCNN", low=1)
        self.layers = nn.Sequential()
        for before, after in pairwise(widths):
            self.layers.append(nn.Conv2d(before, after, 3, stride=2, padding=1))
            self.layers.append(nn.ReLU())

    def forward(self, images: Tensor) -> Tensor:
        x: Tensor = self.layers(images)
        return x.mean((2, 3))
