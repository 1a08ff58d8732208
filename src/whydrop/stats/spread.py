"""How scores of one arm vary: between seeds, and within one."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from whydrop.core.effect import Interval
from whydrop.core.noise import SeedUse
from whydrop.stats.sequential import mean_and_sd, t_quantile


@dataclass(frozen=True)
class Spread:
    """How scores of one arm vary; in the unit of the scores.

    Attributes:
        sigma: standard deviation over first runs of different seeds; nan below two.
        low, high: its interval, if the metric is normal over seeds; nan where unknown.
        seeds: different seeds with a score.
        seed_use: see ``core.noise.Noise``.
        repeat_difference: largest difference between two runs of one seed; nan if none ran twice.
        outlier: one seed is farther out than normal noise puts it (Grubbs, level 0.01).
    """

    sigma: float
    low: float
    high: float
    seeds: int
    seed_use: SeedUse
    repeat_difference: float
    outlier: bool


def spread(runs: Sequence[tuple[int, float]], *, level: float = 0.05) -> Spread:
    """Return how scores vary between seeds and within one.

    Args:
        runs: seed and score, in order of the trials; nan is a failure.
        level: 1 less the confidence of the interval of sigma.

    Example:
        >>> found = spread([(1, 92.1), (2, 91.4), (3, 92.8), (1, 92.1)])
        >>> found.seed_use, round(found.sigma, 2), round(found.low, 2), round(found.high, 1)
        ('obeyed', 0.7, 0.36, 4.4)
    """
    by_seed: dict[int, list[float]] = {}
    for seed, score in runs:
        if math.isfinite(score):
            by_seed.setdefault(seed, []).append(score)
    first = [scores[0] for scores in by_seed.values()]
    again = [max(scores) - min(scores) for scores in by_seed.values() if len(scores) > 1]
    repeat_difference = max(again, default=math.nan)
    if len(first) < 2:
        return Spread(math.nan, math.nan, math.nan, len(first), "unknown", repeat_difference, False)
    _, sigma = mean_and_sd(first)
    interval = sigma_interval(sigma, len(first), level) if sigma > 0 else None
    return Spread(
        sigma,
        interval.low if interval else math.nan,
        interval.high if interval else math.nan,
        len(first),
        _seed_use(len(first), sigma, repeat_difference),
        repeat_difference,
        outlier=grubbs_outlier(first, 0.01),
    )


def sigma_interval(sigma: float, n: int, level: float) -> Interval:
    """Return the chi-square interval of a normal standard deviation estimated from n values.

    Source: (n - 1) s^2 / sigma^2 is chi-square with n - 1 degrees of freedom.
    """
    from scipy import special  # SciPy takes a quarter of a second to import

    df = n - 1
    low, high = special.chdtri(df, level / 2), special.chdtri(df, 1 - level / 2)
    return Interval(sigma * math.sqrt(df / low), sigma * math.sqrt(df / high))


def grubbs_outlier(values: Sequence[float], level: float) -> bool:
    """Return whether the farthest value is farther from the mean than normal noise puts it.

    Source: Grubbs (1950), Ann. Math. Statist. 21, 27-58, two-sided; below 4 values never.
    """
    n = len(values)
    if n < 4:
        return False
    mean, sd = mean_and_sd(values)
    t = t_quantile(level / (2 * n), n - 2)
    limit = (n - 1) / math.sqrt(n) * math.sqrt(t * t / (n - 2 + t * t))
    return max(abs(value - mean) for value in values) > limit * sd


def _seed_use(seeds: int, sigma: float, repeat_difference: float) -> SeedUse:
    if repeat_difference > 0:
        return "not reproducible"
    if sigma == 0 and seeds >= 3:
        return "ignored"
    if math.isnan(repeat_difference) or sigma == 0:
        return "unknown"
    return "obeyed"
