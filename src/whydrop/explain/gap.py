"""Is there a drop at all? Good and bad on shared seeds, until it is shown, excluded or too dear.

Differences on one seed are independent between seeds whatever the noise of the two runs and
whatever they share, so one-sample theory is exact: that is why they are paired.
"""

from collections.abc import Sequence
from typing import Literal

from whydrop.core.effect import Interval
from whydrop.stats.sequential import Looks

FIRST_PAIRS = 3
MOST_PAIRS = 30
EQUAL_PAIRS = 8  # equal differences of moving scores that are no accident
PLANNED_PAIRS = 5.0
NEAR = 0.9  # share of the level on the side of the claim; the rest is for the other bound

Standing = Literal["open", "confirmed", "not reproduced", "undecided", "no noise"]


def looks() -> Looks:
    return Looks(PLANNED_PAIRS)


def standing(
    drops: Sequence[float],
    seen: Looks,
    *,
    alpha: float,
    min_effect: float,
    tried: int,
    constant: bool = True,
) -> Standing:
    """Return what the differences good less bad show at the last look.

    Args:
        drops: one a seed that both arms finished, in the metric's shown unit.
        seen: the looks taken.
        alpha: level of the check; NEAR of it goes to either claim.
        min_effect: the smallest drop worth explaining.
        tried: seeds begun, failures included.
        constant: neither run has moved with the seed. Counted accuracies that move may still
            differ equally a few times, which is no reason to give up.
    """
    if len(drops) >= FIRST_PAIRS:
        if max(drops) == min(drops) and (constant or len(drops) >= EQUAL_PAIRS):
            return "no noise"
        if seen.lower(NEAR * alpha) > 0:
            return "confirmed"
        if seen.upper(NEAR * alpha) < min_effect:
            return "not reproduced"
    if len(drops) >= MOST_PAIRS or tried >= 2 * MOST_PAIRS:
        return "undecided"
    return "open"


def bounds(seen: Looks, result: Standing, alpha: float) -> Interval:
    """Return bounds of the mean drop that hold whenever the check stopped."""
    near, far = NEAR * alpha, (1 - NEAR) * alpha
    if result == "not reproduced":
        return seen.interval(far, near)
    return seen.interval(near, far)
