"""Loops over pixels as machine code, where Numba is installed.

The kernels in this folder are plain Python functions, so that they can be imported and read
without Numba. Each works image by image, so that an image's result does not depend on the batch
it is in. Each inner loop writes to one array only: with several, the compiler cannot tell that
they do not overlap and takes pixel by pixel. Constants stand in the kernel's own file, because
Numba's cache does not notice when another file changes.
"""

import importlib
import importlib.util
from collections.abc import Callable
from functools import lru_cache
from typing import Any

Kernel = Callable[..., None]


def machine_code(kernel: Kernel, *, exact: bool = False) -> Kernel | None:
    """Return a kernel as machine code, or None where Numba is not installed.

    The first call compiles it, or loads it from Numba's cache.

    Args:
        kernel: a function of this folder.
        exact: no rounding other than that of the written order of operations.
    """
    return _compile(kernel, exact) if available() else None


@lru_cache
def available() -> bool:
    """Return whether Numba is installed."""
    return importlib.util.find_spec("numba") is not None


@lru_cache
def _compile(kernel: Kernel, exact: bool) -> Kernel:
    numba: Any = importlib.import_module("numba")  # an extra, and slow to load
    code: Kernel = numba.njit(cache=True, fastmath=not exact, boundscheck=False, nogil=True)(kernel)
    return code


def preload() -> None:
    """Load what all kernels need, so that processes forked later share it; starts no thread."""
    if available():
        _compile(_nothing, False)()


def _nothing() -> None:
    pass
