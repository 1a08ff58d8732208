"""Modes: which layers are in training mode and which in evaluation mode, left as they were."""

import contextlib
from collections.abc import Iterator
from typing import Any


@contextlib.contextmanager
def modes_kept(model: Any) -> Iterator[None]:
    """Give each layer the mode back that it had, such as a BatchNorm that was frozen by hand."""
    before = [(layer, layer.training) for layer in model.modules()]
    try:
        yield
    finally:
        for layer, training in before:
            layer.training = training
