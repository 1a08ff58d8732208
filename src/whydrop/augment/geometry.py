"""Geometry: where each output pixel comes from; several operations become one resampling.

Coordinates are pixel indices, x to the right and y down; the middle of a pixel is a whole number.
"""

from functools import lru_cache
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from whydrop.augment.arrays import library_of
from whydrop.augment.op import Floats, Ints, Size

# What is beyond the border of a b c: a constant, c b | a b c | b a (without the border pixel
# itself), b a | a b c | c b, or a a | a b c | c c.
Edge = Literal["constant", "reflect", "symmetric", "edge"]
EDGES = ("constant", "reflect", "symmetric", "edge")
Interpolation = Literal["bilinear", "nearest"]
INTERPOLATIONS = ("bilinear", "nearest")
Window: TypeAlias = tuple[Ints, Ints, Ints, Ints]  # top, bottom, left and right, (n,) each


_NO_PAD: tuple[int, Edge] = (0, "constant")


class Run(NamedTuple):
    """A whole-pixel map: output i shows source start + step * i, where i is in [low, high).

    Attributes:
        start, step, low, high: (2, n) each: rows, then columns, of each sample; step is 1 or -1.
    """

    start: Ints
    step: Ints
    low: Ints
    high: Ints

    @classmethod
    def identity(cls, n: int, size: Size) -> "Run":
        return cls(*_identity(n, size))

    @classmethod
    def shifted(cls, first: Ints, source: Size, size: Size) -> "Run":
        """Return the run that shows source pixels first, first + 1, ... of so many; (2, n)."""
        _, step, zeros, length = _identity(first.shape[1], size)
        low = np.minimum(np.maximum(-first, zeros), length)
        pixels = length if source == size else _identity(first.shape[1], source)[3]
        return cls(first, step, low, np.minimum(np.maximum(pixels - first, low), length))

    @classmethod
    def mirrored(cls, mirror: NDArray[np.bool_], axis: int, size: Size) -> "Run":
        """Return the run that mirrors an axis, 0 or 1, of the samples that mirror (n,) names."""
        start, step, low, high = _identity(len(mirror), size)
        start, step = start.copy(), step.copy()
        np.multiply(mirror, size[axis] - 1, out=start[axis])
        step[axis] -= 2 * mirror
        return cls(start, step, low, high)

    def then(self, later: "Run") -> "Run":
        """Return this run followed by another that works on its output."""
        ahead = later.step > 0
        first = np.where(ahead, self.low - later.start, later.start - self.high + 1)
        low = np.maximum(later.low, first)
        first += self.high
        first -= self.low
        high = np.maximum(np.minimum(later.high, first), low)
        return Run(self.start + self.step * later.start, self.step * later.step, low, high)

    def source_range(self) -> tuple[Ints, Ints]:
        """Return the source pixels [from, to) that are shown, (2, n) each."""
        one = self.start + self.step * self.low
        other = self.start + self.step * (self.high - 1)
        empty = self.high <= self.low
        first = np.where(empty, 0, np.minimum(one, other))
        return first, np.where(empty, 0, np.maximum(one, other) + 1)


@lru_cache(maxsize=64)
def _identity(n: int, size: Size) -> tuple[Ints, Ints, Ints, Ints]:
    """Return start, step, low and high of the run that changes nothing; not to be written to."""
    zeros, length = np.zeros((2, n), np.int64), np.repeat(np.array(size)[:, None], n, axis=1)
    made = zeros, np.ones_like(zeros), zeros, length
    for values in made:
        values.flags.writeable = False
    return made


class Move(NamedTuple):
    """Whole pixels only: exact.

    Attributes:
        run: of the output.
        size: of the output.
        fill: value from 0 to 1 of what comes from outside the source.
        pad: pixels added on each side of the source beforehand, and how.
    """

    run: Run
    size: Size
    fill: float = 0.0
    pad: tuple[int, Edge] = _NO_PAD


