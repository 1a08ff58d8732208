"""Inference on differences that arrive one by one: valid at every look, any variance.

All functions take independent differences of one mean. Equal variances are not needed: a t
statistic of independent normals with unequal variances stays conservative in the tails used here
(Bakirov and Szekely 2005; Ibragimov and Mueller 2010).
"""

import math
from collections.abc import Sequence
from functools import lru_cache

from whydrop.core.effect import UNKNOWN, Interval
from whydrop.core.errors import UsageError

PRIOR_VARIANCE = 16.0  # of the standardised effect; tuned for 3 to 30 differences


def mean_and_sd(values: Sequence[float]) -> tuple[float, float]:
    """Return the mean and the sample standard deviation (nan below two values)."""
    n = len(values)
    mean = math.fsum(values) / n
    if n < 2:
        return mean, math.nan
    return mean, math.sqrt(math.fsum((v - mean) ** 2 for v in values) / (n - 1))


def evidence(values: Sequence[float], prior_variance: float = PRIOR_VARIANCE) -> float:
    """Return the e-value against a mean of zero: its chance of ever reaching 1/a is at most a.

    The scale-invariant normal mixture: effect size ~ N(0, prior_variance), unknown variance.

    Source: Lai (1976), Ann. Statist. 4, 265-280; Wang and Ramdas (2023), arXiv 2310.03722.
    """
    n = len(values)
    mean, sd = mean_and_sd(values)
    if n < 2:
        return 1.0
    r = 1 + n * prior_variance
    if sd == 0.0:
        return math.inf if mean else r**-0.5
    t2 = n * (mean / sd) ** 2
    log_e = -0.5 * math.log(r) + n / 2 * (math.log1p(t2 / (n - 1)) - math.log1p(t2 / ((n - 1) * r)))
    return math.exp(min(log_e, 700.0))


def anytime_radius(
    n: int, sd: float, level: float, prior_variance: float = PRIOR_VARIANCE
) -> float:
    """Return the half width of the two-sided anytime interval of a mean; infinite for tiny n."""
    if n < 2:
        return math.inf
    r = 1 + n * prior_variance
    a = (math.sqrt(r) / level) ** (2.0 / n)
    if a >= r:
        return math.inf
    return sd / math.sqrt(n) * math.sqrt((n - 1) * (a - 1) / (1 - a / r))


def anytime_interval(values: Sequence[float], level: float) -> Interval:
    """Return bounds of the mean that hold at all sample sizes at once.

    Args:
        values: independent differences, in order of arrival.
        level: chance, in (0, 1), that the true mean is ever outside.

    Example:
        >>> anytime_interval([3.1, 4.2, 3.6, 4.0, 3.3], 0.05).rounded(2)
        (2.49, 4.79)

    Source: the inversion of ``evidence``.
    """
    _check_level(level)
    if len(values) < 2:
        return UNKNOWN
    mean, sd = mean_and_sd(values)
    radius = anytime_radius(len(values), sd, level)
    return Interval(mean - radius, mean + radius)


def anytime_lower(values: Sequence[float], level: float) -> float:
    """Return a one-sided anytime lower bound of the mean; -inf while nothing can be said."""
    return anytime_interval(values, min(2 * level, 0.999)).low


def _check_level(level: float) -> None:
    if not 0.0 < level < 1.0:
        raise UsageError(f"a level must be between 0 and 1, not {level}")


@lru_cache(maxsize=65536)
def t_quantile(upper: float, df: int) -> float:
    """Return the value that a t variable with df degrees of freedom exceeds with chance upper."""
    from scipy import special  # SciPy takes a quarter of a second to import

    return float(-special.stdtrit(df, upper))
