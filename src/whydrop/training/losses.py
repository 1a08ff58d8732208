"""Losses that a learner knows by name; any callable (outputs, labels) -> loss will do as well."""

import difflib
from collections.abc import Callable
from typing import Any, TypeAlias

from whydrop.core.errors import UsageError
from whydrop.training.pytorch import torch

Tensor: TypeAlias = Any
Loss: TypeAlias = Callable[[Tensor, Tensor], Tensor]


CLIP = 1e-7  # keras.config.epsilon()


def mse(
    outputs: Tensor, labels: Tensor, reduction: str = "mean", label_smoothing: float = 0.0
) -> Tensor:
    """Return the squared distance of outputs to one-hot labels, averaged over classes.

    Args:
        outputs: (n, classes), taken as they are, without softmax.
        labels: int64 (n,), or rows (n, classes).
        reduction: over samples: "mean", "sum" or "none".
        label_smoothing: share of each label that is spread over all classes.
    """
    return _reduced((outputs - _rows(outputs, labels, label_smoothing)).square().mean(1), reduction)


def categorical_cross_entropy(
    outputs: Tensor, labels: Tensor, reduction: str = "mean", label_smoothing: float = 0.0
) -> Tensor:
    """Return the cross-entropy of probabilities, as Keras has it for a model that ends in softmax.

    Rows are made to add up to 1 and kept from 1e-7 to 1 - 1e-7, where the gradient is 0.

    Args:
        outputs: (n, classes), probabilities.
        labels, reduction, label_smoothing: as for ``mse``.

    Source: ``keras.losses.categorical_crossentropy`` on the backends torch and jax.
    """
    shares = (outputs / outputs.sum(1, keepdim=True)).clamp(CLIP, 1 - CLIP)
    return _reduced(-(_rows(outputs, labels, label_smoothing) * shares.log()).sum(1), reduction)


def _rows(outputs: Tensor, labels: Tensor, smoothing: float) -> Tensor:
    classes = outputs.shape[1]
    if labels.ndim == 1:
        labels = torch.nn.functional.one_hot(labels, classes)
    return labels.to(outputs.dtype) * (1 - smoothing) + smoothing / classes


def _reduced(each: Tensor, reduction: str) -> Tensor:
    return {"mean": each.mean, "sum": each.sum, "none": lambda: each}[reduction]()


LOSSES: dict[str, Loss] = {
    "cross_entropy": torch.nn.CrossEntropyLoss(),  # of logits
    "nll": torch.nn.NLLLoss(),  # of log-probabilities
    "mse": mse,
    "categorical_cross_entropy": categorical_cross_entropy,  # of probabilities
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
