"""Conclude: from a study and its design to the answer."""

import itertools
import math
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

from whydrop.core.effect import Effect
from whydrop.core.factor import Arm, arm_of, members, names_of
from whydrop.core.result import FactorRow, GapRow, Result, Verdict, VerificationRow
from whydrop.core.study import Study
from whydrop.explain import gap
from whydrop.explain.design import Design
from whydrop.explain.failures import Constraint
from whydrop.explain.screen import SUSPECT
from whydrop.explain.share import Row
from whydrop.explain.tally import arm_row, moves_with_seed, trials_row
from whydrop.explain.wording import sentence_of
from whydrop.stats.contrasts import interaction_differences, joint_differences, largest_drops
from whydrop.stats.sequential import anytime_interval

DOMINATES = 0.5  # one difference's share of the sum of squares that makes a t interval unsafe
FEWEST_JOINT = 3


@dataclass(frozen=True)
class _Cause:
    """A proven cause: a factor alone, or factors that act together.

    Attributes:
        mask: the factors.
        any_of: any of them is enough (OR); otherwise all are needed (AND), or it is one.
    """

    mask: Arm
    any_of: bool


def conclude(study: Study, design: Design) -> Result:
    """Return what a study shows, whether or not it has come to its end."""
    causes = _causes(design)
    culprits = tuple(_culprit(design, study, cause, len(causes)) for cause in causes)
    culprits = tuple(sorted(culprits, key=lambda effect: effect.value))
    rows = tuple(_factor_row(design, study, i, causes) for i in range(design.k))
    rows = _with_limits(rows, design, causes)
    verdict = _verdict(design)
    verification = _verification(design)
    result = Result(
        verdict=verdict,
        sentence="",
        study=study,
        good=arm_row(study, 0, design.settings.alpha),
        bad=arm_row(study, study.bad, design.settings.alpha),
        gap=_gap(design),
        culprits=culprits,
        factors=rows,
        interactions=_interactions(design, study),
        verification=verification,
        trials=trials_row(study),
        notes=_notes(design, study),
        plan=_plan(design, study),
    )
    either = [names_of(cause.mask, study.factors) for cause in causes if cause.any_of]
    return sentence_of(result, design.stopped, design.min_effect, either)


def _verdict(design: Design) -> Verdict:
    if design.gap_standing == "not reproduced" and not design.attempts:
        return "not reproduced"
    if not design.named:
        return "undecided"
    settled = any(
        attempt.share.named == design.named and attempt.share.settles(design.min_effect)
        for attempt in design.attempts
    )
    return "explained" if settled else "partly explained"


def _gap(design: Design) -> GapRow:
    bounds = gap.bounds(design.gap_looks, design.gap_standing, design.settings.alpha)
    mean = math.fsum(design.drops) / len(design.drops) if design.drops else math.nan
    return GapRow(effect=-mean, low=-bounds.high, high=-bounds.low)


def _causes(design: Design) -> tuple[_Cause, ...]:
    """Return the named factors in the groupings that the most probable explanation gives them."""
    if not design.named:
        return ()
    beliefs = design.beliefs()
    inside = [
        (float(p), model)
        for model, p in zip(beliefs.models, beliefs.p, strict=True)
        if model and beliefs.involved(model) == design.named
    ]
    alone = tuple(_Cause(1 << i, False) for i in members(design.named))
    if not inside:
        return alone
    best = max(inside, key=lambda entry: entry[0])[1]
    found = tuple(_Cause(int(beliefs.terms.mask[j]), bool(beliefs.terms.any_of[j])) for j in best)
    # A factor with a part of its own in a group is told with the group's effect beside it.
    return found if _disjoint(found) else alone


def _disjoint(causes: Sequence[_Cause]) -> bool:
    return (
        sum(cause.mask.bit_count() for cause in causes)
        == arm_of([i for cause in causes for i in members(cause.mask)]).bit_count()
    )


def _fresh_rows(design: Design) -> list[Row]:
    """Return the scores of all verification seeds, by arm, in order."""
    rows: dict[int, Row] = {}
    for ask, score in design.history:
        if ask.phase == "verify" and not math.isnan(score):
            rows.setdefault(ask.seed, {})[ask.arm] = score
    return list(rows.values())


