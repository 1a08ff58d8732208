"""Result: what ``explain`` answers; its verdict is a word.

The field names of the rows are the keys of the JSON that ``docs/schema/explain.json`` fixes.
Values and effects are in the metric's shown unit: points (0 to 100) where it is a share.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from whydrop.core.effect import Effect
from whydrop.core.factor import Level
from whydrop.core.study import Study

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd
    from matplotlib.axes import Axes

Verdict = Literal["explained", "partly explained", "not reproduced", "undecided"]
FactorVerdict = Literal["culprit", "helps", "no effect shown", "untestable"]


@dataclass(frozen=True)
class ArmRow:
    """The metric of one arm: mean over seeds with its bounds."""

    value: float
    low: float
    high: float
    trials: int


@dataclass(frozen=True)
class GapRow:
    """Bad less good, over seeds that both ran: negative when accuracy was lost."""

    effect: float
    low: float
    high: float


@dataclass(frozen=True)
class FactorRow:
    """What the study says of one factor.

    Attributes:
        largest_possible: for "no effect shown", the largest loss (positive, shown unit) that
            is still possible, assuming no hidden interaction; None when never estimated.
        suspect: the screen thinks it likely, but it was not proven.
        failures: trials that failed with this factor on.
        note: one sentence, such as why it is untestable or "crashes the run".
    """

    name: str
    kind: str
    off: Level
    on: Level
    source: str
    effect: float | None
    low: float | None
    high: float | None
    verdict: FactorVerdict
    largest_possible: float | None = None
    suspect: bool = False
    failures: int = 0
    note: str = ""
    contexts: tuple[tuple[str, ...], ...] = ()
    median: float | None = None
    skewed: bool = False


@dataclass(frozen=True)
class VerificationRow:
    """On fresh seeds: the points that undoing all named factors gives back.

    ``recovered`` is y(bad with the named undone) - y(bad), positive when it helps;
    ``gap`` is what bad lost to good on the same seeds, positive when it lost; ``share`` is how
    much of it the named factors explain. The gap check has a gap of its own, from other seeds.
    """

    recovered: float
    low: float
    high: float
    trials: int
    share: float = math.nan
    gap: float = math.nan


@dataclass(frozen=True)
class TrialsRow:
    """What the trials cost: how many ran, failed and fell to each phase, and their wall time."""

    total: int
    failed: int
    seconds: float
    by_phase: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, repr=False)
class Result:
    """The answer of ``whydrop explain``.

    Attributes:
        verdict: "explained", "partly explained", "not reproduced" or "undecided".
        sentence: the answer in words.
        culprits: proven effects, most harmful first; members of an interaction share one.
        interactions: how named factors act together: beyond the sum of each alone.
        notes: sentences a reader must know (constraints learnt, crashes, unsafe tests).
        study: factors, metric and all outcomes, for tables and curves.
        plan: the settings and the predicted cost.
    """

    verdict: Verdict
    sentence: str
    study: Study
    good: ArmRow
    bad: ArmRow
    gap: GapRow
    culprits: tuple[Effect, ...]
    factors: tuple[FactorRow, ...]
    interactions: tuple[Effect, ...]
    verification: VerificationRow | None
    trials: TrialsRow
    notes: tuple[str, ...] = ()
    plan: Mapping[str, Any] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    command: str = ""
    folder: str = ""

    def __repr__(self) -> str:
        """Return the answer on one line: what ``print`` shows, without a thousand trials."""
        return f"<{self.verdict}: {self.sentence}>"

    # How a result shows itself belongs to the report folder, above this one: it is reached
    # through the package's front door, which loads it on first use.

    def report(self, path: "str | Path") -> "Path":
        """Write the HTML report and return its path."""
        import whydrop

        return whydrop.write_html(self, path)

    def to_json(self) -> str:
        """Return the JSON text that ``docs/schema/explain.json`` describes."""
        import whydrop

        return whydrop.to_json(self)

    def to_frame(self) -> "pd.DataFrame":
        """Return one row a factor as a pandas data frame (needs pandas)."""
        import whydrop

        return whydrop.to_frame(self)

    def plot(self) -> "Axes":
        """Draw the effects with their intervals and return the Matplotlib axes."""
        import whydrop

        return whydrop.plot_effects(self)

    def _repr_html_(self) -> str:
        import whydrop

        return whydrop.to_notebook(self)
