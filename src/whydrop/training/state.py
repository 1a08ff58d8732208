"""State: all that a training goes on from, apart from the model and the optimiser themselves."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from whydrop.core.errors import DataError
from whydrop.training.history import Row
from whydrop.training.pytorch import torch


@dataclass(frozen=True, eq=False)
class State:
    """A training between two epochs; its chance is a function of seed and epoch.

    Attributes:
        model: weights and buffers by name, in the model's order.
        optimizer: its ``state_dict``, tensors in main memory.
        precision: what the precision has learnt, such as the scale of losses.
        rows: of the history.
        settings: values that must be the same for the training to be the same.
    """

    model: Mapping[str, Any]
    optimizer: Mapping[str, Any]
    precision: Mapping[str, Any]
    rows: tuple[Row, ...]
    settings: Mapping[str, Any]


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
        _differing_weights(state.model, own.model)
        or _differing_optimizer(state.optimizer, own.optimizer)
        or _differing_settings(state.settings, own.settings)
    )
    if difference:
        do = "make the learner as it was made when the checkpoint was written"
        raise DataError(difference, where=where, do=do)


def _differing_weights(found: Mapping[str, Any], own: Mapping[str, Any]) -> str:
    for key, tensor in own.items():
        if key not in found:
            return f"the checkpoint has no {key!r}, which the model has"
        if _kind(found[key]) != _kind(tensor):
            return f"{key!r} is {_kind(found[key])} in the checkpoint, {_kind(tensor)} in the model"
    extra = next((key for key in found if key not in own), None)
    return f"the model has no {extra!r}, which the checkpoint has" if extra is not None else ""


def _kind(tensor: Any) -> str:
    return f"{str(tensor.dtype).removeprefix('torch.')} {tuple(tensor.shape)}"


def _differing_optimizer(found: Mapping[str, Any], own: Mapping[str, Any]) -> str:
    sizes, own_sizes = (
        [len(group["params"]) for group in optimizer["param_groups"]] for optimizer in (found, own)
    )
    if sizes != own_sizes:
        return (
            f"the optimiser of the checkpoint has groups of {sizes} parameters, "
            f"that of the learner {own_sizes}"
        )
    keys, own_keys = (
        [sorted(group) for group in optimizer["param_groups"]] for optimizer in (found, own)
    )
    if keys != own_keys:
        pairs = next(pair for pair in zip(keys, own_keys, strict=True) if pair[0] != pair[1])
        return f"the optimiser of the checkpoint has the settings {pairs[0]}, not {pairs[1]}"
    return ""


def _differing_settings(found: Mapping[str, Any], own: Mapping[str, Any]) -> str:
    for name, value in own.items():
        if found.get(name) != value:
            return f"{name} is {found.get(name)!r} in the checkpoint, {value!r} here"
    return ""
