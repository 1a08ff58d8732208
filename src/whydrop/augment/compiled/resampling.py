"""Kernels of geometry, normalisation and erasing: one pass over the batch each."""

import math
from typing import Any

import numpy as np

WIDE = 128  # pixels a row


def move(
    source: Any,
    start: Any,
    step: Any,
    low: Any,
    high: Any,
    scale: Any,
    bias: Any,
    fill: float,
    holes: Any,
    hidden: float,
    out: Any,
) -> None:
    """Write whole-pixel moves of source into out, times scale plus bias, and fill holes.

    Args:
        source: (n, c, h, w) uint8 or float32, C-contiguous.
        start, step, low, high: int64 (2, n): rows and columns of each sample's run.
        scale, bias: float32 (c,).
        fill: in the source's unit.
        holes: int64 (4, n, holes): top, bottom, left and right.
        hidden: what holes are filled with.
        out: float32 (n, c, height, width), C-contiguous.
    """
    n, channels, _, width = out.shape
    source_width = source.shape[3]
    turned = np.empty(width, np.float32)
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
            elif col_step > 0:
                for y in range(top, bottom):
                    line = result[y * width + left : y * width + right]
                    at = (row0 + row_step * y) * source_width + col0
                    seen = pixels[at + left : at + right]
                    # Unsigned positions spare the check for counting from the end.
                    for x in range(np.uintp(0), np.uintp(length)):
                        line[x] = np.float32(seen[x]) * s + b
            elif width >= WIDE and source.itemsize == 4:
                # Reading backwards while writing takes long rows twice the time.
                for y in range(top, bottom):
                    line = result[y * width + left : y * width + right]
                    at = (row0 + row_step * y) * source_width + col0
                    seen = pixels[at - right + 1 : at - left + 1]
                    for x in range(np.uintp(0), np.uintp(length)):
                        turned[x] = seen[x] * s + b
                    for x in range(length):
                        line[x] = turned[np.uintp(length - 1 - x)]
            else:
                for y in range(top, bottom):
                    line = result[y * width + left : y * width + right]
                    at = (row0 + row_step * y) * source_width + col0
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
            for hole in range(holes.shape[2]):
                for y in range(holes[0, i, hole], holes[1, i, hole]):
                    line = result[y * width + holes[2, i, hole] : y * width + holes[3, i, hole]]
                    line[:] = np.float32(hidden)


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
    empty = np.float32(fill)
    # The pixels in sight, four channels side by side, with a border of fill: one pixel before
    # them and two after. So the neighbours of any point are there, and are read four at once.
    near = np.empty((source.shape[2] + 3) * (source.shape[3] + 3) * 4, np.float32)
    mixed = np.empty(width * 4, np.float32)
    at = np.empty(width, np.int32)  # of the upper left neighbour
    wx = np.empty(width, np.float32)
    wy = np.empty(width, np.float32)
    for i in range(n):
        top, left = window[0, i], window[2, i]
        tall, wide = window[1, i] - top, window[3, i] - left
        across = wide + 3
        # Far outside is as good as just outside.
        low_x, high_x, low_y, high_y = 0.0, wide + 1.0, 0.0, tall + 1.0
        if repeat:
            low_x, high_x, low_y, high_y = 1.0, wide + 0.0, 1.0, tall + 0.0
        for group in range(0, channels, 4):
            members = min(4, channels - group)
            for y in range(tall + 3):
                line = near[y * across * 4 : (y + 1) * across * 4]
                if y == 0 or y > tall:
                    line[:] = empty
                    continue
                for x in range(4):
                    line[np.uintp(x)] = empty
                for x in range((wide + 1) * 4, across * 4):
                    line[np.uintp(x)] = empty
                # Where there are fewer than four channels, the last stands in for the others.
                rows = source[i, group : group + members, top + y - 1, left : left + wide]
                s0, s1 = rows[0], rows[min(1, members - 1)]
                s2, s3 = rows[min(2, members - 1)], rows[members - 1]
                line = line[4:]
                for x in range(np.uintp(0), np.uintp(wide)):
                    line[np.uintp(4) * x] = np.float32(s0[x])
                    line[np.uintp(4) * x + np.uintp(1)] = np.float32(s1[x])
                    line[np.uintp(4) * x + np.uintp(2)] = np.float32(s2[x])
                    line[np.uintp(4) * x + np.uintp(3)] = np.float32(s3[x])
            for y in range(height):
                if y < low[0, i] or y >= high[0, i]:
                    for c in range(group, group + members):
                        out[i, c, y, :] = empty * scale[c] + bias[c]
                    continue
                first_x, first_y = start[1, i], start[0, i] + step[0, i] * y
                x0 = matrix[i, 0, 0] * first_x + matrix[i, 0, 1] * first_y + matrix[i, 0, 2]
                y0 = matrix[i, 1, 0] * first_x + matrix[i, 1, 1] * first_y + matrix[i, 1, 2]
                x0, step_x = x0 - left + 1, matrix[i, 0, 0] * step[1, i]
                y0, step_y = y0 - top + 1, matrix[i, 1, 0] * step[1, i]
                for x in range(width):
                    sx = min(max(x0 + step_x * x, low_x), high_x)
                    wx[x] = np.float32(sx - math.floor(sx))
                for x in range(width):
                    sy = min(max(y0 + step_y * x, low_y), high_y)
                    wy[x] = np.float32(sy - math.floor(sy))
                for x in range(width):
                    sx = min(max(x0 + step_x * x, low_x), high_x)
                    sy = min(max(y0 + step_y * x, low_y), high_y)
                    row_start = np.int32(math.floor(sy)) * np.int32(across)
                    at[x] = np.int32(4) * (row_start + np.int32(math.floor(sx)))
                for x in range(width):
                    k, to, u, w = np.uintp(at[x]), np.uintp(4 * x), wx[x], wy[x]
                    j = k + np.uintp(across * 4)
                    for c in range(np.uintp(0), np.uintp(4)):
                        upper = near[k + c] + u * (near[k + c + np.uintp(4)] - near[k + c])
                        lower = near[j + c] + u * (near[j + c + np.uintp(4)] - near[j + c])
                        mixed[to + c] = upper + w * (lower - upper)
                for c in range(members):
                    s, b = scale[group + c], bias[group + c]
                    line = out[i, group + c, y]
                    for x in range(np.uintp(0), np.uintp(width)):
                        line[x] = mixed[np.uintp(4) * x + np.uintp(c)] * s + b
                    for x in range(low[1, i]):
                        line[np.uintp(x)] = empty * s + b
                    for x in range(high[1, i], width):
                        line[np.uintp(x)] = empty * s + b


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
