"""Inference on differences that arrive one by one: valid at every look, any variance.

All functions take independent differences of one mean. Equal variances are not needed: a t
statistic of independent normals with unequal variances stays conservative in the tails used here
(Bakirov and Szekely 2005; Ibragimov and Mueller 2010).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from whydrop.core.effect import UNKNOWN, Interval
from whydrop.core.errors import UsageError

SMALLEST_LOOK = 3  # differences below which no t test is made
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


def anytime_interval(values: Sequence[float], level: float, step: float = 0.0) -> Interval:
    """Return bounds of the mean that hold at all sample sizes at once.

    Args:
        values: independent differences, in order of arrival.
        level: chance, in (0, 1), that the true mean is ever outside.
        step: the values are rounded to multiples of it, as ``resolution`` tells; the variance
            of rounding is added, without which a few equal values would prove too much.

    Example:
        >>> anytime_interval([3.1, 4.2, 3.6, 4.0, 3.3], 0.05).rounded(2)
        (2.49, 4.79)

    Source: the inversion of ``evidence``.
    """
    _check_level(level)
    if len(values) < 2:
        return UNKNOWN
    mean, sd = mean_and_sd(values)
    radius = anytime_radius(len(values), with_rounding(sd, step), level)
    return Interval(mean - radius, mean + radius)


def with_rounding(sd: float, step: float) -> float:
    """Return a standard deviation that allows for values rounded to multiples of a step.

    Source: Sheppard (1898), Proc. London Math. Soc. 29, 353-380: rounding has variance step^2/12.
    """
    return math.sqrt(sd * sd + step * step / 12)


def resolution(values: Sequence[float]) -> float:
    """Return the smallest step between two values, 0 when all are equal; dust is not a step.

    Accuracies are multiples of one sample, and programs round what they print. The step of
    continuous values is far below their spread, where it changes nothing.

    Example:
        >>> round(resolution([97.5, 98.0, 97.5, 99.0]), 6)
        0.5
    """
    ordered = sorted(values)
    dust = 1e-9 * max((abs(v) for v in ordered), default=0.0)
    steps = (high - low for low, high in pairwise(ordered))
    return min((step for step in steps if step > dust), default=0.0)


def observations_until(radius: float, sd: float, level: float, most: int = 100_000) -> int:
    """Return how many differences of this sd it takes to know their mean to within a radius.

    Returns:
        The smallest n, at most ``most``.
    """
    if radius <= 0.0:
        return most
    low, high = 2, 4  # the radius is infinite at 2
    while anytime_radius(high, sd, level) > radius and high < most:
        low, high = high, min(2 * high, most)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if anytime_radius(middle, sd, level) > radius else (low, middle)
    return high


def needed_differences(effect: float, sd: float, level: float) -> float:
    """Return the differences after which ``Looks`` can be expected to prove an effect.

    A fit to simulated stopping times of one-sided tests; effects below a tenth of the sd count
    as a tenth.
    """
    return 3 + 3.1 * math.log(1 / level) / max(abs(effect) / sd, 0.1) ** 2


def _check_level(level: float) -> None:
    if not 0.0 < level < 1.0:
        what = f"a level must be between 0 and 1, not {level}"
        raise UsageError(what, where="the level of an interval", do="give a chance such as 0.05")


@lru_cache(maxsize=65536)
def t_quantile(upper: float, df: int) -> float:
    """Return the value that a t variable with df degrees of freedom exceeds with chance upper."""
    from scipy import special  # SciPy takes a quarter of a second to import

    return float(-special.stdtrit(df, upper))


class Look(NamedTuple):
    """What one look saw: n differences, their mean and sample standard deviation."""

    n: int
    mean: float
    sd: float


@dataclass(frozen=True)
class Looks:
    """A planned sequence of t tests of one mean, and the intervals that go with it.

    The level is spent along the way: by n differences a share n^2 / (n^2 + planned^2) of it, half
    when the planned number has arrived. A look may come at any n that was not chosen by its value;
    the levels of all looks add up to less than the whole, which holds for any dependence.

    Attributes:
        planned: differences after which half of the level is spent; fixed before the first.
        smallest: differences below which no look is taken.
        taken: the looks so far.

    Source: error spending as in Lan and DeMets (1983), Biometrika 70, 659-663, with t quantiles
    and without credit for the correlation of the looks.
    """

    planned: float
    smallest: int = SMALLEST_LOOK
    taken: tuple[Look, ...] = ()

    @property
    def n(self) -> int:
        """Differences at the last look; 0 before the first."""
        return self.taken[-1].n if self.taken else 0

    def at(self, values: Sequence[float], step: float = 0.0) -> "Looks":
        """Return the sequence with a look at all values, if there are more than at the last.

        Args:
            values: all differences so far.
            step: what the metric is a multiple of, such as one sample of the test set; counted
                accuracies that happen to agree must not look like certainty.
        """
        n = len(values)
        if n < self.smallest or n <= self.n:
            return self
        mean, sd = mean_and_sd(values)
        return replace(self, taken=(*self.taken, Look(n, mean, with_rounding(sd, step))))

    def spent(self, look: int) -> float:
        """Return the share of the level that belongs to one look, by its position."""
        before = self.until(self.taken[look - 1].n) if look else 0.0
        return self.until(self.taken[look].n) - before

    def until(self, n: int) -> float:
        """Return the share of the level that is spent by n differences."""
        return n * n / (n * n + self.planned * self.planned)

    def _half_width(self, look: int, level: float) -> float:
        n, _, sd = self.taken[look]
        return t_quantile(level * self.spent(look), n - 1) * sd / math.sqrt(n)

    def lower(self, level: float) -> float:
        """Return the one-sided lower bound of the mean at the last look; -inf before the first."""
        if not self.taken:
            return -math.inf
        return self.taken[-1].mean - self._half_width(len(self.taken) - 1, level)

    def upper(self, level: float) -> float:
        """Return the one-sided upper bound of the mean at the last look; inf before the first."""
        if not self.taken:
            return math.inf
        return self.taken[-1].mean + self._half_width(len(self.taken) - 1, level)

    def interval(self, below: float, above: float) -> Interval:
        """Return bounds that hold at all looks at once: the narrowest of them.

        Args:
            below: chance that the mean is below the interval.
            above: chance that it is above.
        """
        best = UNKNOWN
        for look, (_, mean, _) in enumerate(self.taken):
            low = mean - self._half_width(look, below)
            high = mean + self._half_width(look, above)
            if high - low <= best.width:
                best = Interval(low, high)
        return best
