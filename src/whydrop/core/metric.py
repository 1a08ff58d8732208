"""Metric: what is measured, which way is better, and how it is shown."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

Unit = Literal["auto", "points", "raw"]


@dataclass(frozen=True)
class Metric:
    """A number that a training ends with.

    Attributes:
        name: how the user asked for it.
        minimize: True for losses and errors.
        unit: "points" shows a share of 0..1 as 0..100; "raw" shows the program's own
            number; "auto" until the first outcomes decide.
    """

    name: str
    minimize: bool = False
    unit: Unit = "auto"

    @property
    def direction(self) -> Literal["minimize", "maximize"]:
        return "minimize" if self.minimize else "maximize"

    @property
    def scale(self) -> float:
        """Shown value over the program's own value."""
        return 100.0 if self.unit == "points" else 1.0

    def settled(self, values: Iterable[float]) -> "Metric":
        """Return this metric with "auto" decided: shares are numbers of 0..1 that should rise."""
        if self.unit != "auto":
            return self
        share = not self.minimize and all(0.0 <= value <= 1.0 for value in values)
        return replace(self, unit="points" if share else "raw")

    def score(self, value: float | None) -> float:
        """Return a value as the experiment sees it: in the shown unit, larger is better."""
        if value is None:
            return math.nan
        return value * self.scale * (-1.0 if self.minimize else 1.0)
