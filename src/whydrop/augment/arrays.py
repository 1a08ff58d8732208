"""Arrays: questions about NumPy arrays and PyTorch tensors that have one answer for both."""

from typing import Any, TypeAlias

import numpy as np

from whydrop.augment.library import library_of

Array: TypeAlias = Any  # a NumPy array, or a PyTorch tensor on any device


def is_torch(array: object) -> bool:
    """Return whether it is a PyTorch tensor."""
    return library_of(array) is not np


def is_on_cpu(array: Array) -> bool:
    """Return whether a loop may read it without waiting for a device."""
    return not is_torch(array) or array.device.type == "cpu"


def in_library_of(images: Array, values: Array) -> Array:
    """Return values in the library, and on the device, of the images."""
    if is_torch(images):
        return library_of(images).as_tensor(values, device=images.device)
    return np.asarray(values)


def kind(array: Array) -> str:
    """Return "float", "integer" or "other" for what its elements are."""
    name = str(array.dtype).removeprefix("torch.")
    if name.startswith(("float", "bfloat")):
        return "float"
    return "integer" if name.startswith(("int", "uint")) else "other"