def _effect_of(design: Design, study: Study, factor: int) -> Effect:
    attempt = design.proof(factor)
    naming = attempt.naming
    units = naming.units[factor]
    bounds = naming.interval(factor)
    squares = sorted(unit * unit for unit in units)
    return Effect(
        factors=(study.factors[factor].name,),
        value=-math.fsum(units) / len(units),
        low=-bounds.high,
        high=-bounds.low,
        contexts=tuple(names_of(c, study.factors) for c in _contexts(design, factor)),
        units=len(units),
        median=-statistics.median(units),
        skewed=squares[-1] > DOMINATES * math.fsum(squares) and len(units) > 2,
    )


def _contexts(design: Design, factor: int) -> tuple[Arm, ...]:
    """Return the contexts of a proof, less those that turned out not to run."""
    allowed = design.failures.allowed
    contexts = design.proof(factor).naming.contrasts[factor].contexts
    return tuple(c for c in contexts if allowed(c) and allowed(c | 1 << factor))


def _culprit(design: Design, study: Study, cause: _Cause, causes: int) -> Effect:
    """Return the effect of one cause; a group's is of switching all of it on at once."""
    positions = members(cause.mask)
    if len(positions) == 1:
        return _effect_of(design, study, positions[0])
    names = names_of(cause.mask, study.factors)
    found = [
        replace(_effect_of(design, study, i), factors=names)
        for i in positions
        if not cause.any_of and _within(design, i, cause.mask)
    ]
    units = joint_differences(_fresh_rows(design), cause.mask)
    if len(units) >= FEWEST_JOINT:
        bounds = anytime_interval(units, design.settings.alpha / causes)
        mean, median = math.fsum(units) / len(units), statistics.median(units)
        found.append(
            Effect(names, -mean, -bounds.high, -bounds.low, units=len(units), median=-median)
        )
    if not found:
        found = [replace(_effect_of(design, study, i), factors=names) for i in positions]
    return min(found, key=lambda effect: effect.high - effect.low)


def _within(design: Design, factor: int, group: Arm) -> bool:
    """Return whether a factor was only flipped with the rest of its group on."""
    contexts = _contexts(design, factor)
    rest = group & ~(1 << factor)
    return bool(contexts) and all(context & rest == rest for context in contexts)


def _interactions(design: Design, study: Study) -> tuple[Effect, ...]:
    """Return how named factors act together, where all four combinations ran on fresh seeds."""
    rows = _fresh_rows(design)
    pairs = list(itertools.combinations(members(design.named), 2))
    found = []
    for pair in pairs:
        units = interaction_differences(rows, arm_of(pair))
        if len(units) < FEWEST_JOINT:
            continue
        bounds = anytime_interval(units, design.settings.alpha / len(pairs))
        if bounds.low > 0 or bounds.high < 0:
            names = names_of(arm_of(pair), study.factors)
            mean = math.fsum(units) / len(units)
            found.append(Effect(names, mean, bounds.low, bounds.high, units=len(units)))
    return tuple(found)


def _verification(design: Design) -> VerificationRow | None:
    for attempt in reversed(design.attempts):
        share = attempt.share
        recovered = share.recovered()
        if share.named and share.named == design.named and recovered:
            bounds = share.recovered_bounds(attempt.naming.widest())
            return VerificationRow(
                recovered=math.fsum(recovered) / len(recovered),
                low=bounds.low,
                high=bounds.high,
                trials=sum(arm in row for row in share.rows for arm in share.arms()),
                share=share.explained(),
                gap=math.fsum(share.gap()) / len(share.gap()) if share.gap() else math.nan,
            )
    return None


def _factor_row(design: Design, study: Study, position: int, causes: Sequence[_Cause]) -> FactorRow:
    factor = study.factors[position]
    failures = sum(math.isnan(score) for ask, score in design.history if ask.arm >> position & 1)
    row = FactorRow(
        name=factor.name,
        kind=factor.kind,
        off=factor.off,
        on=factor.on,
        source=factor.source,
        effect=None,
        low=None,
        high=None,
        verdict="no effect shown",
        failures=failures,
    )
    if design.named >> position & 1:
        effect = _effect_of(design, study, position)
        helps = design.proof(position).naming.contrasts[position].sign < 0
        group = next((c for c in causes if c.mask >> position & 1), _Cause(0, False))
        return replace(
            row,
            effect=effect.value,
            low=effect.low,
            high=effect.high,
            verdict="helps" if helps else "culprit",
            note=_together(group, study, position),
            contexts=effect.contexts,
            median=effect.median,
            skewed=effect.skewed,
        )
    if not _testable(design, position):
        note = "it could not be switched by itself: those trials fail every time"
        return replace(row, verdict="untestable", note=note)
    return row


