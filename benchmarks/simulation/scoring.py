"""Scoring: a finished study beside the truth of its world, in the words its user reads."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from engine import Study, average_effect, wrong
from world import World

from whydrop.core import study as core
from whydrop.core.effect import Effect
from whydrop.core.factor import Arm, Factor, arm_of
from whydrop.core.metric import Metric
from whydrop.core.result import Result
from whydrop.core.trial import Outcome, Trial
from whydrop.explain.conclude import FEWEST_JOINT, conclude
from whydrop.explain.design import Design
from whydrop.explain.failures import Constraint
from whydrop.stats.contrasts import interaction_differences, joint_differences

HALF = 0.5  # of the gap: what may remain where "explained" is said


@dataclass(frozen=True)
class Score:
    """What one study said, judged.

    Attributes:
        exact: names the whole target and no harmless factor; with nothing to find, says
            "not reproduced".
        some: names at least one of the target.
        false: names a harmless factor, or one with the wrong sign.
        explained: None unless the verdict is "explained"; then whether undoing the named
            leaves less than half of the gap.
        not_reproduced: whether that is the verdict.
        effects, groups: for each interval printed for a factor, or for factors together,
            whether the truth is inside.
        gap, recovered: the same for these two; None where nothing is printed.
        limits: whether all "largest effect still possible" of the study hold at once; None
            where there are none.
        phases: trials of the gap check, the screen and verification.
        waves: how often trials were asked for.
        skewed: for each named factor, whether its interval is said to be unsafe.
        crash_found, crash_false: whether the crashing factors, or others, are said to crash; what
            cannot run without another factor does crash more often.
        learnt, learnt_false: whether all that cannot run is known, or anything that can is
            taken for impossible.
        untestable, untestable_false: whether all factors that cannot be switched alone, or
            others, are said to be untestable.
        pairs: whether mirrored pairs were used.
        stopped: why the study ended.
    """

    exact: bool
    some: bool
    false: bool
    explained: bool | None
    not_reproduced: bool
    effects: tuple[bool, ...]
    groups: tuple[bool, ...]
    gap: bool | None
    recovered: bool | None
    limits: bool | None
    phases: tuple[int, int, int]
    waves: int
    skewed: tuple[bool, ...]
    crash_found: bool
    crash_false: bool
    learnt: bool
    learnt_false: bool
    untestable: bool
    untestable_false: bool
    pairs: bool
    stopped: str

    @property
    def trials(self) -> int:
        return sum(self.phases)


def score(world: World, finished: Study) -> Score:
    """Return the judgement of a finished study of a world."""
    design = finished.design
    result = _result(design)
    named = finished.answer.named
    missing = result.verdict == "not reproduced"
    crashing = {crash.factor for crash in design.failures.crashes()}
    known = {*design.failures.declared, *design.failures.learnt}
    impossible = {Constraint(1 << i, 1 << j) for i, j in world.needs}
    untestable = {n for n, row in enumerate(result.factors) if row.verdict == "untestable"}
    tied = {i for i, j in world.needs if (j, i) in world.needs}
    asked = [ask.phase for ask, _ in design.history]
    return Score(
        exact=world.target <= named <= world.active if world.target else missing,
        some=bool(named & world.target),
        false=wrong(world, design),
        explained=_mostly(world, design) if result.verdict == "explained" else None,
        not_reproduced=missing,
        effects=finished.answer.covered,
        groups=tuple(_groups(world, design, result)),
        gap=_inside(-world.drop(world.bad), result.gap.low, result.gap.high),
        recovered=_recovered(world, design, result),
        limits=_limits(world, result),
        phases=(asked.count("gap"), asked.count("screen"), asked.count("verify")),
        waves=finished.waves,
        skewed=tuple(row.skewed for row in result.factors if row.effect is not None),
        crash_found=world.crashing <= crashing,
        crash_false=not crashing <= world.crashing | {i for i, _ in world.needs},
        learnt=impossible <= known,
        learnt_false=not known <= impossible,
        untestable=tied <= untestable,
        untestable_false=not untestable <= tied,
        pairs=any("pairs" in attempt.kind for attempt in design.attempts),
        stopped=design.stopped,
    )


def _result(design: Design) -> Result:
    """Return what the user of a study is told."""
    factors = tuple(Factor(str(i), "off", "on") for i in range(design.k))
    outcomes = []
    for number, (ask, value) in enumerate(design.history, 1):
        trial = Trial(number, ask.arm, ask.seed, ask.phase)
        outcomes.append(Outcome.measured(trial, value))
    return conclude(core.Study(factors, Metric("score", unit="raw"), tuple(outcomes)), design)


def _inside(true: float, low: float, high: float) -> bool | None:
    return low <= true <= high if math.isfinite(low) and math.isfinite(high) else None


def _mostly(world: World, design: Design) -> bool:
    left = world.drop(world.bad & ~design.named)
    return abs(left) < HALF * abs(world.drop(world.bad))


def _recovered(world: World, design: Design, result: Result) -> bool | None:
    if result.verification is None:
        return None
    true = world.drop(world.bad) - world.drop(world.bad & ~design.named)
    return _inside(true, result.verification.low, result.verification.high)


def _limits(world: World, result: Result) -> bool | None:
    """Return whether every limit is above the true mean effect over all arms."""
    limits = {
        factor: row.largest_possible
        for factor, row in enumerate(result.factors)
        if row.largest_possible is not None
    }
    if not limits:
        return None
    return all(average_effect(world, i, ()) <= limit for i, limit in limits.items())


def _groups(world: World, design: Design, result: Result) -> Iterator[bool]:
    """Yield whether the truth is inside, for each effect of factors together."""
    truth: dict[int, Mapping[Arm, float]] = {}
    for ask, value in design.history:
        if ask.phase == "verify" and not math.isnan(value):
            truth[ask.seed] = {**truth.get(ask.seed, {}), ask.arm: -world.drop(ask.arm)}
    rows = list(truth.values())
    for effect in result.culprits:
        if len(effect.factors) > 1:
            units = joint_differences(rows, _mask(effect))
            if len(units) >= FEWEST_JOINT:
                yield effect.low <= -math.fsum(units) / len(units) <= effect.high
    for effect in result.interactions:
        units = interaction_differences(rows, _mask(effect))
        yield effect.low <= math.fsum(units) / len(units) <= effect.high


def _mask(effect: Effect) -> Arm:
    return arm_of([int(name) for name in effect.factors])
