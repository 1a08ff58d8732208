"""Kernel of MixUp; compiled exactly, as an image of weight 1 must come out to the bit."""

from typing import Any

import numpy as np


def blend_rows(images: Any, partner: Any, weight: Any, out: Any) -> None:
    """Write weight * image + (1 - weight) * its partner into out.

    Args:
        images: float32 (n, d), C-contiguous.
        partner: int64 (n,), from 0 to n - 1.
        weight: float32 (n,).
        out: float32 (n, d), C-contiguous, apart from images.
    """
    n, size = images.shape
    for i in range(n):
        own = weight[i]
        target = out[i]
        mine = images[i]
        if own == np.float32(1):
            for k in range(size):
                target[k] = mine[k]
            continue
        others = np.float32(1) - own
        theirs = images[partner[i]]
        for k in range(size):
            target[k] = mine[k] * own + theirs[k] * others
