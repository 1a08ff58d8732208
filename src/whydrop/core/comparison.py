"""Comparison: is the second of two runs worse, better or equal? What ``compare`` answers."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from whydrop.core.result import ArmRow, TrialsRow
from whydrop.core.study import Study

ComparisonVerdict = Literal["worse", "better", "equal", "not worse", "cannot tell"]
Gate = Literal["passed", "failed", "open"]


@dataclass(frozen=True)
class Judgement:
    """What differences between two arms show, in the shown unit; negative is worse.

    Attributes:
        verdict: "equal" is within the margin; "not worse" is said by a gate only: a drop of
            more than the margin is ruled out, though neither better nor equal is shown.
        value, low, high: the mean difference and its bounds, valid at every look.
        confidence: of the bounds. Two one-sided tests at level a read an interval of 1 - 2a.
        gate: the margin as a limit for the drop; None where none was set.
        pairs: differences seen.
        pairs_needed: in total, for a verdict, if the differences go on as they are.
    """

    verdict: ComparisonVerdict
    value: float
    low: float
    high: float
    confidence: float
    gate: Gate | None
    pairs: int
    pairs_needed: int


@dataclass(frozen=True, repr=False)
class Comparison:
    """The answer of ``whydrop compare``.

    Attributes:
        margin: "equal" means within it, or the gate's limit; in the shown unit.
        correlation: of good and bad over shared seeds; above 0, pairing saved trials.
        trials_needed: further trials until a verdict, when it is "cannot tell".
    """

    sentence: str
    judgement: Judgement
    study: Study
    good: ArmRow
    bad: ArmRow
    margin: float
    trials: TrialsRow
    correlation: float = math.nan
    trials_needed: int = 0
    notes: tuple[str, ...] = ()
    plan: Mapping[str, Any] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    command: str = ""
    folder: str = ""

    def __repr__(self) -> str:
        return f"<{self.verdict}: {self.sentence}>"

    @property
    def verdict(self) -> ComparisonVerdict:
        return self.judgement.verdict
