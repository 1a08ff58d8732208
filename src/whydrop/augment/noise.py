"""Noise: normal numbers keyed by sample and place, with no state.

A number is a hash of its sample's key and of its place in the image, so it does not depend on the
batch, on its order, or on the device.

Source: splitmix64, as in ``draws``: places are the steps of a sequence that starts at the key. The
normal numbers are the quantiles of 32 uniform bits, so none is above 6.4.
"""

from typing import Any

import numpy as np

from whydrop.augment.arrays import Array, is_torch, library_of

_MASK = (1 << 64) - 1


def _signed(word: int) -> int:
    """Return 64 bits as int64, the widest whole numbers that PyTorch multiplies everywhere."""
    return word - (1 << 64) if word >> 63 else word


_GOLDEN = _signed(0x9E3779B97F4A7C15)
_FIRST, _SECOND = _signed(0xBF58476D1CE4E5B9), _signed(0x94D049BB133111EB)


def normal(key: Array, place: Array) -> Array:
    """Return float32 numbers, normal with mean 0 and standard deviation 1.

    Args:
        key, place: int64 arrays or tensors, 0 or more, of shapes that go together; equal pairs
            give equal numbers.

    Example:
        >>> import numpy as np
        >>> normal(np.array([7]), np.arange(3)).shape
        (3,)
    """
    if is_torch(key) and key.device.type == "mps":  # which has no float64
        return normal(key.cpu(), place.cpu()).to(key.device)
    library = library_of(key)
    bits = _shifted(_mixed(_mixed(key) + (place + 1) * _GOLDEN), 32)
    u = (library.asarray(bits, dtype=library.float64) + 0.5) * 2.0**-32
    quantile: Any
    if library is np:
        from scipy.special import ndtri as quantile
    else:
        quantile = library.special.ndtri
    return library.asarray(quantile(u), dtype=library.float32)


def _mixed(z: Array) -> Array:
    """Return words scrambled; what overflows 64 bits is lost, as it should be."""
    z = (z ^ _shifted(z, 30)) * _FIRST
    z = (z ^ _shifted(z, 27)) * _SECOND
    return z ^ _shifted(z, 31)


def _shifted(z: Array, bits: int) -> Array:
    """Return words moved to the right, zeros coming in, whatever their sign."""
    return (z >> bits) & (_MASK >> bits)
