"""World: a simulated good and bad run whose differences have a planted truth.

Scores are points, larger is better; the seed noise of the good run has standard deviation
``sigma``, so with the default of 1 a gap is stated in multiples of it.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Literal, NamedTuple

import numpy as np

GOOD_SCORE = 80.0
CRASHING = 0.6  # chance that a trial crashes with a crashing factor on
COLLAPSING, COLLAPSE = 0.1, 5.0  # share of seeds that collapse, and by how many sds


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
        "two_equal": _alone(0.5, 0.5),
        "two_uneven": _alone(0.6, 0.4),
        "three_equal": _alone(*[1 / 3] * 3),
        "three_uneven": _alone(0.45, 0.30, 0.25),
        "four_uneven": _alone(0.32, 0.26, 0.22, 0.20),
        "three_ands": tuple(Cause("all", pair, 1 / 3) for pair in ((0, 1), (2, 3), (4, 5))),
    }
)


def _skewed(rng: np.random.Generator) -> float:
    """Return a lognormal draw with mean 0 and standard deviation 1."""
    mean, sd = math.exp(0.5), math.sqrt((math.e - 1) * math.e)
    return (rng.lognormal() - mean) / sd


def _collapsing(rng: np.random.Generator) -> float:
    return rng.standard_normal() - COLLAPSE * (rng.random() < COLLAPSING)


Noise = Literal["normal", "t3", "skewed up", "skewed down", "collapse"]
NOISES: Mapping[str, Callable[[np.random.Generator], float]] = MappingProxyType(
    {
        "normal": lambda rng: rng.standard_normal(),
        "t3": lambda rng: rng.standard_t(3) / math.sqrt(3),
        "skewed up": _skewed,
        "skewed down": lambda rng: -_skewed(rng),
        "collapse": _collapsing,  # its mean is below 0, in every arm alike
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
        noise: its shape.
        noise_when_on: its shape in arms with the last factor of the random order on.
        step: scores are rounded to multiples of it; 0 leaves them.
        crashing: ranks of factors that often crash a trial.
        needs: pairs of ranks; a trial with the first on and the second off always crashes.

    Attributes:
        order: factors by rank; those of the last ranks are harmless where there are any.
        needs: the same pairs as factors.
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
        noise: Noise = "normal",
        noise_when_on: Noise | None = None,
        step: float = 0.0,
        crashing: Sequence[int] = (),
        needs: Sequence[tuple[int, int]] = (),
    ) -> None:
        self.order = order = [int(i) for i in rng.permutation(k)]
        causes = causes_of(truth, k)
        self.k = k
        self.truth = truth
        self.gap = float(gap)
        self.rng = rng
        self.rho = rho
        self.noise_at_bad = noise_at_bad
        self.failing = crash + nan
        self.sigma = sigma
        self.noise = NOISES[noise]
        self.noise_when_on = NOISES[noise_when_on or noise]
        self.step = step
        self.crashing = frozenset(order[rank] for rank in crashing)
        self.needs = tuple((order[i], order[j]) for i, j in needs)
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

    def failure(self, arm: int) -> float:
        """Return the chance that a trial of an arm gives no score."""
        if any(arm >> i & 1 and not arm >> j & 1 for i, j in self.needs):
            return 1.0
        on = sum(arm >> i & 1 for i in self.crashing)
        return 1 - (1 - self.failing) * (1 - CRASHING) ** on

    def run(self, arm: int, seed: int) -> float:
        """Return the score of one trial; nan when it failed."""
        self.runs += 1
        if self.rng.random() < self.failure(arm):
            return math.nan
        if arm not in self._arms:
            self._arms[arm] = (GOOD_SCORE - self.drop(arm), self.sd(arm))
        mean, sd = self._arms[arm]
        draw = self.noise_when_on if arm >> self.order[-1] & 1 else self.noise
        noise = draw(self.rng)
        if self.rho:
            if seed not in self._shared:
                self._shared[seed] = self.rng.standard_normal()
            noise = math.sqrt(self.rho) * self._shared[seed] + math.sqrt(1 - self.rho) * noise
        score = mean + sd * noise
        return round(score / self.step) * self.step if self.step else score
