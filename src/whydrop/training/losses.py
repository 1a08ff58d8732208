"""Losses that a learner knows by name; any callable (outputs, labels) -> loss will do as well."""

import difflib
from collections.abc import Callable
from typing import Any, TypeAlias

from whydrop.core.errors import UsageError
from whydrop.training.pytorch import torch

Tensor: TypeAlias = Any
Loss: TypeAlias = Callable[[Tensor, Tensor], Tensor]


def mse(outputs: Tensor, labels: Tensor, reduction: str = "mean") -> Tensor:
    """Return the squared distance of outputs to one-hot labels, averaged over classes.

    Args:
        outputs: (n, classes), taken as they are, without softmax.
        labels: int64 (n,).
        reduction: over samples: "mean", "sum" or "none".
    """
    one_hot = torch.nn.functional.one_hot(labels, outputs.shape[1]).to(outputs.dtype)
    each = (outputs - one_hot).square().mean(1)
    return {"mean": each.mean, "sum": each.sum, "none": lambda: each}[reduction]()


LOSSES: dict[str, Loss] = {
    "cross_entropy": torch.nn.CrossEntropyLoss(),  # of logits
    "nll": torch.nn.NLLLoss(),  # of log-probabilities
    "mse": mse,
}


def loss_for(loss: str | Loss) -> Loss:
    """Return the loss of a name, or what was given.

    Raises:
        UsageError: there is none of that name.
    """
    if callable(loss):
        return loss
    if loss not in LOSSES:
        near = difflib.get_close_matches(str(loss), LOSSES, 1)
        do = f"did you mean {near[0]!r}?" if near else f"give one of {', '.join(LOSSES)}"
        raise UsageError(f"there is no loss {loss!r}", where="Learner", do=do)
    return LOSSES[loss]
