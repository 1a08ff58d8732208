"""World: a simulated good and bad run whose differences have a planted truth.

Scores are points, larger is better; the seed noise of the good run has standard deviation
``sigma``, so with the default of 1 a gap is stated in multiples of it.
"""

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

import numpy as np

GOOD_SCORE = 80.0


class Cause(NamedTuple):
    """A share of the gap that is lost while all, or any, of some factors are on.

    Attributes:
        kind: "all" (one factor, or an AND) or "any" (an OR).
        members: which factors, as ranks in the world's random order of them.
        share: of the gap; negative helps.
    """

    kind: Literal["all", "any"]
    members: tuple[int, ...]
    share: float


def _alone(*shares: float) -> tuple[Cause, ...]:
    return tuple(Cause("all", (rank,), share) for rank, share in enumerate(shares))


TRUTHS: Mapping[str, tuple[Cause, ...]] = MappingProxyType(
    {
        "one": _alone(1.0),
        "two": _alone(0.55, 0.45),
        "three": _alone(0.40, 0.33, 0.27),
        "and2": (Cause("all", (0, 1), 1.0),),
        "or2": (Cause("any", (0, 1), 1.0),),
        "main_and": (Cause("all", (0,), 0.5), Cause("all", (1, 2), 0.5)),
        "harm_help": _alone(1.5, -0.5),
        "four": _alone(*[1 / 4] * 4),
        "six": _alone(*[1 / 6] * 6),
        "and3": (Cause("all", (0, 1, 2), 1.0),),
        "tiny": _alone(0.8, *[0.2 / 9] * 9),  # with fewer than 10 factors, fewer and larger ones
        "null": (),
        "two_and": (*_alone(3 / 8, 2 / 8), Cause("all", (2, 3), 3 / 8)),
    }
)


def causes_of(truth: str, k: int) -> tuple[Cause, ...]:
    """Return the causes of a named truth among k factors."""
    if truth == "tiny" and k < 10:
        return _alone(0.8, *[0.2 / (k - 1)] * (k - 1))
    return TRUTHS[truth]


class World:
    """Runs any arm with any seed, in no time, and knows the truth.

    Args:
        k: number of factors; bit i of an arm is set when factor i is on.
        truth: a name from TRUTHS; which factors bear it is drawn from rng.
        gap: points between the good and the bad run (ignored by "null").
        rng: source of all chance of this world.
        rho: correlation of the noise between arms that share a seed.
        noise_at_bad: noise of the bad run over that of the good one; between them it grows
            with the points lost.
        crash, nan: chances that a trial gives no score.
        sigma: seed noise of the good run, in points.

    Attributes:
        active: factors that are not harmless.
        target: factors that an exact answer names.
        runs: trials made so far, failures included.
    """

    def __init__(
        self,
        k: int,
        truth: str,
        gap: float,
        rng: np.random.Generator,
        rho: float = 0.0,
        noise_at_bad: float = 1.0,
        crash: float = 0.05,
        nan: float = 0.05,
        sigma: float = 1.0,
    ) -> None:
        order = [int(i) for i in rng.permutation(k)]
        causes = causes_of(truth, k)
        self.k = k
        self.truth = truth
        self.gap = float(gap)
        self.rng = rng
        self.rho = rho
        self.noise_at_bad = noise_at_bad
        self.failing = crash + nan
        self.sigma = sigma
        self.bad = (1 << k) - 1
        self.active = frozenset(order[rank] for cause in causes for rank in cause.members)
        self.target = frozenset(order[:1]) if truth == "tiny" else self.active
        self.runs = 0
        self._terms = [
            (cause.kind, sum(1 << order[rank] for rank in cause.members), cause.share * self.gap)
            for cause in causes
        ]
        self._shared: dict[int, float] = {}
        self._arms: dict[int, tuple[float, float]] = {}
        self._bad_drop = abs(self.drop(self.bad))

    def drop(self, arm: int) -> float:
        """Return the true points that an arm loses against the good run."""
        lost = 0.0
        for kind, members, points in self._terms:
            if arm & members == members or (kind == "any" and arm & members):
                lost += points
        return lost

    def effect(self, factor: int, context: int) -> float:
        """Return the true points lost by switching one factor on while others are on."""
        bit = 1 << factor
        return self.drop(context | bit) - self.drop(context & ~bit)

    def sd(self, arm: int) -> float:
        """Return the standard deviation of an arm's score over seeds, in points."""
        if not self._bad_drop:
            return self.sigma
        lost = min(1.5, max(0.0, self.drop(arm) / self._bad_drop))
        return self.sigma * (1.0 + (self.noise_at_bad - 1.0) * lost)

    def run(self, arm: int, seed: int) -> float:
        """Return the score of one trial; nan when it failed."""
        self.runs += 1
        if self.rng.random() < self.failing:
            return math.nan
        if arm not in self._arms:
            self._arms[arm] = (GOOD_SCORE - self.drop(arm), self.sd(arm))
        mean, sd = self._arms[arm]
        noise = self.rng.standard_normal()
        if self.rho:
            if seed not in self._shared:
                self._shared[seed] = self.rng.standard_normal()
            noise = math.sqrt(self.rho) * self._shared[seed] + math.sqrt(1 - self.rho) * noise
        return mean + sd * noise
