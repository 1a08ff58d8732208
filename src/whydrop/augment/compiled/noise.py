"""Kernel of holes that are filled with noise."""

import math
from typing import Any

import numpy as np

# The constants of draws.py, again: Numba's cache sees changes of this file only.
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_ONE, _27, _30 = np.uint64(1), np.uint64(27), np.uint64(30)
_31, _32 = np.uint64(31), np.uint64(32)


def fill_with_noise(top: Any, bottom: Any, left: Any, right: Any, key: Any, out: Any) -> None:
    """Fill holes of out with unit normal noise, in place; ``noise.normal`` explains it.

    The quantile is accurate to 7 digits: Wichura (1988), algorithm AS 241, Applied Statistics 37,
    477-484.

    Args:
        top, bottom, left, right: int64 (n, holes).
        key: int64 (n,).
        out: float32 (n, c, h, w), C-contiguous.
    """
    n, channels, height, width = out.shape
    for i in range(n):
        z = np.uint64(key[i])
        z = (z ^ (z >> _30)) * _FIRST
        z = (z ^ (z >> _27)) * _SECOND
        start = z ^ (z >> _31)
        for hole in range(top.shape[1]):
            for c in range(channels):
                for y in range(top[i, hole], bottom[i, hole]):
                    line = out[i, c, y]
                    row = np.uint64((c * height + y) * width) + _ONE
                    for x in range(left[i, hole], right[i, hole]):
                        z = start + (row + np.uint64(x)) * _GOLDEN
                        z = (z ^ (z >> _30)) * _FIRST
                        z = (z ^ (z >> _27)) * _SECOND
                        z = (z ^ (z >> _31)) >> _32
                        u = (float(z) + 0.5) * 2.0**-32
                        q = u - 0.5
                        if abs(q) <= 0.425:
                            r = 0.180625 - q * q
                            above = 59.109374720 * r + 159.29113202
                            above = (above * r + 50.434271938) * r + 3.3871327179
                            below = (67.187563600 * r + 78.757757664) * r + 17.895169469
                            line[x] = q * above / (below * r + 1.0)
                        else:
                            t = math.sqrt(-math.log(min(u, 1.0 - u))) - 1.6
                            above = (0.17023821103 * t + 1.3067284816) * t + 2.7568153900
                            below = (0.12021132975 * t + 0.73700164250) * t + 1.0
                            value = (above * t + 1.4234372777) / below
                            line[x] = value if q > 0.0 else -value
