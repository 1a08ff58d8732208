"""Factor rows: in which order the factors of an answer are shown, and what is said of each."""

import math
from collections.abc import Sequence

from whydrop.core.phrase import limit
from whydrop.core.result import FactorRow, Result
from whydrop.report.amounts import count, interval, signed
from whydrop.report.names import listing

CONTEXTS_SHOWN = 2
PARTNERS_LIMIT = 30  # characters; longer names are said once, below the table


def ordered(rows: Sequence[FactorRow]) -> list[FactorRow]:
    """Return factor rows as a reader wants them: named first, then by what they may cost."""
    rank = {"culprit": 0, "helps": 1, "no effect shown": 2, "untestable": 3}

    def key(row: FactorRow) -> tuple[int, bool, float, float]:
        possible = row.largest_possible if row.largest_possible is not None else -math.inf
        effect = row.effect if row.effect is not None else math.inf
        if row.verdict == "helps":
            effect = -effect
        return rank[row.verdict], not row.suspect, effect, -possible

    return sorted(rows, key=key)


def with_verdict(result: Result, *verdicts: str) -> list[str]:
    """Return the factors of these verdicts, in the order in which they are shown."""
    return [row.name for row in ordered(result.factors) if row.verdict in verdicts]


def partners_of(name: str, result: Result) -> tuple[str, ...]:
    """Return the factors that a named factor needs beside it, in study order."""
    for effect in result.culprits:
        if name in effect.factors and len(effect.factors) > 1:
            return tuple(other for other in effect.factors if other != name)
    return ()


def verdict_of(row: FactorRow, result: Result) -> str:
    """Return a factor's verdict with what it means here: ``culprit with crop``."""
    if row.verdict in ("culprit", "helps"):
        partners = partners_of(row.name, result)
        if not partners:
            return row.verdict
        names = listing(partners)
        if len(names) > PARTNERS_LIMIT:
            names = count(len(partners), "other")
        return f"{row.verdict} with {names}"
    if row.verdict == "no effect shown" and row.suspect:
        return "no effect shown; suspect"
    return row.verdict


def effect_of(row: FactorRow, digits: int) -> str:
    """Return a factor's effect with what is sure about it.

    A named factor has its interval; for one without a shown effect the largest loss that is
    still possible is what matters.
    """
    possible = still_possible(row, digits)
    if row.effect is None or row.low is None or row.high is None:
        return possible or "not measured"
    effect = signed(row.effect, digits)
    if possible:
        return f"{effect}, {possible}"
    return f"{effect} {interval(row.low, row.high, digits)}"


def still_possible(row: FactorRow, digits: int) -> str:
    """Return the largest loss that an unproven factor may still cost, rounded up, or nothing."""
    possible = row.largest_possible
    if possible is None or math.isnan(possible) or row.verdict != "no effect shown":
        return ""
    if math.isinf(possible):
        return "any loss possible"
    return f"at most {limit(possible, digits)} lost"


def cautions(row: FactorRow, digits: int) -> list[str]:
    """Return what a reader must know of one factor beside its numbers."""
    said = [row.note] if row.note else []
    if row.skewed and row.median is not None:
        said.append(
            f"one seed makes most of the effect (median {signed(row.median, digits)}); "
            "its interval is not to be trusted"
        )
    return said


def measured_with(contexts: Sequence[Sequence[str]], factors: int) -> str:
    """Return with which other factors on an effect was measured, or nothing when unknown.

    Example:
        >>> measured_with([()], 5), measured_with([("crop",), ()], 5)
        ('measured with nothing else on', 'measured with crop on and with nothing else on')
    """
    if len(contexts) > CONTEXTS_SHOWN:
        return f"measured among {len(contexts)} settings of the others"
    shown = [others_on(context, factors) for context in contexts]
    return f"measured with {' and with '.join(shown)}" if shown else ""


def others_on(context: Sequence[str], factors: int) -> str:
    """Return which other factors of so many in all are on in a context."""
    if not context:
        return "nothing else on"
    if len(context) >= factors - 1:
        return "everything else on"
    return f"{listing(context)} on"
