"""Prior shift: how far the shares of the classes are from those of another set."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike


class PriorShift(NamedTuple):
    """Distance of the class shares p of one set from those, q, of another.

    Attributes:
        total_variation: half the sum of |p - q| over the classes, from 0 to 1: the share of the
            samples that would have to change class.
        log_odds: the largest change of log-odds between two classes, max r - min r with
            r = ln(p / q), over the classes that both sets have; in nats.
        more, fewer: the two classes, by position: the one whose share grew most, and shrank most.
    """

    total_variation: float
    log_odds: float
    more: int
    fewer: int


def prior_shift(counts: ArrayLike, reference: ArrayLike) -> PriorShift:
    """Return the shift from the class shares of a reference.

    A classifier that has learnt p(class | image) under shares q gives, for shares p, odds between
    classes a and b that are multiplied by (p_a / q_a) / (p_b / q_b).

    Args:
        counts, reference: (k,) samples of each class, with a class that both have.

    Example:
        >>> shift = prior_shift([50, 50], [80, 20])
        >>> round(shift.total_variation, 3), round(shift.log_odds, 3), shift.more, shift.fewer
        (0.3, 1.386, 1, 0)

    Source: Saerens, Latinne and Decaestecker (2002), Adjusting the outputs of a classifier to new
    a priori probabilities, Neural Computation 14, 21-41, equation 2.4.
    """
    p, q = (np.asarray(n, np.float64) / np.sum(n) for n in (counts, reference))
    shared = np.flatnonzero((p > 0) & (q > 0))
    ratio = np.log(p[shared] / q[shared])
    more, fewer = int(np.argmax(ratio)), int(np.argmin(ratio))
    return PriorShift(
        float(np.abs(p - q).sum() / 2),
        float(ratio[more] - ratio[fewer]),
        int(shared[more]),
        int(shared[fewer]),
    )
