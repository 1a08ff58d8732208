"""Kernels of geometry, normalisation and erasing: one pass over the batch each."""

import math
from typing import Any

import numpy as np


def move(
    source: Any,
    start: Any,
    step: Any,
    low: Any,
    high: Any,
    scale: Any,
    bias: Any,
    fill: float,
    out: Any,
) -> None:
    """Write whole-pixel moves of source into out, times scale plus bias.

    Args:
        source: (n, c, h, w) uint8 or float32, C-contiguous.
        start, step, low, high: int64 (2, n): rows and columns of each sample's run.
        scale, bias: float32 (c,).
        fill: in the source's unit.
        out: float32 (n, c, height, width), C-contiguous.
    """
    n, channels, _, width = out.shape
    source_width = source.shape[3]
    for i in range(n):
        row0, row_step, top, bottom = start[0, i], step[0, i], low[0, i], high[0, i]
        col0, col_step, left, right = start[1, i], step[1, i], low[1, i], high[1, i]
        if right <= left or bottom <= top:
            top = bottom = left = right = 0
        length = right - left
        for c in range(channels):
            s, b = scale[c], bias[c]
            empty = np.float32(fill) * s + b
            pixels, result = source[i, c].reshape(-1), out[i, c].reshape(-1)
            result[: top * width] = empty
            result[bottom * width :] = empty
            if row_step > 0 and col_step > 0 and source_width == width and top < bottom:
                # One run of pixels for the whole plane; what it writes left and right of the
                # rows is filled below.
                first, last = top * width + left, (bottom - 1) * width + right
                offset = row0 * width + col0
                line, seen = result[first:last], pixels[offset + first : offset + last]
                for x in range(np.uintp(0), np.uintp(last - first)):
                    line[x] = np.float32(seen[x]) * s + b
            else:
                for y in range(top, bottom):
                    line = result[y * width + left : y * width + right]
                    at = (row0 + row_step * y) * source_width + col0
                    # Unsigned positions spare the check for counting from the end.
                    if col_step > 0:
                        seen = pixels[at + left : at + right]
                        for x in range(np.uintp(0), np.uintp(length)):
                            line[x] = np.float32(seen[x]) * s + b
                    else:
                        seen = pixels[at - right + 1 : at - left + 1]
                        for x in range(length):
                            line[x] = np.float32(seen[np.uintp(length - 1 - x)]) * s + b
            # Column by column: rows have too few of these pixels to be worth a loop each.
            for x in range(left):
                for y in range(top, bottom):
                    result[np.uintp(y * width + x)] = empty
            for x in range(right, width):
                for y in range(top, bottom):
                    result[np.uintp(y * width + x)] = empty