def _together(cause: _Cause, study: Study, position: int) -> str:
    others = names_of(cause.mask & ~(1 << position), study.factors)
    if not others:
        return ""
    if cause.any_of:
        return f"{' or '.join(others)} alone is enough too: undo all of them"
    return f"only together with {' and '.join(others)}: undoing one of them is enough"


def _testable(design: Design, position: int) -> bool:
    """Return whether some pair of arms that differ only in a factor may run."""
    bit = 1 << position
    contexts = {0, design.bad & ~bit, *(arm & ~bit for arm in design.failures.passed)}
    allowed = design.failures.allowed
    return any(allowed(c) and allowed(c | bit) for c in contexts)


def _with_limits(
    rows: Sequence[FactorRow], design: Design, causes: Sequence[_Cause]
) -> tuple[FactorRow, ...]:
    """Return the rows with the largest drop still possible, and the mark of a suspect."""
    if not design.scores.get(0) or not design.scores.get(design.bad):
        return tuple(rows)
    runs = [(arm, score) for arm, scores in design.scores.items() for score in scores]
    terms = [(cause.mask, cause.any_of) for cause in causes]
    limits = largest_drops(runs, design.k, terms, design.settings.alpha)
    screened = any(ask.phase != "gap" for ask, _ in design.history)
    inclusion = design.beliefs().inclusion if screened else [0.0] * design.k
    out = []
    for position, row in enumerate(rows):
        if row.verdict == "no effect shown":
            limit, suspect = limits.get(position), bool(inclusion[position] >= SUSPECT)
            out.append(replace(row, largest_possible=limit, suspect=suspect))
        else:
            out.append(row)
    return tuple(out)


def _notes(design: Design, study: Study) -> tuple[str, ...]:
    name = [factor.name for factor in study.factors]
    notes = []
    if design.stopped == "no noise" and moves_with_seed(study):
        notes.append(
            "Good and bad differ by exactly the same on every seed, though the metric moves with "
            "it: good and bad draw one and the same noise, or the metric has coarse steps. Chance "
            "cannot be told from effect; measure on more data."
        )
    elif design.stopped == "no noise":
        notes.append(
            "Every seed gave the same numbers: the program ignores its seed, so chance cannot be "
            "told from effect. Pass the seed with {seed}, or read WHYDROP_SEED."
        )
    notes += [
        f"Learnt from failures: {_constraint(constraint, name)} never runs."
        for constraint in design.failures.learnt
    ]
    notes += [
        f"`{name[crash.factor]}` makes trials fail: {crash.failed_on} of {crash.trials_on} "
        f"with it, {crash.failed_off} of {crash.trials_off} without."
        for crash in design.failures.crashes()
    ]
    notes += [
        f"One difference dominates the effect of `{name[factor]}`: its interval is not to be "
        "trusted; compare the median."
        for factor in members(design.named)
        if _effect_of(design, study, factor).skewed
    ]
    return tuple(notes)


def _constraint(constraint: Constraint, name: Sequence[str]) -> str:
    on = [f"`{name[i]}` as in bad" for i in members(constraint.on)]
    off = [f"`{name[i]}` as in good" for i in members(constraint.off)]
    return " with ".join(on + off)


def _plan(design: Design, study: Study) -> dict[str, object]:
    """Return the settings, and what each attempt froze before its first trial."""
    settings = asdict(design.settings)
    attempts = [
        {
            "suspects": list(names_of(attempt.frozen.suspects, study.factors)),
            "level": attempt.frozen.level,
            "kind": attempt.kind,
            "contrasts": [
                {
                    "factor": study.factors[c.factor].name,
                    "direction": "hurts" if c.sign > 0 else "helps",
                    "contexts": [list(names_of(a, study.factors)) for a in c.contexts],
                    "planned_units": round(c.planned, 1),
                }
                for c in attempt.frozen.contrasts
            ],
        }
        for attempt in design.attempts
    ]
    return {**settings, "stopped": design.stopped or "unfinished", "frozen": attempts}
