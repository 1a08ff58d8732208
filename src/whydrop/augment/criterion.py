"""Criterion: what MixLoss must know of a loss: its options, and its loss of each sample."""

import copy
import inspect
from collections.abc import Callable
from functools import partial
from typing import Any, TypeAlias

from whydrop.augment.arrays import Array
from whydrop.core.errors import UsageError

Criterion: TypeAlias = Callable[..., Any]  # (logits, labels) -> loss, a tensor


def option(criterion: Criterion, name: str, default: Any = None) -> Any:
    """Return an option of a loss: an attribute of a module, or the default of a function."""
    if hasattr(criterion, name):
        return getattr(criterion, name)
    try:
        parameter = inspect.signature(criterion).parameters.get(name)
    except (TypeError, ValueError):  # a builtin without a signature
        return default
    if parameter is None or parameter.default is inspect.Parameter.empty:
        return default
    return parameter.default


def of_each_sample(criterion: Criterion) -> Criterion:
    """Return the loss without its reduction, where it has one by name.

    A module is copied without its weights, so that it follows the original to a device, and the
    original keeps its reduction.
    """
    if hasattr(criterion, "reduction"):
        each = copy.copy(criterion)
        object.__setattr__(each, "reduction", "none")
        return each
    if option(criterion, "reduction") is not None:
        return partial(criterion, reduction="none")
    return criterion


def losses(criterion: Criterion, each: Criterion, logits: Array, labels: Array) -> Array:
    """Return the loss of each sample, (n, ...).

    Args:
        criterion: the loss as given; called on one sample at a time if there is no other way.
        each: from ``of_each_sample``.
        logits: (n, ...).
        labels: (n, ...).

    Raises:
        UsageError: the loss is no tensor.
    """
    import torch

    n = len(logits)
    values = each(logits, labels)
    if not isinstance(values, torch.Tensor):
        what = f"the criterion returns a {type(values).__name__}"
        raise UsageError(what, where="MixLoss", do="return a tensor, without float() or .item()")
    if values.ndim and len(values) == n:
        return values
    if n == 1:
        return values.reshape(1)
    rows = [criterion(logits[i : i + 1], labels[i : i + 1]) for i in range(n)]
    return torch.stack([_single(row) for row in rows])


def _single(value: Array) -> Array:
    if value.numel() != 1:
        raise UsageError(
            f"the loss of one sample has shape {tuple(value.shape)}",
            where="MixLoss",
            do="give a criterion that returns one number, or one a sample",
        )
    return value.reshape(())


def classifies(criterion: Criterion) -> bool:
    """Return whether it is PyTorch's cross-entropy, of logits or of log-probabilities.

    Only there is it known that the second axis has the classes, and that the mean over class ids
    is weighted.
    """
    import torch

    functions = (torch.nn.functional.cross_entropy, torch.nn.functional.nll_loss)
    while isinstance(criterion, partial):
        criterion = criterion.func
    modules = torch.nn.CrossEntropyLoss, torch.nn.NLLLoss
    return criterion in functions or isinstance(criterion, modules)


def is_of_torch(criterion: Criterion) -> bool:
    """Return whether PyTorch defines it, so that its reductions are the usual ones."""
    while isinstance(criterion, partial):
        criterion = criterion.func
    if not inspect.isfunction(criterion):
        criterion = type(criterion)
    return criterion.__module__ in ("torch.nn.modules.loss", "torch.nn.functional")
