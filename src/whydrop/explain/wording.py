"""The answer in one sentence, with the four verdicts in fixed words."""

import math
from collections.abc import Collection
from dataclasses import replace

from whydrop.core.effect import Effect
from whydrop.core.phrase import limit, listed, number, plus_minus
from whydrop.core.result import Result
from whydrop.explain.tally import decimals, moves_with_seed, who_fails

Names = tuple[str, ...]
OVERLAP = 1.5  # times the drop


def sentence_of(
    result: Result, stopped: str, min_effect: float, either: Collection[Names]
) -> Result:
    """Return the result with its sentence.

    Args:
        result: the answer so far.
        stopped: why the study stopped; empty while it runs.
        min_effect: the smallest drop worth explaining.
        either: the causes of which one factor is enough.
    """
    return replace(result, sentence=_sentence(result, stopped, min_effect, either))


def _sentence(result: Result, stopped: str, min_effect: float, either: Collection[Names]) -> str:
    unit = " points" if result.study.metric.unit == "points" else ""
    lost, bounds = -result.gap.effect, (-result.gap.high, -result.gap.low)
    digits = decimals((bounds[1] - bounds[0]) / 2)
    if stopped == "no noise":
        same = "difference" if moves_with_seed(result.study) else "numbers"
        return f"Nothing can be said of chance: every seed gave exactly the same {same}."
    if stopped == "failing":
        who = who_fails(result.study, (1 << len(result.study.factors)) - 1)
        return f"{who} every time, so there is no drop to explain."
    if result.verdict == "not reproduced":
        return (
            f"Good and bad do not differ by more than {number(min_effect, 2)}{unit}: the drop is "
            f"at most {number(bounds[1], digits)}{unit}."
        )
    if math.isnan(lost):
        return "Too few trials have finished to say anything."
    if not result.culprits:
        return _undecided(result, unit, digits)
    count = len(result.factors)
    harmful = [_cause(effect, either, count) for effect in result.culprits if effect.value < 0]
    helping = [_cause(effect, either, count) for effect in result.culprits if effect.value >= 0]
    parts = []
    if harmful:
        parts.append(f"{_opening(result, unit, digits)} lost to {listed(harmful)}.")
    if _overlap(result):
        parts.append("Their costs overlap: all together they are less than their sum.")
    if helping:
        parts.append(f"{listed(helping)} {'help' if len(helping) > 1 else 'helps'}.")
    parts.append(_others(result, unit, digits))
    if result.verdict == "partly explained":
        parts.append("The rest is not explained yet.")
    return " ".join(part for part in parts if part)


def _opening(result: Result, unit: str, digits: int) -> str:
    """Return how much was lost to what is named.

    Told of the seeds of the verification, where the effects were measured: on those of the gap
    check chance may have made the drop smaller than its own causes, or larger.
    """
    seen = result.verification
    if seen is None or math.isnan(seen.share) or seen.share <= 0 or not seen.gap > 0:
        return f"Of the {number(-result.gap.effect, digits)}{unit} lost, some were"
    digits = decimals((seen.high - seen.low) / 2)
    gap = number(seen.gap, digits)
    if seen.share >= 1:
        return f"All of the {gap}{unit} on fresh seeds were"
    return f"{number(seen.share * seen.gap, digits)} of the {gap}{unit} on fresh seeds were"


def _overlap(result: Result) -> bool:
    """Return whether the culprits' own costs add up to far more than was lost on the same seeds."""
    costs = [-effect.value for effect in result.culprits if effect.value < 0]
    seen = result.verification
    return len(costs) > 1 and seen is not None and math.fsum(costs) > OVERLAP * seen.gap > 0


def _cause(effect: Effect, either: Collection[Names], factors: int) -> str:
    """Return a cause with its size; with what else was on, where that is part of the answer."""
    names = [f"`{name}`" for name in effect.factors]
    spread = _size(effect)
    if effect.factors in either:
        return f"either of {listed(names)} ({spread})"
    together = " together" if len(names) > 1 else ""
    return f"{listed(names)}{together}{_where(effect, factors)} ({spread})"


def _where(effect: Effect, factors: int) -> str:
    """Return the only setting of the others in which an effect was seen, if it is no extreme."""
    if len(effect.factors) > 1 or len(effect.contexts) != 1:
        return ""
    on = effect.contexts[0]
    if not 0 < len(on) < min(factors - 1, 3):
        return ""
    names = [f"`{name}`" for name in on]
    return f" where {listed(names)} {'is' if len(on) == 1 else 'are'} as in bad"


def _size(effect: Effect) -> str:
    """Return an effect without its sign: ``2.9 ± 0.6``, or with its bounds: ``2.9, 2.0 to 5.1``."""
    value, low, high = effect.value, effect.low, effect.high
    if value < 0:
        value, low, high = -value, -high, -low
    half = (high - low) / 2
    digits = decimals(half)
    if not math.isfinite(half):
        return number(value, digits)
    even = plus_minus(value, low, high, digits)
    if even:
        return even
    if round(low, digits) == 0 != low:
        digits += 1  # a bound that excludes zero shall not look like it
    return f"{number(value, digits)}, {number(low, digits)} to {number(high, digits)}"


def _others(result: Result, unit: str, digits: int) -> str:
    limits = [
        row.largest_possible
        for row in result.factors
        if row.verdict == "no effect shown" and row.largest_possible is not None
    ]
    if not limits:
        return ""
    count = len(limits)
    most = limit(max(limits), 1 if unit else digits)
    if count == 1:
        return f"The other difference costs at most {most}{unit}."
    return f"{_spelt(count).capitalize()} other differences cost at most {most}{unit} each."


def _undecided(result: Result, unit: str, digits: int) -> str:
    low, high = -result.gap.high, -result.gap.low
    lost = number(-result.gap.effect, digits)
    if not low > 0:
        if not math.isfinite(low):
            return f"Bad is {lost}{unit} below good so far, and that may be chance."
        return (
            f"The drop is between {number(low, digits)} and "
            f"{number(high, digits)}{unit}, and that may be chance."
        )
    suspects = [f"`{row.name}`" for row in result.factors if row.suspect]
    hint = f" Most suspected: {listed(suspects)}." if suspects else ""
    return f"{lost}{unit} are lost, and no difference is proven to cost them yet.{hint}"


def _spelt(count: int) -> str:
    words = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
    return words[count] if count < len(words) else str(count)
