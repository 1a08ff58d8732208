"""Passes over PyTorch tensors that are not in main memory: no loop over samples."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from whydrop.augment.geometry import Resampling, Run, folded
from whydrop.augment.holes import Holes, fill_with_noise, in_holes
from whydrop.augment.op import Drawn, Images, Size


def resample(source: Images, done: Resampling, scale: Any, bias: Any) -> Images:
    """Return one pass of geometry, times scale plus bias.

    Args:
        source: (n, c, h, w) uint8 from 0 to 255, or floating from 0 to 1, on any device.
        done: the pass.
        scale, bias: (c,) NumPy, applied to the source's values.

    Returns:
        float32 (n, c, height, width).
    """
    import torch

    fill = done.fill * (255.0 if source.dtype == torch.uint8 else 1.0)
    source = source.float()
    pad, mode = done.pad
    if pad and mode != "constant":
        for axis in (2, 3):
            length = source.shape[axis]
            seen = folded(np.arange(-pad, length + pad), 0, np.array(length), mode)
            seen = torch.as_tensor(seen.astype(np.int64), device=source.device)
            source = source.index_select(axis, seen)
    moved = _moved(source, done, fill) if done.matrix is None else _warped(source, done, fill)
    return affine(moved, scale, bias)


def affine(images: Images, scale: Any, bias: Any) -> Images:
    """Multiply channels by scale and add bias, in place."""
    import torch

    column = torch.as_tensor(np.stack([scale, bias]), dtype=images.dtype, device=images.device)
    return images.mul_(column[0, :, None, None]).add_(column[1, :, None, None])


def erase(images: Images, holes: Holes) -> None:
    """Fill rectangles in place; what was drawn are tensors of the device."""
    if holes.fill == "noise":
        fill_with_noise(images, holes.drawn)
    else:
        images.masked_fill_(in_holes(images, holes.drawn)[:, None], holes.fill)


def _positions(run: Run, size: Size, device: Any) -> Iterator[tuple[Any, Any]]:
    """Yield, for rows and columns, (n, length): what an output shows, and whether it shows any."""
    import torch

    values = torch.as_tensor(np.stack(run), device=device)[..., None]
    for axis, length in enumerate(size):
        start, step, low, high = values[:, axis]
        at = torch.arange(length, device=device)
        yield start + step * at, (at >= low) & (at < high)


def _moved(source: Images, done: Resampling, fill: float) -> Images:
    import torch

    device = source.device
    (rows, seen_rows), (columns, seen_columns) = _positions(done.run, done.size, device)
    rows = rows.clamp(0, source.shape[2] - 1)
    columns = columns.clamp(0, source.shape[3] - 1)
    n, channels = source.shape[:2]
    picked = source.gather(2, rows[:, None, :, None].expand(n, channels, -1, source.shape[3]))
    picked = picked.gather(3, columns[:, None, None, :].expand(n, channels, rows.shape[1], -1))
    seen = seen_rows[:, None, :, None] & seen_columns[:, None, None, :]
    return picked.masked_fill_(torch.logical_not(seen), fill)


def _warped(source: Images, done: Resampling, fill: float) -> Images:
    """Return affine maps by four gathers, in float32 weights and float64 coordinates."""
    import torch

    device = source.device
    double = torch.float32 if device.type == "mps" else torch.float64
    (y, seen_y), (x, seen_x) = _positions(done.run, done.size, device)
    m = torch.as_tensor(done.matrix, dtype=double, device=device)[:, :, :, None, None]
    sx = m[:, 0, 0] * x[:, None, :] + m[:, 0, 1] * y[:, :, None] + m[:, 0, 2]
    sy = m[:, 1, 0] * x[:, None, :] + m[:, 1, 1] * y[:, :, None] + m[:, 1, 2]
    window = torch.as_tensor(np.stack(done.window or ()), device=device)[..., None, None]
    top, bottom, left, right = window
    sx, sy = folded(sx, left, right, done.mode), folded(sy, top, bottom, done.mode)
    if done.interpolation == "nearest":
        sx, sy = (sx + 0.5).floor(), (sy + 0.5).floor()
    fx, fy = sx.floor(), sy.floor()
    wx, wy = (sx - fx).float()[:, None], (sy - fy).float()[:, None]
    column, row = fx.long(), fy.long()
    seen = seen_y[:, :, None] & seen_x[:, None, :]
    n, channels, height, width = source.shape
    flat = source.reshape(n, channels, height * width)
    total = 0.0
    for dy in (0, 1):
        for dx in (0, 1):
            r, c = row + dy, column + dx
            inside = seen & (r >= top) & (r < bottom) & (c >= left) & (c < right)
            at = torch.where(inside, r * width + c, 0).reshape(n, 1, -1)
            values = flat.gather(2, at.expand(n, channels, -1)).reshape(n, channels, *r.shape[1:])
            values = torch.where(inside[:, None], values, fill)
            total = total + values * (wy if dy else 1 - wy) * (wx if dx else 1 - wx)
    return total


def drawn_on(drawn: Drawn, device: Any) -> dict[str, Any]:
    """Return draws as tensors of a device."""
    import torch

    return {name: torch.as_tensor(values, device=device) for name, values in drawn.items()}
