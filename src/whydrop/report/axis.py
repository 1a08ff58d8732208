"""Axis: a span of numbers laid over the width or height of a picture, in percent.

Pictures are drawn with percent positions and pixel sizes, so that they stretch with the page while
text and strokes keep their size: the same picture serves a desktop, a phone and paper.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

MARGIN = 0.07  # of the span, free on both sides


@dataclass(frozen=True)
class Axis:
    """Values from low to high over 0 to 100 percent."""

    low: float
    high: float

    @classmethod
    def over(cls, values: Iterable[float]) -> "Axis":
        """Return an axis that shows all finite values with a margin."""
        finite = [value for value in values if math.isfinite(value)]
        low, high = (min(finite), max(finite)) if finite else (0.0, 0.0)
        margin = MARGIN * (high - low) or max(abs(high), 1.0) / 2
        return cls(low - margin, high + margin)

    def at(self, value: float) -> float:
        """Return the position of a value in percent, kept inside the picture."""
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return round(100 * share, 2)

    def ticks(self, most: int = 6) -> list[float]:
        """Return at most so many round numbers inside the axis, evenly spaced.

        Example:
            >>> Axis(-3.4, 0.6).ticks()
            [-3.0, -2.0, -1.0, 0.0]
        """
        rough = (self.high - self.low) / most
        power = 10.0 ** math.floor(math.log10(rough))
        step = next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= rough)
        first, last = math.ceil(self.low / step), math.floor(self.high / step)
        return [round(i * step, 12) for i in range(first, last + 1)]

    def tick_decimals(self, most: int = 6) -> int:
        """Return the decimals that tell the ticks apart."""
        ticks = self.ticks(most)
        return next(d for d in range(13) if all(round(t, d) == t for t in ticks))
