"""Redraw: crops and holes that leave too little of a sample to see are drawn again."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from whydrop.augment.draws import uniforms
from whydrop.augment.op import Drawn, Floats, Op, Size
from whydrop.augment.shares import hides, shares
from whydrop.core.errors import UsageError

REDRAWS = 4  # at most; a share that half of all draws reach is then missed by one sample in 32


def check_least_visible(least: Any) -> None:
    """Check the least share of a sample that is to be seen.

    Raises:
        UsageError: it is no number in [0, 1).
    """
    number = isinstance(least, int | float) and not isinstance(least, bool)
    if not (number and 0 <= least < 1):
        what = f"least_visible is {least!r}"
        raise UsageError(what, where="Pipeline", do="give a share from 0 (off) to below 1: 0.5")


def redrawn(
    ops: Sequence[Op],
    streams: Sequence[str],
    u: Floats,
    size: Size,
    least: float,
    *,
    epoch: int,
    seed: int,
    index: ArrayLike,
    view: ArrayLike,
) -> Floats:
    """Return u with other numbers for geometry and erasing where a sample shows too little.

    The numbers of a redraw are hashed as all are, with the count of the redraw added to what they
    are for, so they depend on the sample alone. The first draw that shows enough is taken; after
    ``REDRAWS`` without one, that which shows most. Colour and mixing keep their draws.

    Args:
        ops: of the pipeline.
        streams: what the rows of u are for.
        u: (streams, n) numbers, uniform in (0, 1); left as it is.
        size: of the images.
        least: share of the output that should show a sample's own image.
        epoch, seed, index, view: what u was drawn for; see ``uniforms``.
    """
    of_rows = [op for op in ops for _ in op.chance]
    rows = [row for row, op in enumerate(of_rows) if hides(op)]
    share = visible_shares(ops, u, size, epoch=epoch)
    index, view = np.asarray(index), np.asarray(view)
    u = u.copy()
    for count in range(1, REDRAWS + 1):
        short = np.flatnonzero(share < least)
        if not short.size or not rows:
            break
        again = [f"{streams[row]} again {count}" for row in rows]
        trial = u[:, short]
        of_view = view[short] if view.ndim else view
        trial[rows] = uniforms(again, seed=seed, epoch=epoch, index=index[short], view=of_view)
        other = visible_shares(ops, trial, size, epoch=epoch)
        better = other > share[short]
        u[:, short[better]] = trial[:, better]
        share[short[better]] = other[better]
    return u


def visible_shares(ops: Sequence[Op], u: Floats, size: Size, *, epoch: int) -> Floats:
    """Return (n,): what geometry and erasing leave to see of each sample, by these numbers."""
    acting: list[tuple[Op, Drawn]] = []
    now, first = size, 0
    for op in ops:
        own = u[first : first + len(op.chance)]
        first += len(op.chance)
        if hides(op) and op.active(epoch):
            acting.append((op, op.draw(own, now)))
        now = op.output_size(now)
    return shares(acting, size, u.shape[1])
