"""The picture of arms: every seed as a dot, the mean on top, one row an arm."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import fmean

from whydrop.core.effect import Effect
from whydrop.core.factor import Arm, Factor, arm_of, members
from whydrop.core.phrase import number
from whydrop.core.result import ArmRow, Result
from whydrop.core.study import Study
from whydrop.report import amounts
from whydrop.report.axis import Axis
from whydrop.report.factor_rows import with_verdict
from whydrop.report.names import arm_words, listing
from whydrop.report.visible import visible

CELL_LIMIT = 32  # characters of what is on; then factors go by number


@dataclass(frozen=True)
class ArmLane:
    """A row of the picture; positions in percent.

    Attributes:
        kind: "good", "bad", "undone" or "cell": its colour.
        dots: one a seed.
        span: bounds of the mean, where the result has them.
    """

    kind: str
    name: str
    dots: tuple[float, ...]
    mean: float
    span: tuple[float, float] | None
    value: str
    spoken: str


@dataclass(frozen=True)
class ArmPicture:
    """Rows on one axis of the metric."""

    axis: Axis
    lanes: tuple[ArmLane, ...]
    background: str = ""


def named_arm(result: Result) -> Arm:
    """Return the arm in which exactly the proven factors are on, harmful and helpful."""
    position = {factor.name: i for i, factor in enumerate(result.study.factors)}
    return arm_of([position[name] for name in with_verdict(result, "culprit", "helps")])


def verification_picture(result: Result) -> ArmPicture:
    """Return good, bad, bad with the named undone, and good with only the named on."""
    study, named = result.study, named_arm(result)
    wanted: list[tuple[str, str, Arm, ArmRow | None]] = [
        ("good", "good", 0, result.good),
        ("bad", "bad", study.bad, result.bad),
    ]
    if named and named != study.bad:
        wanted.insert(1, ("undone", "named undone", study.bad & ~named, None))
        wanted.append(("cell", "only named on", named, None))
    return _picture(study, wanted)


def interaction_picture(result: Result, effect: Effect) -> ArmPicture | None:
    """Return the metric over all on/off combinations of some factors, the others held still.

    The others are as in the arms where most combinations were run; None when fewer than three
    combinations share such a background.
    """
    study = result.study
    position = {factor.name: i for i, factor in enumerate(study.factors)}
    chosen = [position[name] for name in effect.factors]
    mask = arm_of(chosen)
    seen = [o.trial.arm for o in study.outcomes if o.value is not None]
    trials = Counter(arm & ~mask for arm in seen)
    cells = [arm_of(c) for n in range(len(chosen) + 1) for c in combinations(chosen, n)]
    best = max(
        trials,
        key=lambda b: (sum(b | cell in seen for cell in cells), trials[b], -b),
        default=0,
    )
    present = [cell for cell in cells if best | cell in seen]
    if len(present) < 3:
        return None
    wanted = [
        ("cell", _cell_name(cell, mask, study.factors), best | cell, None) for cell in present
    ]
    picture = _picture(study, wanted)
    return ArmPicture(picture.axis, picture.lanes, _background(best, mask, study.factors))


def _cell_name(cell: Arm, mask: Arm, factors: Sequence[Factor]) -> str:
    if not cell:
        return "neither" if len(members(mask)) == 2 else "none"
    if cell == mask:
        return "both" if len(members(mask)) == 2 else "all"
    names = listing([factors[i].name for i in members(cell)])
    if len(names) > CELL_LIMIT:
        names = listing([f"#{i + 1}" for i in members(cell)])
    return f"only {names}"


def _background(background: Arm, mask: Arm, factors: Sequence[Factor]) -> str:
    everything = (1 << len(factors)) - 1
    if background == 0:
        return "all others off, as in good"
    if background == everything & ~mask:
        return "all others on, as in bad"
    return f"also on: {listing([factors[i].name for i in members(background)])}"


def _picture(study: Study, wanted: Sequence[tuple[str, str, Arm, ArmRow | None]]) -> ArmPicture:
    scale = study.metric.scale
    values = {
        arm: [o.value * scale for o in study.outcomes if o.trial.arm == arm and o.value is not None]
        for _, _, arm, _ in wanted
    }
    rows = [row for row in wanted if values[row[2]]]
    bounds = [b for *_, row in rows if row is not None for b in (row.low, row.high)]
    axis = Axis.over([value for each in values.values() for value in each] + bounds)
    digits = min((_digits(study, row, values[arm]) for _, _, arm, row in rows), default=0)
    return ArmPicture(axis, tuple(_lane(study, axis, digits, *row, values[row[2]]) for row in rows))


def _digits(study: Study, row: ArmRow | None, values: Sequence[float]) -> int:
    low, high = (min(values), max(values)) if row is None else (row.low, row.high)
    return amounts.decimals(study.metric, low, high, fmean(values))


def _lane(
    study: Study,
    axis: Axis,
    digits: int,
    kind: str,
    name: str,
    arm: Arm,
    row: ArmRow | None,
    values: Sequence[float],
) -> ArmLane:
    mean = row.value if row is not None and math.isfinite(row.value) else fmean(values)
    span = (row.low, row.high) if row is not None and math.isfinite(row.high - row.low) else None
    value, trials = number(mean, digits), amounts.count(len(values), "trial")
    between = f"mean {amounts.bounds(row.low, row.high, digits)}" if row else ""
    seeds = f"seeds {amounts.bounds(min(values), max(values), digits)}"
    what = arm_words(arm, study.factors)
    return ArmLane(
        kind=kind,
        name=visible(name),
        dots=tuple(axis.at(value) for value in values),
        mean=axis.at(mean),
        span=(axis.at(span[0]), axis.at(span[1])) if span else None,
        value=value,
        spoken="; ".join(x for x in (f"{what}: {value}", between, f"{trials}, {seeds}") if x),
    )
