"""What all answers report alike: the mean of an arm, and what the trials cost."""

import math
import statistics
from collections import Counter

from whydrop.core.factor import Arm
from whydrop.core.metric import Metric
from whydrop.core.phrase import listed
from whydrop.core.result import ArmRow, TrialsRow
from whydrop.core.study import Study
from whydrop.stats.sequential import anytime_interval, resolution


def shown(values: tuple[float, ...], metric: Metric) -> list[float]:
    """Return values of the program as the reader sees them: points for shares."""
    return [value * metric.scale for value in values]


def arm_row(study: Study, arm: Arm, level: float) -> ArmRow:
    """Return the mean of an arm over seeds in the shown unit, with anytime bounds.

    A seed that ran more than once counts once, with its first value.
    """
    by_seed: dict[int, float] = {}
    for outcome in study.outcomes:
        if outcome.trial.arm == arm and outcome.value is not None:
            by_seed.setdefault(outcome.trial.seed, outcome.value)
    values = shown(tuple(by_seed.values()), study.metric)
    if not values:
        return ArmRow(math.nan, -math.inf, math.inf, 0)
    bounds = anytime_interval(values, level, resolution(values))
    return ArmRow(math.fsum(values) / len(values), bounds.low, bounds.high, len(values))


def who_fails(study: Study, bad: Arm) -> str:
    """Return which of good and bad have no result: ``Bad fails``, ``Good and bad fail``."""
    worked = {outcome.trial.arm for outcome in study.outcomes if outcome.state == "ok"}
    names = [name for name, arm in (("good", 0), ("bad", bad)) if arm not in worked]
    return f"{listed(names).capitalize()} {'fail' if len(names) > 1 else 'fails'}"


def moves_with_seed(study: Study) -> bool:
    """Return whether the good run gave different numbers on different seeds."""
    good = {o.value for o in study.outcomes if o.trial.arm == 0 and o.value is not None}
    return len(good) > 1


def trials_row(study: Study) -> TrialsRow:
    """Return how many trials ran, failed and how long they took together."""
    phases: Counter[str] = Counter(outcome.trial.phase for outcome in study.outcomes)
    return TrialsRow(
        total=len(study.outcomes),
        failed=sum(outcome.state != "ok" for outcome in study.outcomes),
        seconds=math.fsum(outcome.seconds for outcome in study.outcomes),
        by_phase=dict(phases),
    )


def median_seconds(study: Study) -> float:
    """Return how long a training takes; nan before one has ended well."""
    seconds = [outcome.seconds for outcome in study.outcomes if outcome.state == "ok"]
    return statistics.median(seconds) if seconds else math.nan


def decimals(half_width: float) -> int:
    """Return how many decimals a number with this uncertainty deserves: two digits of it."""
    if not math.isfinite(half_width) or half_width <= 0:
        return 2
    return min(6, max(0, 1 - math.floor(math.log10(half_width))))
