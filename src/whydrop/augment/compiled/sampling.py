"""Kernel of affine maps that reflect the image at its border, or show the nearest pixel."""

import math
from typing import Any

import numpy as np

_CONSTANT, _REFLECT, _SYMMETRIC = 0, 1, 2  # places in geometry.EDGES; edge is the last


def sample(
    source: Any,
    matrix: Any,
    window: Any,
    mode: int,
    nearest: bool,
    start: Any,
    step: Any,
    low: Any,
    high: Any,
    scale: Any,
    bias: Any,
    fill: float,
    out: Any,
) -> None:
    """Write affine maps of source into out, times scale plus bias.

    ``resampling.warp`` is quicker, and knows fewer borders.

    Args:
        source: (n, c, h, w) uint8 or float32.
        matrix: float64 (n, 2, 3) from what rows and columns name to source pixels.
        window: int64 (4, n): top, bottom, left and right of the source pixels in sight.
        mode: what is beyond the window, by its place in ``geometry.EDGES``. "constant" only for
            nearest pixels.
        nearest: show the nearest pixel; else interpolate between four.
        start, step, low, high: int64 (2, n): rows and columns of each sample's run.
        scale, bias: float32 (c,).
        fill: in the source's unit.
        out: float32 (n, c, height, width), C-contiguous.
    """
    n, channels, height, width = out.shape
    # ``geometry.folded`` explains the reflection.
    reflected = mode in (_REFLECT, _SYMMETRIC)
    before = 0.5 if mode == _SYMMETRIC else 0.0
    row, column = np.empty(width, np.int64), np.empty(width, np.int64)
    wx, wy = np.empty(width, np.float32), np.empty(width, np.float32)
    for i in range(n):
        top, bottom, left, right = window[0, i], window[1, i], window[2, i], window[3, i]
        half_x, half_y = right - left - 1.0 + 2 * before, bottom - top - 1.0 + 2 * before
        period_x, period_y = max(2 * half_x, 1.0), max(2 * half_y, 1.0)
        for y in range(height):
            qy = start[0, i] + step[0, i] * y
            for x in range(width):
                qx = start[1, i] + step[1, i] * x
                sx = matrix[i, 0, 0] * qx + matrix[i, 0, 1] * qy + matrix[i, 0, 2]
                sy = matrix[i, 1, 0] * qx + matrix[i, 1, 1] * qy + matrix[i, 1, 2]
                if reflected:
                    past = sx - left + before
                    past -= period_x * math.floor(past / period_x)
                    sx = left + half_x - before - abs(past - half_x)
                    past = sy - top + before
                    past -= period_y * math.floor(past / period_y)
                    sy = top + half_y - before - abs(past - half_y)
                if nearest:
                    sx, sy = math.floor(sx + 0.5), math.floor(sy + 0.5)
                inside = low[0, i] <= y < high[0, i] and low[1, i] <= x < high[1, i]
                if mode == _CONSTANT:
                    inside = inside and left <= sx < right and top <= sy < bottom
                sx = min(max(sx, left + 0.0), right - 1.0)
                sy = min(max(sy, top + 0.0), bottom - 1.0)
                column[x], row[x] = math.floor(sx), math.floor(sy)
                wx[x], wy[x] = sx - column[x], sy - row[x]
                if not inside:
                    row[x] = -1
            for c in range(channels):
                plane, line = source[i, c], out[i, c, y]
                s, b = scale[c], bias[c]
                empty = np.float32(fill) * s + b
                for x in range(width):
                    if row[x] < 0:
                        line[x] = empty
                        continue
                    value = np.float32(plane[row[x], column[x]])
                    if not nearest:
                        # The last pixel has no neighbour, and no weight to give it.
                        down, far = min(row[x] + 1, bottom - 1), min(column[x] + 1, right - 1)
                        value += wx[x] * (np.float32(plane[row[x], far]) - value)
                        lower = np.float32(plane[down, column[x]])
                        lower += wx[x] * (np.float32(plane[down, far]) - lower)
                        value += wy[x] * (lower - value)
                    line[x] = value * s + b
