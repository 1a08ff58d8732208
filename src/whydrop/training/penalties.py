"""Penalties: weights that add to the loss, as Keras's L2 does, or by a mistake."""

from typing import Literal

from whydrop.training.optimisers import kernels
from whydrop.training.pytorch import Tensor, nn, torch

Penalty = Literal["none", "squares", "norm"]


def penalty(model: nn.Module, kind: Penalty, strength: float) -> Tensor:
    """Return what the weights of a network add to its loss: a scalar.

    Args:
        kind: "squares", the sum of the squares of all kernels, which is Keras's
            ``kernel_regularizer=l2(strength)`` and pulls as a weight decay of 2 * strength does;
            "norm", the sum over the layers of the norm (not squared) of all their weights, biases
            too: its pull does not fall as the weights do.
        strength: factor of the sum.

    Example:
        >>> layer = nn.Linear(2, 1)
        >>> _ = layer.weight.data.copy_(torch.tensor([[3.0, 4.0]])), layer.bias.data.zero_()
        >>> [penalty(layer, kind, 0.5).item() for kind in ("squares", "norm")]
        [12.5, 2.5]
    """
    zero = torch.zeros((), device=next(model.parameters()).device)
    if kind == "squares":
        return strength * sum((kernel.square().sum() for kernel in kernels(model)), zero)
    if kind == "norm":
        return strength * sum(map(_norm, _owners(model)), zero)
    return zero


def _owners(model: nn.Module) -> list[nn.Module]:
    """Return the layers that have a kernel."""
    own = {id(kernel) for kernel in kernels(model)}
    return [
        layer
        for layer in model.modules()
        if any(id(weight) in own for weight in layer.parameters(recurse=False))
    ]


def _norm(layer: nn.Module) -> Tensor:
    return torch.cat([weight.flatten() for weight in layer.parameters(recurse=False)]).norm()
