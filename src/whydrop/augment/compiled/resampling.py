"""Kernels of geometry, normalisation and erasing: one pass over the batch each."""

import math
from typing import Any

import numpy as np

_CONSTANT, _REFLECT, _SYMMETRIC = 0, 1, 2  # places in geometry.EDGES; the last is edge


def move(
    source: Any, rows: Any, columns: Any, scale: Any, bias: Any, fill: float, out: Any
) -> None:
    """Write whole-pixel moves of source into out, times scale plus bias.

    Args:
        source: (n, c, h, w) uint8 or float32.
        rows, columns: int64 (4, n): start, step, low and high of each sample's run.
        scale, bias: float32 (c,).
        fill: in the source's unit.
        out: float32 (n, c, height, width), C-contiguous.
    """
    n, channels, height, width = out.shape
    for i in range(n):
        row0, row_step, top, bottom = rows[0, i], rows[1, i], rows[2, i], rows[3, i]
        col0, col_step, left, right = columns[0, i], columns[1, i], columns[2, i], columns[3, i]
        if right <= left:
            top = bottom = 0
        # Unsigned positions spare the check for counting from the end, and with it the loop.
        first, length = np.uintp(left), np.uintp(max(right - left, 0))
        for c in range(channels):
            s = scale[c]
            b = bias[c]
            empty = np.float32(fill) * s + b
            source_plane = source[i, c]
            out_plane = out[i, c]
            for y in range(height):
                line = out_plane[y]
                if y < top or y >= bottom:
                    line[:] = empty
                    continue
                seen = source_plane[row0 + row_step * y]
                for x in range(np.uintp(0), first):
                    line[x] = empty
                if col_step > 0:
                    start = np.uintp(col0 + left)
                    for x in range(np.uintp(0), length):
                        line[first + x] = np.float32(seen[start + x]) * s + b
                else:
                    start = np.uintp(col0 - left)
                    for x in range(np.uintp(0), length):
                        line[first + x] = np.float32(seen[start - x]) * s + b
                for x in range(first + length, np.uintp(width)):
                    line[x] = empty


def warp(
    source: Any,
    matrix: Any,
    window: Any,
    mode: int,
    nearest: bool,
    rows: Any,
    columns: Any,
    scale: Any,
    bias: Any,
    fill: float,
    out: Any,
) -> None:
    """Write affine maps of source into out, times scale plus bias.

    Args:
        source: (n, c, h, w) uint8 or float32.
        matrix: float64 (n, 2, 3) from what rows and columns name to source pixels.
        window: int64 (4, n): top, bottom, left and right of the source pixels in sight.
        mode: what is outside the window, by its place in ``geometry.EDGES``.
        nearest: show the nearest pixel; else interpolate between four.
        rows, columns: int64 (4, n): start, step, low and high of each sample's run.
        scale, bias: float32 (c,).
        fill: in the source's unit.
        out: float32 (n, c, height, width), C-contiguous.
    """
    n, channels, height, width = out.shape
    source_width = source.shape[3]
    reflected = mode in (_REFLECT, _SYMMETRIC)
    other = reflected or nearest  # than what the quick loops do
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
        if mode != _CONSTANT:
            low_x, high_x, low_y, high_y = left + 0.0, right - 1.0, top + 0.0, bottom - 1.0
        # Reflected coordinates repeat after a period; ``geometry.folded`` explains them.
        half_x, half_y, before = right - left - 1.0, bottom - top - 1.0, 0.0
        if mode == _SYMMETRIC:
            half_x, half_y, before = half_x + 1.0, half_y + 1.0, 0.5
        period_x, period_y = max(2 * half_x, 1.0), max(2 * half_y, 1.0)
        for y in range(height):
            qy = rows[0, i] + rows[1, i] * y
            whole = rows[2, i] <= y < rows[3, i]
            x0, y0 = a * columns[0, i] + b * qy + c0, d * columns[0, i] + e * qy + f0
            step_x, step_y = a * columns[1, i], d * columns[1, i]
            for x in range(width):
                column[x] = np.int32(math.floor(min(max(x0 + step_x * x, low_x), high_x)))
            for x in range(width):
                row[x] = np.int32(math.floor(min(max(y0 + step_y * x, low_y), high_y)))
            for x in range(width):
                wx[x] = np.float32(min(max(x0 + step_x * x, low_x), high_x) - column[x])
            for x in range(width):
                wy[x] = np.float32(min(max(y0 + step_y * x, low_y), high_y) - row[x])
            for x in range(width if other else 0):
                sx, sy = x0 + step_x * x, y0 + step_y * x
                if reflected:
                    past = sx - left + before
                    past -= period_x * math.floor(past / period_x)
                    sx = left + half_x - before - abs(past - half_x)
                    past = sy - top + before
                    past -= period_y * math.floor(past / period_y)
                    sy = top + half_y - before - abs(past - half_y)
                if nearest:
                    sx, sy = math.floor(sx + 0.5), math.floor(sy + 0.5)
                sx, sy = min(max(sx, low_x), high_x), min(max(sy, low_y), high_y)
                column[x], row[x] = np.int32(math.floor(sx)), np.int32(math.floor(sy))
                wx[x], wy[x] = np.float32(sx - column[x]), np.float32(sy - row[x])
            # All four neighbours are in sight from column first to last: a convex set.
            first, last = 0, 0
            if whole:
                first, last = columns[2, i], columns[3, i]
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
                shown = whole and columns[2, i] <= x < columns[3, i]
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
