"""The library that images belong to, so that one source serves NumPy and PyTorch.

Both libraries share their operators, indexing and the functions used here (``where``, ``clip``,
``amax``, ...), as long as axes are given by position.
"""

from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from whydrop.augment.op import Images

Array: TypeAlias = Any  # a NumPy array, or a PyTorch tensor on any device


def library_of(images: Images) -> Any:
    """Return the module ``numpy``, or ``torch`` for tensors; nothing else loads torch."""
    if is_torch(images):
        import torch  # loaded already, since there is a tensor

        return torch
    return np


def per_sample(values: Any, images: Images) -> Any:
    """Return (n,) values as (n, 1, 1, 1) of the images' dtype, to calculate with the images."""
    column = values.reshape(-1, 1, 1, 1)
    if isinstance(column, np.ndarray):
        return column.astype(images.dtype)
    return column.to(images.dtype)


def memory_of(images: Images) -> NDArray[np.float32] | None:
    """Return images as a NumPy array over the same memory, for compiled code.

    Returns:
        None where there is no such view: on another device than the CPU, in another dtype than
        float32, or not in the order of its axes.
    """
    if not isinstance(images, np.ndarray):
        if images.device.type != "cpu" or str(images.dtype) != "torch.float32":
            return None
        images = images.detach().numpy()
    return images if images.dtype == np.float32 and images.flags.c_contiguous else None


def is_torch(array: object) -> bool:
    """Return whether it is a PyTorch tensor, of a subclass too."""
    return any(base.__module__.partition(".")[0] == "torch" for base in type(array).__mro__)


def is_on_cpu(array: Array) -> bool:
    """Return whether a loop may read it without waiting for a device."""
    return not is_torch(array) or array.device.type == "cpu"


def in_library_of(images: Array, values: Array) -> Array:
    """Return values in the library, and on the device, of the images."""
    if is_torch(images):
        return library_of(images).as_tensor(values, device=images.device)
    return np.asarray(values)


def share_memory(one: Array, other: Array) -> bool:
    """Return whether writing to one may change the other."""
    if is_torch(one) and is_torch(other):
        return bool(one.untyped_storage().data_ptr() == other.untyped_storage().data_ptr())
    if not (is_on_cpu(one) and is_on_cpu(other)):
        return False
    return np.may_share_memory(to_numpy(one), to_numpy(other))


def dtype_name(array: Array) -> str:
    """Return the name of its dtype, such as "uint8", in either library."""
    return _name_of(array.dtype)


@lru_cache(maxsize=64)
def _name_of(dtype: Any) -> str:
    return str(dtype).removeprefix("torch.")


def kind(array: Array) -> str:
    """Return "float", "integer" or "other" for what its elements are."""
    name = dtype_name(array)
    if name.startswith(("float", "bfloat")):
        return "float"
    return "integer" if name.startswith(("int", "uint")) else "other"


def to_numpy(array: Array) -> NDArray[Any]:
    """Return an array in main memory; what NumPy has no dtype for as float32."""
    if is_torch(array):
        array = array.detach().cpu()
        array = array.float() if "bfloat" in str(array.dtype) else array
    return np.asarray(array)
