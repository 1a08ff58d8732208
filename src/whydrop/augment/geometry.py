"""Geometry: where each output pixel comes from; several operations become one resampling.

Coordinates are pixel indices, x to the right and y down; the middle of a pixel is a whole number.
"""

from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from whydrop.augment.arrays import library_of
from whydrop.augment.op import Floats, Ints, Size

# What is beyond the border of a b c d: a constant, b c d (without the border pixel itself),
# d c b a | a b c d, or a a a.
Edge = Literal["constant", "reflect", "symmetric", "edge"]
EDGES = ("constant", "reflect", "symmetric", "edge")
Interpolation = Literal["bilinear", "nearest"]
INTERPOLATIONS = ("bilinear", "nearest")
Window: TypeAlias = tuple[Ints, Ints, Ints, Ints]  # top, bottom, left and right, (n,) each


_NO_PAD: tuple[int, Edge] = (0, "constant")


@dataclass(frozen=True)
class Run:
    """A whole-pixel map of one axis: output i shows source start + step * i inside [low, high).

    Attributes:
        start, step, low, high: (n,) each, one a sample; step is 1 or -1.
    """

    start: Ints
    step: Ints
    low: Ints
    high: Ints

    @classmethod
    def identity(cls, n: int, length: int) -> "Run":
        zeros, ones = np.zeros(n, np.int64), np.ones(n, np.int64)
        return cls(zeros, ones, zeros, length * ones)

    @classmethod
    def shifted(cls, first: Ints, source: int, length: int) -> "Run":
        """Return the run that shows source pixels first, first + 1, ... of so many."""
        low = np.minimum(np.maximum(-first, 0), length)
        high = np.minimum(np.maximum(source - first, low), length)
        return cls(first, np.ones_like(first), low, high)

    @classmethod
    def mirrored(cls, mirror: NDArray[np.bool_], length: int) -> "Run":
        """Return the run that is the other way round where mirror says so."""
        step = 1 - 2 * mirror.astype(np.int64)
        zeros = np.zeros_like(step)
        return cls(np.where(mirror, length - 1, 0), step, zeros, zeros + length)

    def then(self, later: "Run") -> "Run":
        """Return this run followed by another that works on its output."""
        ahead = later.step > 0
        first = np.where(ahead, self.low - later.start, later.start - self.high + 1)
        last = np.where(ahead, self.high - later.start, later.start - self.low + 1)
        low = np.maximum(later.low, first)
        high = np.maximum(np.minimum(later.high, last), low)
        return Run(self.start + self.step * later.start, self.step * later.step, low, high)

    def source_range(self) -> tuple[Ints, Ints]:
        """Return the source pixels [from, to) that are shown."""
        one = self.start + self.step * self.low
        other = self.start + self.step * (self.high - 1)
        empty = self.high <= self.low
        first = np.where(empty, 0, np.minimum(one, other))
        return first, np.where(empty, 0, np.maximum(one, other) + 1)


@dataclass(frozen=True)
class Move:
    """Whole pixels only: exact.

    Attributes:
        rows, columns: of the output.
        size: of the output.
        pad: pixels added on each side of the source beforehand, and how.
        fill: value from 0 to 1 of what comes from outside the source.
    """

    rows: Run
    columns: Run
    size: Size
    fill: float = 0.0
    pad: tuple[int, Edge] = _NO_PAD


@dataclass(frozen=True)
class Warp:
    """An affine map.

    Attributes:
        matrix: (n, 2, 3) from an output pixel (x, y, 1) to the source's (x, y).
        size: of the output.
        fill: value from 0 to 1 of what comes from outside the source, for mode "constant".
        window: top, bottom, left and right (n,) of the only source pixels to be seen.
        mode: what is outside the source, or outside the window.
        interpolation: between pixels.
    """

    matrix: Floats
    size: Size
    fill: float = 0.0
    window: Window | None = None
    mode: Edge = "constant"
    interpolation: Interpolation = "bilinear"


@dataclass(frozen=True)
class Resampling:
    """One pass over the images: source pixels that may be seen, an affine map, a whole-pixel map.

    Attributes:
        pad: pixels added on each side of the source beforehand, and how.
        matrix: from the pixels that rows and columns name to the source's; None when they
            name the source's own.
        window: with a matrix, the source pixels in sight.
        mode: with a matrix, what is beyond the window.
        interpolation: with a matrix, between pixels.
        rows, columns: the last, whole-pixel step.
        size: of the output.
        fill: value from 0 to 1.
    """

    pad: tuple[int, Edge]
    matrix: Floats | None
    window: Window | None
    mode: Edge
    interpolation: Interpolation
    rows: Run
    columns: Run
    size: Size
    fill: float


