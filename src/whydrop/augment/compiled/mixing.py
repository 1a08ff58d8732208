"""Kernels of MixUp and CutMix; the first compiled exactly: weight 1 leaves an image to the bit."""

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


def paste_rows(
    images: Any, partner: Any, top: Any, bottom: Any, left: Any, right: Any, out: Any
) -> None:
    """Write images into out, a rectangle of each from its partner.

    Args:
        images: float32 (n, c, h, w), C-contiguous.
        partner: int64 (n,), from 0 to n - 1.
        top, bottom, left, right: int64 (n,), inside the images.
        out: float32 (n, c, h, w), C-contiguous, apart from images.
    """
    n, channels, height, width = images.shape
    for i in range(n):
        first, last = left[i], right[i]
        boxed = first < last
        for c in range(channels):
            for y in range(height):
                line, mine = out[i, c, y], images[i, c, y]
                if not (boxed and top[i] <= y < bottom[i]):
                    for x in range(width):
                        line[np.uintp(x)] = mine[np.uintp(x)]
                    continue
                theirs = images[partner[i], c, y]
                for x in range(first):
                    line[np.uintp(x)] = mine[np.uintp(x)]
                for x in range(first, last):
                    line[np.uintp(x)] = theirs[np.uintp(x)]
                for x in range(last, width):
                    line[np.uintp(x)] = mine[np.uintp(x)]
