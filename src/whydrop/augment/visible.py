"""Visible: how much of its own image a sample still shows after crop, shift and erasing."""

from typing import Any, NamedTuple

import numpy as np

from whydrop.augment.geometry import Move, Resampling, Warp, folded, fused
from whydrop.augment.op import Drawn, Floats, Size, Stage
from whydrop.augment.ops.policy import Policy
from whydrop.augment.pipeline import Pipeline

FEW = 0.5  # a mean share below which training sees too little of its images
SAMPLES = 4096
GRID = 64  # points a side at which a share is read off, where pixels are fewer: the pixels


class Visible(NamedTuple):
    """Shares, from 0 to 1, of the output that show the sample's own image.

    Attributes:
        mean: over samples.
        low: fifth percentile.
        least: of all.
    """

    mean: float
    low: float
    least: float


def visible_share(pipeline: Pipeline, size: tuple[int, int], *, samples: int = SAMPLES) -> Visible:
    """Return how much a pipeline leaves to see, by its own draws.

    What is repeated at a border counts as the image's own; what another image covers by CutMix
    does not. What RandAugment and TrivialAugment move out of the image is missing.

    Args:
        pipeline: its first epoch is looked at.
        size: height and width of the images in pixels.
        samples: how many are drawn; the mean is then within 0.01.
    """
    shares = shares_of(pipeline, size, index=np.arange(samples))
    return Visible(float(shares.mean()), float(np.quantile(shares, 0.05)), float(shares.min()))


def shares_of(pipeline: Pipeline, size: tuple[int, int], *, index: Any, epoch: int = 0) -> Floats:
    """Return (n,): the share of each sample's output that shows its own image."""
    drawn = pipeline.draws(Size(*size), index=index, epoch=epoch)
    n = len(np.asarray(index))
    steps: list[Move | Warp] = []
    passes: list[Resampling] = []
    holes: list[Drawn] = []
    source = now = Size(*size)
    for op, values in zip(_active(pipeline, drawn), drawn.values(), strict=True):
        if op.stage is Stage.GEOMETRY:
            steps.append(op.step(values, now))
            now = steps[-1].size
            continue
        # Pixels are needed, so what geometry has moved out of the frame is lost here.
        passes += fused(n, source, steps)
        steps, source = [], now
        if isinstance(op, Policy):
            for step in op.steps(values, now):
                passes += fused(n, now, [step])
        if op.stage is Stage.ERASE or (op.stage is Stage.MIX and "top" in values):
            holes.append(values)
    passes += fused(n, source, steps)
    y = (np.arange(min(GRID, now.height)) + 0.5) * now.height / min(GRID, now.height) - 0.5
    x = (np.arange(min(GRID, now.width)) + 0.5) * now.width / min(GRID, now.width) - 0.5
    seen = np.ones((n, len(y), len(x)), np.bool_)
    for hole in holes:
        seen &= ~_inside(hole, y, x, n)
    at_y, at_x = np.broadcast_to(y, (n, len(y))), np.broadcast_to(x, (n, len(x)))
    points = (at_y[:, :, None] + 0 * at_x[:, None, :], at_x[:, None, :] + 0 * at_y[:, :, None])
    for done in reversed(passes):
        points, shown = _source(done, *points)
        seen &= shown
    return np.asarray(seen.mean(axis=(1, 2)))


def _active(pipeline: Pipeline, drawn: dict[str, Drawn]) -> list[Any]:
    return [op for op, name in zip(pipeline.ops, pipeline.names, strict=True) if name in drawn]


def _inside(hole: Drawn, y: Floats, x: Floats, n: int) -> Any:
    """Return (n, height, width): whether points are in any of the holes."""
    top, bottom, left, right = (
        np.asarray(hole[side]).reshape(n, -1, 1) for side in ("top", "bottom", "left", "right")
    )
    rows = (y + 0.5 >= top) & (y + 0.5 < bottom)
    columns = (x + 0.5 >= left) & (x + 0.5 < right)
    return (rows[:, :, :, None] & columns[:, :, None, :]).any(axis=1)


def _source(done: Resampling, y: Floats, x: Floats) -> tuple[tuple[Floats, Floats], Any]:
    """Return the source points of output points, and whether they are inside the source."""
    shown = np.ones(y.shape, np.bool_)
    moved: list[Floats] = []
    for axis, at in enumerate((y, x)):
        start, step, low, high = (values[axis, :, None, None] for values in done.run)
        shown &= (at >= low - 0.5) & (at < high - 0.5)
        moved.append(np.asarray(start + step * at, np.float64))
    y, x = moved
    if done.matrix is not None and done.window is not None:
        m = done.matrix[:, :, :, None, None]
        x, y = (
            m[:, 0, 0] * x + m[:, 0, 1] * y + m[:, 0, 2],
            (m[:, 1, 0] * x + m[:, 1, 1] * y + m[:, 1, 2]),
        )
        top, bottom, left, right = (side[:, None, None] for side in done.window)
        if done.mode == "constant":
            shown &= (y >= top - 0.5) & (y < bottom - 0.5) & (x >= left - 0.5) & (x < right - 0.5)
        y, x = folded(y, top, bottom, done.mode), folded(x, left, right, done.mode)
    pad = done.pad[0]
    return (y - pad, x - pad), shown
