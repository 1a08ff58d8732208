"""What pairs of scores, good and bad on one seed, show at whatever moment one looks.

Differences on one seed are independent over seeds whatever the two variances and whatever the
correlation, so the intervals hold either way; a positive correlation makes them narrower, and its
absence costs nothing but degrees of freedom.
"""

import math
from collections.abc import Sequence

from whydrop.core.comparison import ComparisonVerdict, Gate, Judgement
from whydrop.core.effect import Interval
from whydrop.stats.sequential import (
    anytime_interval,
    mean_and_sd,
    observations_until,
    resolution,
    with_rounding,
)

EQUAL_PAIRS = 8  # all values identical: what happens two times in three does so 8 times in 4 %


def judge(
    pairs: Sequence[tuple[float, float]], *, alpha: float, margin: float, gate: bool = False
) -> Judgement:
    """Return what pairs of scores show, at whatever moment one looks.

    "worse" and "better" read the two-sided interval of level ``alpha``; "equal" and the gate
    are one-sided tests of level ``alpha``. Whatever the true difference, the chance that a wrong
    verdict is ever returned is at most ``alpha``.

    Args:
        pairs: good and bad on one seed; larger is better.
        margin: in the unit of the scores.
    """
    n = len(pairs)
    if n == 0:
        opened: Gate | None = "open" if gate else None
        return Judgement(
            "cannot tell", math.nan, -math.inf, math.inf, 1 - alpha, opened, 0, EQUAL_PAIRS
        )
    differences = [bad - good for good, bad in pairs]
    step = resolution([score for pair in pairs for score in pair])
    mean, sd = mean_and_sd(differences)
    sd = with_rounding(sd, step) if n > 1 else math.nan
    if sd == 0.0 and n < EQUAL_PAIRS:
        two_sided = one_sided = Interval(-math.inf, math.inf)
    else:
        two_sided = anytime_interval(differences, alpha, step)
        one_sided = anytime_interval(differences, 2 * alpha, step)
    equal = -margin < one_sided.low and one_sided.high < margin
    verdict: ComparisonVerdict = "cannot tell"
    if equal:
        verdict = "equal"
    elif two_sided.high < 0:
        verdict = "worse"
    elif two_sided.low > 0:
        verdict = "better"
    state: Gate | None = None
    if gate:
        state = "open"
        if one_sided.high < -margin:
            state, verdict = "failed", "worse"
        elif one_sided.low > -margin:
            state = "passed"
            verdict = "not worse" if verdict == "cannot tell" else verdict
    read_one_sided = gate or verdict == "equal"
    shown = one_sided if read_one_sided else two_sided
    return Judgement(
        verdict,
        mean,
        shown.low,
        shown.high,
        1 - alpha * (2 if read_one_sided else 1),
        state,
        n,
        _pairs_needed(n, mean, sd, alpha=alpha, margin=margin, gate=gate),
    )


def correlation(pairs: Sequence[tuple[float, float]]) -> float:
    """Return the correlation of good and bad over shared seeds; nan below 4 pairs."""
    if len(pairs) < 4:
        return math.nan
    good, bad = ([pair[side] for pair in pairs] for side in (0, 1))
    (mean_good, sd_good), (mean_bad, sd_bad) = mean_and_sd(good), mean_and_sd(bad)
    if sd_good * sd_bad == 0.0:
        return math.nan
    products = math.fsum((g - mean_good) * (b - mean_bad) for g, b in pairs)
    return products / (len(pairs) - 1) / (sd_good * sd_bad)


def _pairs_needed(
    n: int, mean: float, sd: float, *, alpha: float, margin: float, gate: bool
) -> int:
    if not sd > 0.0:  # one pair, or all of them identical
        return max(n, EQUAL_PAIRS)
    if gate:
        return max(n, observations_until(abs(mean + margin), sd, 2 * alpha))
    apart = observations_until(abs(mean), sd, alpha)
    equal = observations_until(margin - abs(mean), sd, 2 * alpha)
    return max(n, min(apart, equal))
