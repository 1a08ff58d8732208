"""How much of the gap the named factors explain, from four arms on fresh seeds."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from whydrop.core.effect import UNKNOWN, Interval
from whydrop.core.factor import Arm
from whydrop.stats.sequential import Looks, resolution, t_quantile

ALPHA_BOUNDS = 0.05
ALPHA = 0.10  # level of "more than half of the gap is recovered"
PLANNED = 1.0
FEWEST_DF = 4
ENOUGH = 4  # seeds after which the question is left open
TELLING = 3  # seeds up to which a doubtful remainder is looked at again
CLEAR = 0.25  # standard errors
Row = dict[Arm, float]
Scores = Mapping[Arm, Sequence[float]]
Allowed = Callable[[Arm], bool]


@dataclass
class Share:
    """The scores of good, bad, the named alone and the named undone, seed by seed.

    Attributes:
        bad: the arm with every factor on.
        allowed: whether an arm can run; the named alone, or the named undone, may not.
        rows: score by arm, one row a seed; nan where an arm failed.
        named: the factors in question.
        shown: more than half of the gap is theirs, at level ALPHA.
    """

    bad: Arm
    allowed: Allowed
    rows: list[Row] = field(default_factory=list)
    named: Arm = 0
    shown: bool = False
    sd: float = math.nan  # of one difference
    looks: Looks = field(default_factory=lambda: Looks(PLANNED, smallest=1))

    def arms(self) -> tuple[Arm, ...]:
        """Return the arms of one seed."""
        four = dict.fromkeys((0, self.named, self.bad & ~self.named, self.bad))
        return tuple(arm for arm in four if self.allowed(arm))

    def look(self, named: Arm, witness: Sequence[float]) -> None:
        """Test whether the named explain more than half.

        Averaged over the two contexts, that is that the score with only the named undone is above
        the score with only them on: one difference, no estimate of the gap. Where only one of the
        two can run, it is compared with the middle between good and bad.

        Args:
            named: the factors proven so far.
            witness: other differences of two runs; they tell the noise when seeds are few.
        """
        self.named = named
        lead = self.lead()
        looks = self.looks.at(lead)
        sd, df = _pooled(lead, witness)
        if not named or looks is self.looks or df < FEWEST_DF:
            return
        self.looks, self.sd = looks, sd
        mean = math.fsum(lead) / len(lead)
        spend = ALPHA * looks.spent(len(looks.taken) - 1)
        self.shown = mean > t_quantile(spend, df) * sd / math.sqrt(len(lead))

    def open(self, min_effect: float) -> bool:
        """Return whether another seed is needed to say whether the named explain the gap."""
        seeds = len(self.lead())
        if not self.named or seeds >= ENOUGH or not self._ends():
            return False
        if seeds < 2 or not self.gap():
            return True
        remaining, error, tolerance = self._remaining(min_effect)
        if remaining - CLEAR * error > tolerance:
            return False
        return not self.shown or (seeds < TELLING and remaining + CLEAR * error > tolerance)

    def differences(self, arm: Arm, other: Arm) -> list[float]:
        """Return score(arm) - score(other) over the seeds that have both."""
        both = zip(self._column(arm), self._column(other), strict=True)
        return [one - two for one, two in both if not math.isnan(one - two)]

    def lead(self) -> list[float]:
        """Return, by seed, the score with only the named undone less that with only them on."""
        undone, alone = self.bad & ~self.named, self.named
        if self.allowed(undone) and self.allowed(alone):
            return self.differences(undone, alone)
        if self.allowed(undone):
            return self._above_the_middle(undone)
        return [-above for above in self._above_the_middle(alone)]

    def _above_the_middle(self, arm: Arm) -> list[float]:
        ends = zip(*(self._column(a) for a in (arm, 0, self.bad)), strict=True)
        above = (score - (good + bad) / 2 for score, good, bad in ends)
        return [value for value in above if not math.isnan(value)]

    def _column(self, arm: Arm) -> list[float]:
        return [row.get(arm, math.nan) for row in self.rows]

    def _ends(self) -> list[list[float]]:
        """Return what the named give back in bad and take from good, as far as that can run."""
        ends = []
        if self.allowed(self.bad & ~self.named):
            ends.append(self.recovered())
        if self.allowed(self.named):
            ends.append(self.differences(0, self.named))
        return ends

    def recovered(self) -> list[float]:
        """Return, by seed, what undoing the named factors in the bad run gives back."""
        return self.differences(self.bad & ~self.named, self.bad)

    def gap(self) -> list[float]:
        return self.differences(0, self.bad)

    def explained(self) -> float:
        """Return the share of the gap that the named explain, from both ends; nan when unknown."""
        gap, ends = self.gap(), self._ends()
        if not (gap and ends and all(ends) and self.named):
            return math.nan
        size = _mean(gap)
        return _mean([_mean(end) for end in ends]) / size if size else math.nan

    def recovered_bounds(self, witness: Sequence[float]) -> Interval:
        """Return bounds of the points recovered, at level ALPHA_BOUNDS; equal noise is assumed.

        Args:
            witness: as for ``look``.
        """
        recovered = self.recovered()
        sd, df = _pooled(recovered, witness)
        if not self.looks.taken or not df:
            return UNKNOWN
        mean = math.fsum(recovered) / len(recovered)
        level = ALPHA_BOUNDS / 2 * self.looks.spent(len(self.looks.taken) - 1)
        half = t_quantile(level, df) * sd / math.sqrt(len(recovered))
        return Interval(mean - half, mean + half)

    def settles(self, min_effect: float) -> bool:
        """Return whether undoing the named recovers the gap, as far as these seeds can tell.

        More than half is proven, and what remains is not beyond the smallest drop worth
        explaining (a quarter of the gap at most) by more than its standard error.
        """
        if not self.shown or not self.gap():
            return False
        remaining, error, tolerance = self._remaining(min_effect)
        return remaining - CLEAR * error <= tolerance

    def _remaining(self, min_effect: float) -> tuple[float, float, float]:
        """Return the size of what the named leave over, its standard error, and what is small."""
        gap, ends = self.gap(), self._ends()
        n = min(len(gap), *map(len, ends))
        size = _mean(gap)
        explained = _mean([_mean(end) for end in ends]) if n else 0.0
        sd = self.sd if not math.isnan(self.sd) else abs(size)
        error = sd / math.sqrt(len(ends) * max(n, 1))
        return abs(size - explained), error, min(min_effect, 0.25 * abs(size))


def step_of(scores: Scores) -> float:
    """Return the rounding of a difference of two scores, as one step; 0 for unrounded scores."""
    return math.sqrt(2) * resolution([score for values in scores.values() for score in values])


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)


def _pooled(*groups: Sequence[float]) -> tuple[float, int]:
    """Return the common sd of some groups of differences, and its degrees of freedom."""
    ss, df = 0.0, 0
    for group in groups:
        if len(group) > 1:
            mean = math.fsum(group) / len(group)
            ss += math.fsum((value - mean) ** 2 for value in group)
            df += len(group) - 1
    return (math.sqrt(ss / df), df) if df else (math.nan, 0)
