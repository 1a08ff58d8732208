"""Passes over images in main memory: compiled where Numba is installed, else by NumPy."""

from collections.abc import Iterator
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from whydrop.augment.compiled import Kernel, machine_code, noise, resampling, sampling
from whydrop.augment.geometry import EDGES, Resampling, Run, folded
from whydrop.augment.holes import Holes, fill_with_noise
from whydrop.augment.op import Floats, Size

Array = NDArray[np.float32]
Source = NDArray[np.uint8] | Array
CHUNK = 1 << 18  # source pixels that NumPy's affine map reads at once, to bound its memory


NO_HOLES = np.empty((4, 0, 0), np.int64)


def resample(
    source: Source,
    done: Resampling,
    scale: Array,
    bias: Array,
    out: Array,
    holes: Holes | None = None,
) -> None:
    """Write one pass of geometry into out, times scale plus bias, and fill holes.

    Args:
        source: (n, c, h, w) uint8 from 0 to 255, or float32 from 0 to 1.
        done: the pass.
        scale, bias: (c,), applied to the source's values.
        out: float32 (n, c, height, width).
        holes: filled in the end.
    """
    pad, mode = done.pad
    if pad and mode != "constant":
        around = ((0, 0), (0, 0), (pad, pad), (pad, pad))
        source = cast(Source, np.pad(source, around, mode=mode))
    fill = done.fill * (255.0 if source.dtype == np.uint8 else 1.0)
    kernel = machine_code(_loop(done))
    if kernel is not None and out.flags.c_contiguous:
        source = cast(Source, np.ascontiguousarray(source))
        if done.matrix is None:
            sides, value = NO_HOLES, 0.0
            if holes is not None and holes.fill != "noise":
                sides, value, holes = np.stack(_sides(holes)), holes.fill, None
            kernel(source, *done.run, scale, bias, fill, sides, value, out)
        else:
            kernel(source, *_map(done, done.matrix), *done.run, scale, bias, fill, out)
    else:
        if done.matrix is None:
            _move(source, done, fill, out)
        else:
            _warp(source, done, done.matrix, fill, out)
        affine(out, scale, bias)
    if holes is not None:
        erase(out, holes)


def _loop(done: Resampling) -> Kernel:
    """Return the loop that makes a pass."""
    if done.matrix is None:
        return resampling.move
    quick = done.interpolation == "bilinear" and done.mode in ("constant", "edge")
    return resampling.warp if quick else sampling.sample


def _map(done: Resampling, matrix: Floats) -> tuple[Any, ...]:
    """Return what the loop wants to know of the affine map."""
    where = matrix, np.stack(done.window or ())
    if _loop(done) is resampling.warp:
        return (*where, done.mode == "edge")
    return (*where, EDGES.index(done.mode), done.interpolation == "nearest")


def affine(images: Array, scale: Array, bias: Array) -> None:
    """Multiply channels by scale and add bias, in place."""
    if not (scale == 1).all():
        images *= scale[:, None, None]
    if bias.any():
        images += bias[:, None, None]


def erase(images: Array, holes: Holes) -> None:
    """Fill rectangles of images (n, c, h, w) in place."""
    sides, fill = _sides(holes), holes.fill
    kernel = machine_code(noise.fill_with_noise if fill == "noise" else resampling.erase)
    if kernel is not None and images.flags.c_contiguous:
        kernel(*sides, holes.drawn["noise"] if fill == "noise" else fill, images)
        return
    if fill == "noise":
        fill_with_noise(images, holes.drawn)
        return
    for image, *edges in zip(images, *(side.tolist() for side in sides), strict=True):
        for top, bottom, left, right in zip(*edges, strict=True):
            image[:, top:bottom, left:right] = fill


def _sides(holes: Holes) -> list[NDArray[np.int64]]:
    return [holes.drawn[name] for name in ("top", "bottom", "left", "right")]


def _move(source: Source, done: Resampling, fill: float, out: Array) -> None:
    """Write whole-pixel moves, by one slice an image."""
    if ((done.run.high - done.run.low) < np.array(done.size)[:, None]).any():
        out.fill(fill)
    plans = np.stack(done.run, axis=-1).swapaxes(0, 1).tolist()  # (n, 2, 4)
    for image, target, (rows, columns) in zip(source, out, plans, strict=True):
        row0, row_step, top, bottom = rows
        col0, col_step, left, right = columns
        if bottom > top and right > left:
            down = _slice(row0 + row_step * top, row_step, bottom - top)
            across = _slice(col0 + col_step * left, col_step, right - left)
            target[:, top:bottom, left:right] = image[:, down, across]


def _slice(first: int, step: int, length: int) -> slice:
    last = first + step * length
    return slice(first, last if last >= 0 else None, step)


def _warp(source: Source, done: Resampling, matrix: Floats, fill: float, out: Array) -> None:
    """Write affine maps: four gathers for some images at a time."""
    n, channels, height, width = out.shape
    at_once = max(1, CHUNK // (channels * height * width))
    for first in range(0, n, at_once):
        part = slice(first, min(n, first + at_once))
        _warp_part(source[part], done, matrix, part, fill, out[part])


def _warp_part(
    source: Source, done: Resampling, matrix: Floats, part: slice, fill: float, out: Array
) -> None:
    height, width = out.shape[2:]
    (y, seen_y), (x, seen_x) = _positions(done.run, part, done.size)
    m = matrix[part, :, :, None, None]
    sx = m[:, 0, 0] * x[:, None, :] + m[:, 0, 1] * y[:, :, None] + m[:, 0, 2]
    sy = m[:, 1, 0] * x[:, None, :] + m[:, 1, 1] * y[:, :, None] + m[:, 1, 2]
    top, bottom, left, right = (side[part, None, None] for side in done.window or ())
    sx, sy = folded(sx, left, right, done.mode), folded(sy, top, bottom, done.mode)
    if done.interpolation == "nearest":
        sx, sy = np.floor(sx + 0.5), np.floor(sy + 0.5)
    fx, fy = np.floor(sx), np.floor(sy)
    wx, wy = (sx - fx).astype(np.float32), (sy - fy).astype(np.float32)
    column, row = fx.astype(np.int64), fy.astype(np.int64)
    seen = seen_y[:, :, None] & seen_x[:, None, :]
    sample = np.arange(len(source))[:, None, None]
    total = np.zeros((len(source), height, width, source.shape[1]), np.float32)
    for dy in (0, 1):
        for dx in (0, 1):
            r, c = row + dy, column + dx
            inside = seen & (r >= top) & (r < bottom) & (c >= left) & (c < right)
            # Channels last: the two index arrays are apart from the slice.
            values = source[sample, :, np.where(inside, r, 0), np.where(inside, c, 0)]
            weight = (wy if dy else 1 - wy) * (wx if dx else 1 - wx)
            values = np.where(inside[..., None], values, np.float32(fill))
            total += weight[..., None] * values
    out[:] = np.moveaxis(total, -1, 1)


def _positions(run: Run, part: slice, size: Size) -> Iterator[tuple[Floats, NDArray[np.bool_]]]:
    """Yield, for rows and columns, (n, length): what an output shows, and whether it shows any."""
    for axis, length in enumerate(size):
        start, step, low, high = (values[axis, part, None] for values in run)
        at = np.arange(length)
        yield (start + step * at).astype(np.float64), (at >= low) & (at < high)