def fused(n: int, size: Size, steps: list[Move | Warp]) -> list[Resampling]:
    """Return the fewest passes that make these steps, in order; exact for whole-pixel moves.

    Only one interpolation is made in a pass. What an affine map moves out of the frame another
    one right after it can bring back.

    Args:
        n: samples.
        size: of the images.
        steps: what the operations do.
    """
    passes: list[Resampling] = []
    current: Resampling | None = None
    for step in steps:
        if current is not None and not _joins(current, step):
            passes.append(current)
            current = None
        if current is None:
            current = _start(n, size, step)
        if isinstance(step, Move):
            rows, columns = current.rows.then(step.rows), current.columns.then(step.columns)
            current = replace(current, rows=rows, columns=columns, size=step.size)
        else:
            current = _warped(current, step, n)
        size = current.size
    return [*passes, current] if current else passes


def _joins(current: Resampling, step: Move | Warp) -> bool:
    """Return whether a step can be part of a pass."""
    if isinstance(step, Move):
        return not step.pad[0] and step.fill == current.fill
    if step.window is not None or step.fill != current.fill:
        return False
    if current.matrix is not None and (
        (step.mode, step.interpolation) != (current.mode, current.interpolation)
    ):
        return False
    # What whole-pixel steps filled is a part of the image, and is repeated as one.
    return step.mode == "constant" or (
        _is_whole(current.rows, current.size.height)
        and _is_whole(current.columns, current.size.width)
    )


def _is_whole(run: Run, length: int) -> bool:
    """Return whether all output pixels show source pixels, in all samples."""
    return bool((run.low == 0).all() and (run.high == length).all())


def _start(n: int, size: Size, step: Move | Warp) -> Resampling:
    """Return a pass that changes nothing yet."""
    pad = step.pad if isinstance(step, Move) else _NO_PAD
    size = Size(size.height + 2 * pad[0], size.width + 2 * pad[0])
    rows, columns = Run.identity(n, size.height), Run.identity(n, size.width)
    no_map: tuple[None, None, Edge, Interpolation] = (None, None, "constant", "bilinear")
    return Resampling(pad, *no_map, rows, columns, size, step.fill)


def _warped(current: Resampling, warp: Warp, n: int) -> Resampling:
    """Return a pass followed by an affine map."""
    window = warp.window or current.window
    if window is None:
        window = (*current.rows.source_range(), *current.columns.source_range())
    # The whole-pixel step before the map as a matrix: x' = start + step * x.
    matrix = warp.matrix.copy()
    for axis, run in enumerate((current.columns, current.rows)):
        matrix[:, axis] *= run.step[:, None]
        matrix[:, axis, 2] += run.start
    if current.matrix is not None:
        matrix = _composed(current.matrix, matrix)
    rows, columns = Run.identity(n, warp.size.height), Run.identity(n, warp.size.width)
    how = warp.mode, warp.interpolation
    return Resampling(current.pad, matrix, window, *how, rows, columns, warp.size, warp.fill)


def _composed(outer: Floats, inner: Floats) -> Floats:
    """Return outer after inner, both (n, 2, 3)."""
    matrix = outer[:, :, :2] @ inner
    matrix[:, :, 2] += outer[:, :, 2]
    return np.asarray(matrix)


def folded(at: Any, first: Any, end: Any, mode: Edge) -> Any:
    """Return coordinates inside [first, end - 1] that show what is seen at these.

    Args:
        at: coordinates of any shape, in NumPy or PyTorch.
        first, end: the pixels that are there, to be broadcast against them; all are for
            "constant", which stays as it is.

    Example:
        >>> folded(np.arange(-3, 7), 0, 4, "reflect").tolist()
        [3, 2, 1, 0, 1, 2, 3, 2, 1, 0]
        >>> folded(np.arange(-3, 7), 0, 4, "symmetric").tolist()
        [2.0, 1.0, 0.0, 0.0, 1.0, 2.0, 3.0, 3.0, 2.0, 1.0]
    """
    if mode == "constant":
        return at
    library = library_of(at)
    if mode == "reflect":
        last = end - 1 - first
        period = 2 * last + (last == 0)  # a single pixel is seen everywhere
        at = first + last - abs((at - first) % period - last)
    elif mode == "symmetric":
        length = end - first
        at = first + length - 0.5 - abs((at - first + 0.5) % (2 * length) - length)
    return library.minimum(library.maximum(at, first), end - 1)
