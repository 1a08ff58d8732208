"""Compare: is bad worse than good? Trials in pairs of one seed until that is known.

Good and bad always share a seed. The differences are then independent over seeds whatever the two
variances and whatever the correlation, so the interval holds either way; a positive correlation
makes it narrower, and its absence costs nothing but degrees of freedom.
"""

import math
from collections.abc import Sequence
from dataclasses import replace

from whydrop.core.comparison import ComparisonVerdict, Gate, Judgement
from whydrop.core.effect import Effect, Interval
from whydrop.core.factor import Arm
from whydrop.explain.design import SEEDS_APART, Ask, Standing
from whydrop.explain.settings import Settings
from whydrop.stats.sequential import (
    anytime_interval,
    mean_and_sd,
    observations_until,
    resolution,
    with_rounding,
)

GOOD, BAD = 0, 1  # positions in a pair; bad's arm is the design's own
FIRST_PAIRS = 3  # no interval is finite before
EQUAL_PAIRS = 8  # all values identical: what happens two times in three does so 8 times in 4 %
FAILED_TO_STOP = 3  # trials of an arm that never once gave a metric


class PairedComparison:
    """Chooses pairs until good and bad are told apart, shown equal, or the budget is spent.

    Args:
        settings: budget, alpha, wave and seed.
        bad: the arm with every factor on.
        margin: in the shown unit: "equal" means within it; with ``gate`` the largest drop
            that passes. None takes 1 % of the good run's first score.
        gate: ask only whether the drop exceeds the margin.
    """

    def __init__(
        self, settings: Settings, *, bad: Arm, margin: float | None = None, gate: bool = False
    ) -> None:
        self.settings = settings
        self.bad = bad
        self.gate = gate
        self._margin = margin
        self.asked = 0
        self._wave: tuple[Ask, ...] = ()
        self._pairs: list[tuple[float, float]] = []
        self.judgement = self._judge()

    @property
    def margin(self) -> float:
        """The difference that matters; nan until the good run has a score to take it from."""
        if self._margin is not None:
            return self._margin
        scores = (good for good, _ in self._pairs if math.isfinite(good))
        return 0.01 * abs(next(scores, math.nan))

    @property
    def pairs(self) -> list[tuple[float, float]]:
        """Scores of good and bad by seed, where both have one."""
        return [pair for pair in self._pairs if all(map(math.isfinite, pair))]

    @property
    def stuck(self) -> bool:
        """Whether an arm has failed from the start and every time."""
        return len(self._pairs) >= FAILED_TO_STOP and any(
            all(math.isnan(pair[side]) for pair in self._pairs) for side in (GOOD, BAD)
        )

    @property
    def decided(self) -> bool:
        found = self.judgement
        return found.gate != "open" if self.gate else found.verdict != "cannot tell"

    @property
    def done(self) -> bool:
        spent = self.settings.max_trials - self.asked < 2
        return not self._wave and (spent or self.stuck or self.decided)

    def propose(self) -> tuple[Ask, ...]:
        if not self._wave and not self.done:
            affordable = (self.settings.max_trials - self.asked) // 2
            wanted = max(self.settings.wave // 2, 1 if self._pairs else FIRST_PAIRS)
            first = len(self._pairs) + 1 + SEEDS_APART * self.settings.seed
            self._wave = tuple(
                Ask(arm, seed, "compare")
                for seed in range(first, first + min(wanted, affordable))
                for arm in (0, self.bad)
            )
            self.asked += len(self._wave)
        return self._wave

    def tell(self, scores: Sequence[float]) -> None:
        self._pairs += zip(scores[::2], scores[1::2], strict=True)
        self._wave = ()
        self.judgement = self._judge()

    def extend(self, max_trials: int) -> None:
        self.settings = replace(self.settings, max_trials=max_trials)

    def standing(self) -> Standing:
        found = self.judgement
        effect = Effect(
            tuple(str(i) for i in range(self.bad.bit_length())),
            found.value,
            found.low,
            found.high,
            units=found.pairs,
        )
        if self.done:
            return Standing("done", "the comparison is over", (effect,), 0)
        doing = f"good and bad on {len(self._pairs)} shared seeds"
        further = max(found.pairs_needed - found.pairs, 1) * 2
        left = min(further, self.settings.max_trials - self.asked + len(self._wave))
        return Standing("compare", doing, (effect,) if found.pairs else (), left)

    def _judge(self) -> Judgement:
        return judge(self.pairs, alpha=self.settings.alpha, margin=self.margin, gate=self.gate)


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
            state = "failed"
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
    good, bad = ([pair[side] for pair in pairs] for side in (GOOD, BAD))
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
