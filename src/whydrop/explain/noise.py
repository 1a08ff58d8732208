"""Noise: good against itself, over fresh seeds and over one seed again."""

import math
from collections.abc import Sequence

from whydrop.core.effect import Effect
from whydrop.explain.design import SEEDS_APART, Ask, Standing
from whydrop.explain.settings import Settings
from whydrop.stats.spread import spread

TRIALS = 12  # by default: 10 seeds know sigma to within a factor of 0.7 to 1.8
REPEATS = 2  # seeds that run a second time
FAILED_TO_STOP = 3


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
