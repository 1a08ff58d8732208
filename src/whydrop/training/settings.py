"""Settings: what a training is made of, as plain values that a checkpoint keeps and compares."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from functools import partial
from itertools import zip_longest
from typing import Any

import numpy as np

from whydrop.augment.loss import MixLoss
from whydrop.augment.ordered import Ordered
from whydrop.augment.spec import to_dict
from whydrop.training.pytorch import nn, torch

MANY = 1000  # numbers; a tensor of more is kept as a digest
ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
ABSENT = object()


def plain(value: Any) -> Any:
    """Return what can be told of a value as numbers, words, lists and mappings.

    A function is its name, a module its constants and weights, a pipeline its specification;
    of an object that says nothing of itself it is the type. The same settings give the same value
    in another process.

    Example:
        >>> plain(nn.NLLLoss())
        {'kind': 'NLLLoss', 'ignore_index': -100, 'reduction': 'mean', 'weight': None}
        >>> plain(partial(max, (1, 2))), plain(np.float32(0.5)), plain(print)
        (['max', [[1, 2]], {}], 0.5, 'print')
    """
    match value:
        case None | bool() | int() | float() | str():
            return value
        case torch.Tensor() | np.ndarray() | np.generic():
            return _numbers(value)
        case Mapping():
            return {str(name): plain(inner) for name, inner in value.items()}
        case list() | tuple():
            return [plain(inner) for inner in value]
        case partial():
            return [plain(value.func), plain(value.args), plain(value.keywords)]
        case MixLoss():
            own = {"criterion": value.criterion, "reduction": value.reduction}
            return {"kind": "MixLoss", **plain(own)}
        case nn.Module():
            return {"kind": type(value).__qualname__, **plain(_parts(value))}
        case Ordered():
            return _specification(value)
    name = getattr(value, "__qualname__", None)
    if isinstance(name, str):
        return name
    kind: Any = type(value)
    if kind.__repr__ is object.__repr__:
        return kind.__qualname__
    return ADDRESS.sub("", repr(value))


def first_difference(name: str, found: Any, own: Any) -> str:
    """Return where plain values of a checkpoint and a learner's own differ first; empty if nowhere.

    Example:
        >>> first_difference("loss", {"kind": "mse", "weights": [1, 2]}, {"kind": "mse"})
        'loss.weights is [1, 2] in the checkpoint, absent here'
        >>> first_difference("lr", [0.1, 0.1], [0.1, 0.2])
        'lr[1] is 0.1 in the checkpoint, 0.2 here'
    """
    inner: list[tuple[str, Any, Any]] = []
    if isinstance(found, Mapping) and isinstance(own, Mapping):
        inner = [
            (f"{name}.{key}" if name else key, found.get(key, ABSENT), own.get(key, ABSENT))
            for key in {**own, **found}
        ]
    elif _is_list(found) and _is_list(own):
        pairs = zip_longest(found, own, fillvalue=ABSENT)
        inner = [(f"{name}[{at}]", one, other) for at, (one, other) in enumerate(pairs)]
    elif found != own:
        return f"{name} is {_shown(found)} in the checkpoint, {_shown(own)} here"
    return next(filter(None, (first_difference(*each) for each in inner)), "")


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _shown(value: Any) -> str:
    return "absent" if value is ABSENT else f"{value!r:.80}"


def _numbers(array: Any) -> Any:
    tensor = torch.as_tensor(array).detach().cpu()
    if tensor.numel() <= MANY:
        return tensor.tolist()
    digest = hashlib.sha256(tensor.contiguous().reshape(-1).view(torch.uint8).numpy()).hexdigest()
    return f"{tensor.numel():,} numbers of SHA-256 {digest}"


def _parts(module: nn.Module) -> dict[str, Any]:
    """Return what a module has: constants, children, and weights and buffers of its own."""
    constants = {
        name: value
        for name, value in sorted(vars(module).items())
        if not name.startswith("_") and name != "training"
    }
    # The dictionaries of PyTorch, as its iterators leave out those that are None.
    return {**constants, **module._modules, **module._parameters, **module._buffers}


def _specification(pipeline: Ordered) -> Any:
    try:
        return plain(to_dict(pipeline))
    except TypeError:  # an operation of the user's own that is no dataclass
        return ADDRESS.sub("", repr(pipeline))
