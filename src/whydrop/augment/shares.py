"""Shares: how much of each output shows the sample's own image, by what was drawn for it."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from whydrop.augment.geometry import Move, Resampling, Run, Warp, folded, fused
from whydrop.augment.op import Drawn, Floats, Op, Size, Stage
from whydrop.augment.ops.policy import Policy
from whydrop.augment.parts import parts

GRID = 64  # points a side at which a share is read off, where pixels are fewer: the pixels
AT_ONCE = 1 << 19  # points looked at together, to bound the memory

Acting: TypeAlias = Sequence[tuple[Any, Drawn]]  # operations with what they drew, in order
Points: TypeAlias = tuple[Floats, Floats]  # y and x, that broadcast to (n, rows, columns)


class Patches(NamedTuple):
    """Rectangles that hide: (n, patches) pixels each."""

    top: NDArray[Any]
    bottom: NDArray[Any]
    left: NDArray[Any]
    right: NDArray[Any]

    def cover(self, y: Floats, x: Floats) -> NDArray[np.bool_]:
        """Return whether points lie in any of them."""
        covered = np.zeros((1, 1, 1), np.bool_)
        for patch in range(self.top.shape[1]):
            top, bottom, left, right = (side[:, patch, None, None] for side in self)
            rows = (y + 0.5 >= top) & (y + 0.5 < bottom)
            covered = covered | (rows & (x + 0.5 >= left) & (x + 0.5 < right))
        return covered


Layer: TypeAlias = Resampling | Patches


def shares(acting: Acting, size: Size, n: int, *, grid: int = GRID) -> Floats:
    """Return (n,): the share of each sample's output that shows its own image.

    What is repeated at a border counts as the image's own, even a hole that was there before, and
    a window that is enlarged to fill the output as wholly visible. Whole-pixel moves with one
    hole at most are exact; else points of a grid are counted.

    Args:
        acting: geometry, and what hides rectangles; other operations make no difference.
        size: of the images.
        n: samples.
        grid: points a side.
    """
    layers, output = layers_of(acting, size, n)
    holes = [layer for layer in layers if isinstance(layer, Patches)]
    whole = all(layer.matrix is None for layer in layers if isinstance(layer, Resampling))
    if whole and sum(hole.top.shape[1] for hole in holes) <= 1:
        return _of_rectangles(layers, output, n)
    counted = np.empty(n)
    rows, columns = min(grid, output.height), min(grid, output.width)
    y = ((np.arange(rows) + 0.5) * output.height / rows - 0.5)[None, :, None]
    x = ((np.arange(columns) + 0.5) * output.width / columns - 0.5)[None, None, :]
    for part in parts(n, rows * columns, AT_ONCE):
        some = [(op, {name: values[part] for name, values in d.items()}) for op, d in acting]
        layers, _ = layers_of(some, size, part.stop - part.start)
        seen = np.ones((part.stop - part.start, rows, columns), np.bool_)
        points = y, x
        for layer in reversed(layers):
            if isinstance(layer, Patches):
                seen &= ~layer.cover(*points)
            else:
                points, shown = _source(layer, points)
                seen &= shown
        counted[part] = seen.mean(axis=(1, 2))
    return counted


def hides(op: Op) -> bool:
    """Return whether an operation, other than mixing, may hide some of an image."""
    return op.stage in (Stage.GEOMETRY, Stage.ERASE) or isinstance(op, Policy)


def hiding(ops: Sequence[Any], drawn: Mapping[int, Drawn]) -> Acting:
    """Return the operations, other than mixing, that may hide something, with their draws.

    Args:
        ops: of a pipeline.
        drawn: by position in ops.
    """
    return [(ops[at], values) for at, values in drawn.items() if hides(ops[at])]


def layers_of(acting: Acting, size: Size, n: int) -> tuple[list[Layer], Size]:
    """Return what is done to the images one after the other, and the size of what comes out."""
    layers: list[Layer] = []
    steps: list[Move | Warp] = []
    first = now = size
    for op, drawn in acting:
        if op.stage is Stage.GEOMETRY:
            steps.append(op.step(drawn, now))
            now = steps[-1].size
            continue
        # Pixels are needed, so what geometry has moved out of the frame is lost here.
        layers += fused(n, first, steps)
        steps, first = [], now
        if isinstance(op, Policy):
            for step in op.steps(drawn, now):
                layers += fused(n, now, [step])
        if "top" in drawn:
            layers.append(Patches(*(_column(drawn, side) for side in Patches._fields)))
    return [*layers, *fused(n, first, steps)], now


def _column(drawn: Mapping[str, NDArray[Any]], side: str) -> NDArray[Any]:
    values = np.asarray(drawn[side])
    return values.reshape(len(values), -1)


def _source(done: Resampling, points: Points) -> tuple[Points, NDArray[np.bool_]]:
    """Return the source points of output points, and whether they are inside the source."""
    y, shown_y = _through(done.run, 0, points[0])
    x, shown_x = _through(done.run, 1, points[1])
    shown = shown_y & shown_x
    if done.matrix is not None and done.window is not None:
        m = done.matrix[:, :, :, None, None]
        x, y = (
            m[:, 0, 0] * x + m[:, 0, 1] * y + m[:, 0, 2],
            m[:, 1, 0] * x + m[:, 1, 1] * y + m[:, 1, 2],
        )
        top, bottom, left, right = (side[:, None, None] for side in done.window)
        if done.mode == "constant":
            shown = shown & (y >= top - 0.5) & (y < bottom - 0.5)
            shown &= (x >= left - 0.5) & (x < right - 0.5)
        y, x = folded(y, top, bottom, done.mode), folded(x, left, right, done.mode)
    pad = done.pad[0]
    return (y - pad, x - pad), shown


def _through(run: Run, axis: int, at: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    start, step, low, high = (values[axis, :, None, None] for values in run)
    return start + step * at, (at >= low - 0.5) & (at < high - 0.5)


def _of_rectangles(layers: list[Layer], output: Size, n: int) -> Floats:
    """Return the shares where a sample shows one rectangle, less one hole at most."""
    zeros = np.zeros(n, np.int64)
    # By axis, the first pixel and the one after the last, followed from the output to the source:
    # of what is shown, then of the hole.
    kept = [(zeros, zeros + output.height), (zeros, zeros + output.width)]
    hidden: list[tuple[Any, Any]] | None = None
    for layer in reversed(layers):
        if isinstance(layer, Patches):
            top, bottom, left, right = (side[:, 0] for side in layer)
            hidden = [(top, bottom), (left, right)]
        else:
            kept = [_mapped(layer, axis, *kept[axis]) for axis in (0, 1)]
            if hidden:
                hidden = [_mapped(layer, axis, *hidden[axis]) for axis in (0, 1)]
    area = _length(*kept[0]) * _length(*kept[1])
    if hidden:
        both_axes = zip(kept, hidden, strict=True)
        rows, columns = (
            _length(np.maximum(a[0], b[0]), np.minimum(a[1], b[1])) for a, b in both_axes
        )
        area = area - rows * columns
    return np.asarray(area / (output.height * output.width))


def _mapped(done: Resampling, axis: int, first: Any, end: Any) -> tuple[Any, Any]:
    """Return the source's pixels [first, end) of the output's, as far as they show any."""
    start, step, low, high = (values[axis] for values in done.run)
    first, end = np.maximum(first, low), np.minimum(end, high)
    end = np.maximum(end, first)
    one, other = (start + step * at - done.pad[0] for at in (first, end - 1))
    low = np.minimum(one, other)
    return low, np.where(end > first, np.maximum(one, other) + 1, low)


def _length(first: Any, end: Any) -> Any:
    return np.maximum(end - first, 0)
