"""Sign-flip tests at every look: exact for differences whose signs are fair coins."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Signs = NDArray[np.float32]
FLIPS = 8191  # random ways to sign the differences, beside the one that was seen


def sign_flips(random: np.random.Generator, most: int) -> Signs:
    """Return (FLIPS + 1, most): ways to sign so many differences; the first leaves all as seen."""
    signs = 2 * random.integers(0, 2, (FLIPS + 1, most), dtype=np.int8) - 1
    signs[0] = 1
    return signs.astype(np.float32)


def proves_positive(looks: Sequence[Sequence[float]], spent: Sequence[float], signs: Signs) -> bool:
    """Return whether a sum of differences is too large at any look for coins to have signed them.

    Under the null each difference keeps its size, at each look, when its coin falls the other
    way. So what was seen is one of len(signs) equally likely courses, and at each look those with
    the largest sums are sorted out, as many as the level spent so far permits. The chance to be
    among them is at most the last of spent; that the looks are correlated costs nothing.

    Args:
        looks: the differences at each look, in order of arrival; an earlier one may have another
            value at a later look, as long as its coin does not matter to its size.
        spent: chance of a false proof that may be used up by each look, increasing.
        signs: from ``sign_flips``.

    Source: Fisher (1935), The Design of Experiments, section 21; random flips in place of all as
    in Hemerik and Goeman (2018), TEST 27, 811-825.
    """
    alive = np.ones(len(signs), bool)
    out = 0
    for values, share in zip(looks, spent, strict=True):
        x = np.asarray(values, np.float32)
        sums = signs[:, : len(x)] @ x
        most = int(share * len(signs)) - out
        left = sums[alive]
        if not 0 < most < len(left):
            continue
        # Ties with the first that stays stay too; a ten-thousandth is the rounding of the sums.
        bar = np.partition(left, -most - 1)[-most - 1] + 1e-4 * float(np.abs(x).sum())
        beyond = alive & (sums > bar)
        if beyond[0]:
            return True
        alive &= ~beyond
        out += int(beyond.sum())
    return False
