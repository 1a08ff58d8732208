"""The library that images belong to, so that one source serves NumPy and PyTorch.

Both libraries share their operators, indexing and the functions used here (``where``, ``clip``,
``amax``, ...), as long as axes are given by position.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from whydrop.augment.op import Images


def library_of(images: Images) -> Any:
    """Return the module ``numpy``, or ``torch`` for tensors; nothing else loads torch."""
    if type(images).__module__.startswith("torch"):
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
        if images.device.type != "cpu":
            return None
        images = images.detach().numpy()
    return images if images.dtype == np.float32 and images.flags.c_contiguous else None
