"""The picture of effects: one row for each proven set and each other factor, on one axis."""

import math
from dataclasses import dataclass, replace
from typing import Literal

from whydrop.core.metric import Metric
from whydrop.core.result import FactorRow, Result
from whydrop.report import amounts
from whydrop.report.axis import Axis
from whydrop.report.factor_rows import cautions, measured_with, ordered, partners_of, still_possible
from whydrop.report.names import levels, listing, shortened
from whydrop.report.visible import visible

LEVEL_LIMIT = 72  # characters of a level on the page


@dataclass(frozen=True)
class Member:
    """A factor in a row: its number in the study from 1, its name and levels as text."""

    number: int
    name: str
    off: str
    on: str
    source: str


@dataclass(frozen=True)
class Mark:
    """A point with its interval; positions in percent, None where there is nothing to draw.

    Attributes:
        open_low, open_high: the interval goes on beyond the picture.
    """

    point: float | None
    low: float
    high: float
    open_low: bool
    open_high: bool


@dataclass(frozen=True)
class EffectRow:
    """A row of the picture, as text and as a mark.

    Attributes:
        kind: which colour and shape it has.
        effect, bounds: as text; bounds may be empty.
        verdict: the factor's word, with what it means here.
        remarks: sentences under the verdict: contexts, notes, failures.
        spoken: the whole row in one sentence, for a tooltip and for a screen reader.
    """

    kind: Literal["gap", "culprit", "helps", "open", "untestable"]
    members: tuple[Member, ...]
    effect: str
    bounds: str
    verdict: str
    remarks: tuple[str, ...]
    mark: Mark | None
    spoken: str


def effects_axis(result: Result) -> Axis:
    """Return the axis over all finite effects and bounds, zero included."""
    gap = result.gap
    seen = [0.0, gap.effect, gap.low, gap.high]
    for effect in result.culprits:
        seen += [effect.value, effect.low, effect.high]
    for row in result.factors:
        seen += [x for x in (row.effect, row.low, row.high) if x is not None]
        if row.largest_possible is not None:
            seen.append(-row.largest_possible)
    return Axis.over(seen)


def effect_rows(result: Result, axis: Axis) -> list[EffectRow]:
    """Return the gap first, then every proven set once, then the other factors."""
    number = {factor.name: i for i, factor in enumerate(result.study.factors, start=1)}
    rows, shown = [_gap_row(result, axis)], set[str]()
    by_name = {row.name: row for row in result.factors}
    for row in ordered(result.factors):
        if row.name in shown:
            continue
        together = [row, *(by_name[name] for name in partners_of(row.name, result))]
        shown.update(each.name for each in together)
        rows.append(_row(together, number, result, axis))
    return rows


def _gap_row(result: Result, axis: Axis) -> EffectRow:
    gap, digits = result.gap, amounts.shared_decimals(result)
    effect, bounds = amounts.signed(gap.effect, digits), amounts.interval(gap.low, gap.high, digits)
    differences = amounts.count(len(result.factors), "difference")
    return EffectRow(
        kind="gap",
        members=(),
        effect=effect,
        bounds=bounds,
        verdict="the gap",
        remarks=(),
        mark=_mark(axis, gap.effect, gap.low, gap.high),
        spoken=f"All {differences} together: {effect} {bounds}",
    )


def _row(
    together: list[FactorRow], number: dict[str, int], result: Result, axis: Axis
) -> EffectRow:
    row, digits = together[0], amounts.shared_decimals(result)
    if len(together) > 1:
        row = _as_set(together, result)
    # A place that is the same for all says nothing of one.
    told = len({each.source for each in result.factors}) > 1
    members = tuple(_member(each, number[each.name], told) for each in together)
    names = listing([each.name for each in together])
    possible = still_possible(row, digits)
    if row.effect is None or row.low is None or row.high is None:
        effect, bounds = "", "" if possible else "not measured"
        mark = None
        if row.largest_possible is not None:
            mark = _mark(axis, None, -row.largest_possible, math.inf)
    else:
        effect = amounts.signed(row.effect, digits)
        bounds = amounts.interval(row.low, row.high, digits)
        mark = _mark(axis, row.effect, row.low, row.high)
    verdict: str = row.verdict
    if len(together) > 1:
        verdict = f"{row.verdict}, {_shape(together, result)}"
    elif row.suspect and row.verdict == "no effect shown":
        verdict = "no effect shown; suspect"
    remarks = [possible] if possible else []
    if row.verdict in ("culprit", "helps"):
        remarks.append(measured_with(row.contexts, len(result.factors)))
    for each in together:
        whose = f"{each.name}: " if len(together) > 1 else ""
        remarks += [f"{whose}{said}" for said in cautions(each, digits)]
    remarks = [visible(remark) for remark in remarks if remark]
    failures = [
        f"{amounts.count(each.failures, 'trial')} with {visible(each.name)} on failed"
        for each in together
        if each.failures
    ]
    numbers = " ".join(part for part in (effect, bounds) if part)
    return EffectRow(
        kind=_kind(row),
        members=members,
        effect=effect,
        bounds=bounds,
        verdict=verdict,
        remarks=tuple(remarks),
        mark=mark,
        spoken="; ".join(
            [f"{names}: {numbers}" if numbers else names, verdict, *remarks, *failures]
        ),
    )


def _as_set(together: list[FactorRow], result: Result) -> FactorRow:
    """Return the first of a proven set with what is known of the set as one."""
    names = {row.name for row in together}
    whole = next(effect for effect in result.culprits if set(effect.factors) == names)
    return replace(
        together[0],
        effect=whole.value,
        low=whole.low,
        high=whole.high,
        contexts=whole.contexts,
    )


def _kind(row: FactorRow) -> Literal["culprit", "helps", "open", "untestable"]:
    if row.verdict == "culprit" or row.verdict == "helps" or row.verdict == "untestable":
        return row.verdict
    return "open"


def _member(row: FactorRow, number: int, told: bool) -> Member:
    off, on = levels(row.off, row.on)
    return Member(
        number,
        visible(row.name),
        shortened(off, LEVEL_LIMIT),
        shortened(on, LEVEL_LIMIT),
        visible(row.source) if told else "",
    )


def _mark(axis: Axis, value: float | None, low: float, high: float) -> Mark:
    return Mark(
        point=None if value is None or not math.isfinite(value) else axis.at(value),
        low=axis.at(low) if math.isfinite(low) else 0.0,
        high=axis.at(high) if math.isfinite(high) else 100.0,
        open_low=not math.isfinite(low),
        open_high=not math.isfinite(high),
    )


def _shape(together: list[FactorRow], result: Result) -> str:
    """Return whether a proven set hurts only when complete or as soon as one is on."""
    names = {row.name for row in together}
    joint = next((e for e in result.interactions if set(e.factors) == names), None)
    if joint is None or joint.low <= 0.0 <= joint.high:
        return "as a set"
    return "only together" if joint.value < 0 else "either alone is enough"


def axis_title(metric: Metric) -> str:
    """Return what the axis of effects means, with its direction."""
    return f"← worse · effect in {amounts.unit_name(metric)} · better →"
