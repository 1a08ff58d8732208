"""MLP: linear layers with ReLU between them."""

import math
from collections.abc import Sequence

from whydrop.augment.checks import whole_number
from whydrop.training.pytorch import Tensor, nn


class MLP(nn.Module):
    """Return logits (n, classes) of samples (n, ...), each taken as one row of numbers.

    Args:
        classes: of the labels.
        shape: of one sample, such as (1, 8, 8).
        hidden: width of each layer before the last one; none gives a linear model.
        dropout: share of each hidden layer that is left out in training.

    Raises:
        UsageError: a width below 1.

    Example:
        >>> import torch
        >>> MLP(10, shape=(1, 8, 8), hidden=(32,))(torch.zeros(5, 1, 8, 8)).shape
        torch.Size([5, 10])
    """

    def __init__(
        self,
        classes: int,
        *,
        shape: Sequence[int],
        hidden: Sequence[int] = (128,),
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        whole_number(min((*shape, *hidden, classes)), "the smallest width", where="MLP", low=1)
        self.layers = nn.Sequential(nn.Flatten())
        before = math.prod(shape)
        for width in hidden:
            self.layers.append(nn.Linear(before, width))
            self.layers.append(nn.ReLU())
            if dropout:
                self.layers.append(nn.Dropout(dropout))
            before = width
        self.layers.append(nn.Linear(before, classes))

    def forward(self, samples: Tensor) -> Tensor:
        logits: Tensor = self.layers(samples)
        return logits