class Warp(NamedTuple):
    """An affine map.

    Attributes:
        matrix: (n, 2, 3) from an output pixel (x, y, 1) to the source's (x, y).
        size: of the output.
        fill: value from 0 to 1 of what comes from outside the source, for mode "constant".
        window: top, bottom, left and right (n,) of the only source pixels to be seen.
        mode: what is beyond the source, or beyond the window.
        interpolation: between pixels.
    """

    matrix: Floats
    size: Size
    fill: float = 0.0
    window: Window | None = None
    mode: Edge = "constant"
    interpolation: Interpolation = "bilinear"


class Resampling(NamedTuple):
    """One pass over the images: source pixels that may be seen, an affine map, a whole-pixel map.

    Attributes:
        pad: pixels added on each side of the source beforehand, and how.
        matrix: from the pixels that the run names to the source's; None when it names the
            source's own.
        window: with a matrix, the source pixels in sight.
        mode: with a matrix, what is beyond the window.
        interpolation: with a matrix, between pixels.
        run: the last, whole-pixel step.
        size: of the output.
        fill: value from 0 to 1.
    """

    pad: tuple[int, Edge]
    matrix: Floats | None
    window: Window | None
    mode: Edge
    interpolation: Interpolation
    run: Run
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
        if isinstance(step, Warp):
            current = _warped(current or _nothing(n, size, step.fill), step, n)
        elif current is None:
            current = _moved(step.pad, step.run, step.size, step.fill)
        else:
            current = current._replace(run=current.run.then(step.run), size=step.size)
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
    whole = (current.run.low == 0) & (current.run.high == np.array(current.size)[:, None])
    return step.mode == "constant" or bool(whole.all())


def _moved(pad: tuple[int, Edge], run: Run, size: Size, fill: float) -> Resampling:
    """Return a pass of whole pixels."""
    return Resampling(pad, None, None, "constant", "bilinear", run, size, fill)


def _nothing(n: int, size: Size, fill: float) -> Resampling:
    """Return a pass that changes nothing yet."""
    return _moved(_NO_PAD, Run.identity(n, size), size, fill)


def _warped(current: Resampling, warp: Warp, n: int) -> Resampling:
    """Return a pass followed by an affine map."""
    window = warp.window or current.window
    run = current.run
    if window is None:
        (top, left), (bottom, right) = run.source_range()
        window = top, bottom, left, right
    # The whole-pixel step before the map as a matrix: x' = start + step * x.
    matrix = warp.matrix.copy()
    for row, axis in enumerate((1, 0)):
        matrix[:, row] *= run.step[axis][:, None]
        matrix[:, row, 2] += run.start[axis]
    if current.matrix is not None:
        matrix = _composed(current.matrix, matrix)
    how = warp.mode, warp.interpolation
    whole = Run.identity(n, warp.size)
    return Resampling(current.pad, matrix, window, *how, whole, warp.size, warp.fill)


def _composed(outer: Floats, inner: Floats) -> Floats:
    """Return outer after inner, both (n, 2, 3)."""
    matrix = outer[:, :, :2] @ inner
    matrix[:, :, 2] += outer[:, :, 2]
    return np.asarray(matrix)


def folded(at: Any, first: Any, end: Any, mode: Edge) -> Any:
    """Return coordinates inside [first, end - 1] that show what is seen at these.

    Args:
        at: coordinates of any shape, in NumPy or PyTorch.
        first, end: the pixels that are there, in the same library.
        mode: what is beyond them; "constant" leaves all as it is.

    Example:
        >>> first, end = np.array(0.0), np.array(4.0)
        >>> folded(np.arange(-3.0, 7.0), first, end, "reflect").tolist()
        [3.0, 2.0, 1.0, 0.0, 1.0, 2.0, 3.0, 2.0, 1.0, 0.0]
        >>> folded(np.arange(-3.0, 7.0), first, end, "symmetric").tolist()
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
