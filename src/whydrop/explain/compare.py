"""Compare: is bad worse than good? Trials in pairs of one seed until that is known.

Good and bad always share a seed. The differences are then independent over seeds whatever the two
variances and whatever the correlation, so the interval holds either way; a positive correlation
makes it narrower, and its absence costs nothing but degrees of freedom.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

from whydrop.core.comparison import Comparison, Judgement
from whydrop.core.effect import Effect
from whydrop.core.factor import Arm
from whydrop.core.metric import Metric
from whydrop.core.study import Study
from whydrop.explain.designer import SEEDS_APART, Ask, Standing
from whydrop.explain.settings import Settings
from whydrop.explain.tally import arm_row, decimals, trials_row, who_fails
from whydrop.stats.paired import correlation, judge
from whydrop.stats.spread import grubbs_outlier

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


def conclude_comparison(study: Study, design: PairedComparison) -> Comparison:
    """Return what the study's outcomes say; the design has heard of them."""
    found, metric = design.judgement, study.metric
    sentence, further = f"{who_fails(study, design.bad)} every time: nothing can be compared.", 0
    if not design.stuck:
        further = 2 * (found.pairs_needed - found.pairs) if not design.decided else 0
        sentence = _sentence(found, design.margin, further, metric)
    return Comparison(
        sentence=sentence,
        judgement=found,
        study=study,
        good=arm_row(study, 0, design.settings.alpha),
        bad=arm_row(study, design.bad, design.settings.alpha),
        margin=design.margin,
        trials=trials_row(study),
        correlation=correlation(design.pairs),
        trials_needed=further,
        notes=tuple(_notes(study, design)),
    )


def _sentence(found: Judgement, margin: float, further: int, metric: Metric) -> str:
    if found.pairs == 0:
        return "No seed has a result of both good and bad yet."
    unit = " points" if metric.unit == "points" else ""
    digits = decimals((found.high - found.low) / 2)
    interval = f"{found.confidence:.0%} interval, {found.pairs} pairs"
    lost = (-found.high, -found.low)
    size, low, high = (f"{abs(x):.{digits}f}" for x in (found.value, *sorted(map(abs, lost))))
    within = f"{margin:.3g}{unit.removesuffix('s') if margin == 1 else unit}"
    apart = f"{found.low:+.{digits}f} to {found.high:+.{digits}f}"
    if metric.minimize:
        apart += ", minus is worse"
    match found.gate, found.verdict:
        case _, "cannot tell" if not math.isfinite(found.low):
            side = "worse" if found.value < 0 else "better"
            said = f"Cannot tell yet: bad is {side} by {size}{unit} so far"
        case _, "cannot tell":
            said = f"Cannot tell yet: bad is {apart}{unit} from good ({interval})"
        case _, "equal":
            said = f"Good and bad are equal within {within} ({apart}, {interval})"
        case _, "not worse":
            said = f"Bad is not worse than good by more than {within} ({apart}, {interval})"
        case "failed", _:
            said = f"Bad is worse by {size}{unit} ({low} to {high}, {interval}): more than {within}"
        case "passed", "worse":
            said = f"Bad is worse by {size}{unit} ({apart}, {interval}), but not by {within}"
        case "open", verdict:
            said = (
                f"Bad is {verdict} by {size}{unit} ({apart}, {interval}); "
                f"whether by more than {within} is open"
            )
        case _, verdict:
            said = f"Bad is {verdict} by {size}{unit} ({low} to {high}, {interval})"
    return f"{said}; about {further:,} more trials would tell." if further else f"{said}."


def _notes(study: Study, design: PairedComparison) -> Iterator[str]:
    pairs = design.pairs
    rho = correlation(pairs)
    if rho > 0.2:
        yield (
            f"Good and bad move together over seeds (correlation {rho:.2f}): pairing them "
            f"saved about {rho:.0%} of the trials."
        )
    if len(pairs) >= 3 and len(set(pairs)) == 1:
        yield (
            "Every seed gave the same results: the program ignores its seed, or cannot be told "
            "apart on this test set. Nothing is known of what other seeds would give."
        )
    if grubbs_outlier([bad - good for good, bad in pairs], 0.01):
        yield (
            "One pair differs far more than the others: some seeds may fail to train, and the "
            "interval assumes that differences are normal."
        )
    for arm, name in ((0, "good"), (design.bad, "bad")):
        tried = [outcome for outcome in study.outcomes if outcome.trial.arm == arm]
        failed = [outcome for outcome in tried if outcome.state != "ok"]
        if failed:
            last = failed[-1]
            why = next(iter(last.message.splitlines()), last.state)
            yield (
                f"{len(failed)} of {len(tried)} trials of {name} failed and are left out; "
                f"the last: {why}."
            )