def warp(
    source: Any,
    matrix: Any,
    window: Any,
    repeat: bool,
    start: Any,
    step: Any,
    low: Any,
    high: Any,
    scale: Any,
    bias: Any,
    fill: float,
    out: Any,
) -> None:
    """Write bilinear affine maps of source into out, times scale plus bias.

    Args:
        source: (n, c, h, w) uint8 or float32.
        matrix: float64 (n, 2, 3) from what rows and columns name to source pixels.
        window: int64 (4, n): top, bottom, left and right of the source pixels in sight.
        repeat: repeat the window's border outside; else there is fill.
        start, step, low, high: int64 (2, n): rows and columns of each sample's run.
        scale, bias: float32 (c,).
        fill: in the source's unit.
        out: float32 (n, c, height, width), C-contiguous.
    """
    n, channels, height, width = out.shape
    source_width = source.shape[3]
    one = np.float32(1)
    empty = np.float32(fill)
    row = np.empty(width, np.int32)  # of the upper left neighbour
    column = np.empty(width, np.int32)
    wx = np.empty(width, np.float32)
    wy = np.empty(width, np.float32)
    for i in range(n):
        a, b, c0 = matrix[i, 0, 0], matrix[i, 0, 1], matrix[i, 0, 2]
        d, e, f0 = matrix[i, 1, 0], matrix[i, 1, 1], matrix[i, 1, 2]
        top, bottom, left, right = window[0, i], window[1, i], window[2, i], window[3, i]
        # Far outside is as good as just outside; it keeps the numbers small.
        low_x, high_x, low_y, high_y = left - 1.0, float(right), top - 1.0, float(bottom)
        if repeat:
            low_x, high_x, low_y, high_y = left + 0.0, right - 1.0, top + 0.0, bottom - 1.0
        for y in range(height):
            qy = start[0, i] + step[0, i] * y
            whole = low[0, i] <= y < high[0, i]
            x0, y0 = a * start[1, i] + b * qy + c0, d * start[1, i] + e * qy + f0
            step_x, step_y = a * step[1, i], d * step[1, i]
            for x in range(width):
                column[x] = np.int32(math.floor(min(max(x0 + step_x * x, low_x), high_x)))
            for x in range(width):
                row[x] = np.int32(math.floor(min(max(y0 + step_y * x, low_y), high_y)))
            for x in range(width):
                wx[x] = np.float32(min(max(x0 + step_x * x, low_x), high_x) - column[x])
            for x in range(width):
                wy[x] = np.float32(min(max(y0 + step_y * x, low_y), high_y) - row[x])
            # All four neighbours are in sight from column first to last: a convex set.
            first, last = 0, 0
            if whole:
                first, last = low[1, i], high[1, i]
                while first < last and not (
                    left <= column[first] < right - 1 and top <= row[first] < bottom - 1
                ):
                    first += 1
                while first < last and not (
                    left <= column[last - 1] < right - 1 and top <= row[last - 1] < bottom - 1
                ):
                    last -= 1
            for c in range(channels):
                plane = source[i, c].reshape(-1)
                line = out[i, c, y]
                s, t = scale[c], bias[c]
                for x in range(first, last):
                    k = row[x] * source_width + column[x]
                    u = wx[x]
                    v0 = np.float32(plane[k])
                    v1 = np.float32(plane[k + source_width])
                    upper = v0 + u * (np.float32(plane[k + 1]) - v0)
                    lower = v1 + u * (np.float32(plane[k + source_width + 1]) - v1)
                    line[x] = (upper + wy[x] * (lower - upper)) * s + t
            for x in range(width):
                if first <= x < last:
                    continue
                shown = whole and low[1, i] <= x < high[1, i]
                fy, fx = row[x], column[x]
                up = shown and top <= fy < bottom
                down = shown and top <= fy + 1 < bottom
                near = left <= fx < right
                far = left <= fx + 1 < right
                for c in range(channels):
                    v00 = np.float32(source[i, c, fy, fx]) if up and near else empty
                    v01 = np.float32(source[i, c, fy, fx + 1]) if up and far else empty
                    v10 = np.float32(source[i, c, fy + 1, fx]) if down and near else empty
                    v11 = np.float32(source[i, c, fy + 1, fx + 1]) if down and far else empty
                    upper = v00 * (one - wx[x]) + v01 * wx[x]
                    lower = v10 * (one - wx[x]) + v11 * wx[x]
                    value = upper * (one - wy[x]) + lower * wy[x]
                    out[i, c, y, x] = value * scale[c] + bias[c]


def erase(top: Any, bottom: Any, left: Any, right: Any, fill: float, out: Any) -> None:
    """Fill holes of out in place.

    Args:
        top, bottom, left, right: int64 (n, holes).
        fill: value.
        out: float32 (n, c, h, w), C-contiguous.
    """
    n, channels = out.shape[0], out.shape[1]
    value = np.float32(fill)
    for i in range(n):
        for hole in range(top.shape[1]):
            first, last = np.uintp(left[i, hole]), np.uintp(right[i, hole])
            for c in range(channels):
                for y in range(top[i, hole], bottom[i, hole]):
                    line = out[i, c, y]
                    for x in range(first, last):
                        line[x] = value
