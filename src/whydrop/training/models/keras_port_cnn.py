"""KerasPortCNN: convolutions, ReLU, maxima and a dense layer, as a first Keras model has them."""

from collections.abc import Sequence

from whydrop.core.errors import UsageError
from whydrop.training.pytorch import Tensor, nn


class KerasPortCNN(nn.Module):
    """Return logits (n, classes) of images (n, shape...).

    For each number of filters: ``Conv2D(filters, 3, activation="relu")``, without padding, and
    ``MaxPooling2D(2)``. Then ``Flatten`` and ``Dense(classes)``. Keras flattens height, width and
    channels in this order; so does this network, and weights can be carried over as they are.

    Args:
        classes: of the labels.
        shape: (channels, height, width) of one image.
        filters: of each convolution.

    Raises:
        UsageError: images that are too small for so many blocks.

    Example:
        >>> import torch
        >>> KerasPortCNN(4, shape=(3, 32, 32), filters=(32, 64))(torch.zeros(2, 3, 32, 32)).shape
        torch.Size([2, 4])
    """

    def __init__(
        self, classes: int, *, shape: Sequence[int], filters: Sequence[int] = (32, 64)
    ) -> None:
        super().__init__()
        channels, height, width = shape
        self.blocks = nn.Sequential()
        for number in filters:
            self.blocks.append(nn.Conv2d(channels, number, 3))
            self.blocks.append(nn.ReLU())
            self.blocks.append(nn.MaxPool2d(2))
            channels, height, width = number, (height - 2) // 2, (width - 2) // 2
            if min(height, width) < 1:
                raise UsageError(
                    f"images of {shape[1]} x {shape[2]} are too small for {len(filters)} blocks",
                    where="KerasPortCNN",
                    do="give larger images, or fewer filters",
                )
        self.dense = nn.Linear(channels * height * width, classes)

    def forward(self, images: Tensor) -> Tensor:
        x: Tensor = self.blocks(images)
        logits: Tensor = self.dense(x.movedim(1, 3).flatten(1))  # height, width, channels
        return logits
