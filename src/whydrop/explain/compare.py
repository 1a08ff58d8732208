"""Compare: is bad worse than good? Trials in pairs of one seed until that is known.

Good and bad always share a seed. The differences are then independent over seeds whatever the two
variances and whatever the correlation, so the interval holds either way; a positive correlation
makes it narrower, and its absence costs nothing but degrees of freedom.
"""

import math
from collections.abc import Sequence
from dataclasses import replace

from whydrop.core.comparison import Judgement
from whydrop.core.effect import Effect
from whydrop.core.factor import Arm
from whydrop.explain.design import SEEDS_APART, Ask, Standing
from whydrop.explain.settings import Settings
from whydrop.stats.paired import judge

GOOD, BAD = 0, 1  # positions in a pair; bad's arm is the design's own
FIRST_PAIRS = 3  # no interval is finite before
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
