"""Probabilities: a network with softmax at its end."""

from whydrop.training.pytorch import Tensor, nn


class Probabilities(nn.Module):
    """Return probabilities (n, classes): the softmax of what another network returns.

    Args:
        model: returns logits (n, classes).

    Example:
        >>> import torch
        >>> Probabilities(torch.nn.Identity())(torch.zeros(1, 4))
        tensor([[0.2500, 0.2500, 0.2500, 0.2500]])
    """

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, samples: Tensor) -> Tensor:
        logits: Tensor = self.model(samples)
        return logits.softmax(1)
