"""Interval and Effect: numbers that are never shown without their uncertainty."""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Interval:
    """Bounds of a number; infinite where nothing is known yet."""

    low: float
    high: float

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high

    @property
    def width(self) -> float:
        return self.high - self.low

    def rounded(self, digits: int) -> tuple[float, float]:
        return round(self.low, digits), round(self.high, digits)


UNKNOWN = Interval(-math.inf, math.inf)


@dataclass(frozen=True)
class Effect:
    """What switching factors on does to the metric, in the shown unit.

    Attributes:
        factors: names; one for a factor alone, several for what they do only together.
        value: the estimate; negative costs accuracy.
        low, high: simultaneous bounds, valid whenever the study stopped.
        contexts: the other factors that were on while it was measured, one tuple a context;
            an empty tuple means "with nothing else on".
        units: number of independent differences behind it.
        median: of those differences, beside the mean.
        skewed: one difference holds more than half of the sum of squares: the t interval
            is not to be trusted.
    """

    factors: tuple[str, ...]
    value: float
    low: float
    high: float
    contexts: tuple[tuple[str, ...], ...] = ()
    units: int = 0
    median: float = math.nan
    skewed: bool = False
