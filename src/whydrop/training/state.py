"""State: all that a training goes on from, apart from the model and the optimiser themselves."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from whydrop.core.errors import DataError
from whydrop.training.history import Row
from whydrop.training.pytorch import torch
from whydrop.training.settings import first_difference


@dataclass(frozen=True, eq=False)
class State:
    """A training between two epochs; its chance is a function of seed and epoch.

    Attributes:
        model: weights and buffers by name, in the model's order.
        optimizer: its ``state_dict``, tensors in main memory.
        precision: what the precision has learnt, such as the scale of losses.
        rows: of the history.
        settings: plain values that must be the same for the training to be the same; only files
            have them.
    """

    model: Mapping[str, Any]
    optimizer: Mapping[str, Any]
    precision: Mapping[str, Any]
    rows: tuple[Row, ...]
    settings: Mapping[str, Any] = field(default_factory=dict)


def copied(value: Any) -> Any:
    """Return nested values with all tensors copied to main memory."""
    if isinstance(value, torch.Tensor):
        return value.detach().to("cpu", copy=True)
    if isinstance(value, Mapping):
        return {key: copied(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(copied(inner) for inner in value)
    return value


def check_same(state: State, own: State, *, where: str) -> None:
    """Check that a state is of the same training as a learner's own.

    Raises:
        DataError: it is not; the first difference is named.
    """
    difference = (
        _differing_weights(_kinds(state.model), _kinds(own.model))
        or _differing_groups(state.optimizer, own.optimizer)
        or first_difference("", state.settings, own.settings)
    )
    if difference:
        do = "make the learner as it was made when the checkpoint was written"
        raise DataError(difference, where=where, do=f"{do}; load_weights takes the weights alone")


def check_weights(state: State, own: Mapping[str, Any], *, where: str) -> None:
    """Check that the weights of a state are a model's, by name and shape.

    Raises:
        DataError: they are not; the first difference is named.
    """
    difference = _differing_weights(_shapes(state.model), _shapes(own))
    if difference:
        do = "make the model as it was made when the checkpoint was written"
        raise DataError(difference, where=where, do=do)


def _differing_weights(found: Mapping[str, str], own: Mapping[str, str]) -> str:
    for key, kind in own.items():
        if key not in found:
            return f"the checkpoint has no {key!r}, which the model has"
        if found[key] != kind:
            return f"{key!r} is {found[key]} in the checkpoint, {kind} in the model"
    extra = next((key for key in found if key not in own), None)
    return f"the model has no {extra!r}, which the checkpoint has" if extra is not None else ""


def _kinds(weights: Mapping[str, Any]) -> dict[str, str]:
    shapes = _shapes(weights)
    names = {key: str(tensor.dtype).removeprefix("torch.") for key, tensor in weights.items()}
    return {key: f"{name} {shapes[key]}" for key, name in names.items()}


def _shapes(weights: Mapping[str, Any]) -> dict[str, str]:
    return {key: str(tuple(tensor.shape)) for key, tensor in weights.items()}


def _differing_groups(found: Mapping[str, Any], own: Mapping[str, Any]) -> str:
    sizes, own_sizes = (
        [len(group["params"]) for group in optimizer["param_groups"]] for optimizer in (found, own)
    )
    if sizes == own_sizes:
        return ""
    return (
        f"the optimiser of the checkpoint has groups of {sizes} parameters, "
        f"that of the learner {own_sizes}"
    )
