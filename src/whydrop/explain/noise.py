"""Noise: good against itself, over fresh seeds and over one seed again."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from whydrop.core.effect import Effect, Interval
from whydrop.core.noise import SeedUse
from whydrop.explain.design import SEEDS_APART, Ask, Standing
from whydrop.explain.settings import Settings
from whydrop.stats.sequential import mean_and_sd, t_quantile

TRIALS = 12  # by default: 10 seeds know sigma to within a factor of 0.7 to 1.8
REPEATS = 2  # seeds that run a second time
FAILED_TO_STOP = 3


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


class GoodAgainstItself:
    """Runs the good arm over fresh seeds, and its first seeds twice; a fixed number of trials.

    Args:
        settings: ``max_trials`` (at least 3), ``wave`` and ``seed``.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._scores: list[float] = []
        self.extend(settings.max_trials)

    def extend(self, max_trials: int) -> None:
        repeats = min(REPEATS, self.settings.max_trials // 3)
        first = 1 + SEEDS_APART * self.settings.seed
        fresh = range(first, first + max_trials - repeats)
        # A repeat comes early, so that a program without a working seed is known at once.
        seeds = [*fresh[:2], *fresh[:repeats], *fresh[2:]]
        self._asks = tuple(Ask(0, seed, "noise") for seed in seeds)

    @property
    def runs(self) -> list[tuple[int, float]]:
        """Seed and score of the trials so far, in order; nan is a failure."""
        return [(ask.seed, s) for ask, s in zip(self._asks, self._scores, strict=False)]

    @property
    def stuck(self) -> bool:
        """Whether every trial so far has failed."""
        return len(self._scores) >= FAILED_TO_STOP and all(map(math.isnan, self._scores))

    @property
    def done(self) -> bool:
        return self.stuck or len(self._scores) == len(self._asks)

    def propose(self) -> tuple[Ask, ...]:
        if self.done:
            return ()
        told = len(self._scores)
        return self._asks[told : told + max(self.settings.wave, 1)]

    def tell(self, scores: Sequence[float]) -> None:
        self._scores += scores

    def standing(self) -> Standing:
        found = spread(self.runs)
        known = Effect((), found.sigma, found.low, found.high, units=found.seeds)
        left = len(self._asks) - len(self._scores)
        doing = f"good against itself on {found.seeds} seeds"
        effects = (known,) if found.seeds > 1 else ()
        return Standing("done" if self.done else "noise", doing, effects, left)


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
    mean, sigma = mean_and_sd(first)
    interval = sigma_interval(sigma, len(first), level) if sigma > 0 else None
    farthest = max(abs(score - mean) for score in first)
    return Spread(
        sigma,
        interval.low if interval else math.nan,
        interval.high if interval else math.nan,
        len(first),
        _seed_use(len(first), sigma, repeat_difference),
        repeat_difference,
        outlier=len(first) >= 4 and farthest > sigma * _grubbs(len(first), 0.01),
    )


def sigma_interval(sigma: float, n: int, level: float) -> Interval:
    """Return the chi-square interval of a normal standard deviation estimated from n values.

    Source: (n - 1) s^2 / sigma^2 is chi-square with n - 1 degrees of freedom.
    """
    from scipy import special  # SciPy takes a quarter of a second to import

    df = n - 1
    low, high = special.chdtri(df, level / 2), special.chdtri(df, 1 - level / 2)
    return Interval(sigma * math.sqrt(df / low), sigma * math.sqrt(df / high))


def _grubbs(n: int, level: float) -> float:
    """Return the distance, in standard deviations, that the farthest of n values rarely exceeds.

    Source: Grubbs (1950), Ann. Math. Statist. 21, 27-58, two-sided.
    """
    t = t_quantile(level / (2 * n), n - 2)
    return (n - 1) / math.sqrt(n) * math.sqrt(t * t / (n - 2 + t * t))


def _seed_use(seeds: int, sigma: float, repeat_difference: float) -> SeedUse:
    if repeat_difference > 0:
        return "not reproducible"
    if sigma == 0 and seeds >= 3:
        return "ignored"
    if math.isnan(repeat_difference) or sigma == 0:
        return "unknown"
    return "obeyed"
