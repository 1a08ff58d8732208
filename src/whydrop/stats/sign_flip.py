"""The sign-flip test: exact for differences symmetric around zero, whatever their shape."""

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

EXACT_UP_TO = 13  # differences for which all 2^n signs are tried


def sign_flip_p(values: Sequence[float]) -> float:
    """Return the one-sided p value of a positive sum, given the sizes of the differences.

    Under the null each sign is a fair coin. Exact up to 13 differences; beyond, the normal limit
    of the same distribution.

    Example:
        >>> sign_flip_p([1.0, 2.0, 1.5])
        0.125

    Source: Fisher (1935), The Design of Experiments, section 21.
    """
    x = np.abs(np.asarray(values, float))
    total = float(np.sum(values))
    if len(x) > EXACT_UP_TO:
        size = math.sqrt(float(x @ x))
        return 0.5 * math.erfc(total / (size * math.sqrt(2))) if size else 1.0
    sums = _signs(len(x)) @ x
    # As large as seen, up to rounding of the sums.
    return float(np.mean(sums >= total - 1e-9 * float(x.sum())))


@lru_cache(maxsize=EXACT_UP_TO + 1)
def _signs(n: int) -> NDArray[np.float64]:
    """Return (2^n, n): all ways to sign n numbers."""
    bits = np.arange(1 << n)[:, None] >> np.arange(n) & 1
    return (2 * bits - 1).astype(np.float64)
