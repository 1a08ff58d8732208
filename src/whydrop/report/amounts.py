"""Amounts: numbers, counts and spans of time as text, worded alike everywhere.

Everything here is plain text with ASCII minus signs; a caller with better type replaces them.
"""

import math

from whydrop.core.metric import Metric
from whydrop.core.phrase import number, plus_minus
from whydrop.core.result import Result

MAX_DECIMALS = 12


def decimals(metric: Metric, low: float, high: float, value: float = 0.0) -> int:
    """Return how many decimals a number deserves, by the width of its interval.

    Points have one, or two where the interval is narrower than 0.2. In other units the half
    width keeps two significant digits when it begins with 1.0 to 3.54, else one; without
    bounds the value itself keeps three.

    Source: the rounding rule of the Particle Data Group, Review of Particle Physics, section 5.3.
    """
    half = (high - low) / 2
    known = math.isfinite(half) and half > 0
    if metric.unit == "points":
        return 2 if known and half < 0.095 else 1
    size = half if known else abs(value)
    if not math.isfinite(size) or size == 0.0:
        return 1
    power = math.floor(math.log10(size))
    kept = (1 if size / 10**power < 3.545 else 0) if known else 2
    return max(0, min(MAX_DECIMALS, kept - power))


def shared_decimals(result: Result) -> int:
    """Return the decimals that all effects of one result are shown with, so that they align.

    One more than they deserve where a bound of what is named would look like zero and is not.
    """
    # The gap is often known less well than its causes, and must not hide their digits.
    spans = [(effect.low, effect.high, effect.value) for effect in result.culprits]
    spans = spans or [(result.gap.low, result.gap.high, result.gap.effect)]
    digits = min(decimals(result.study.metric, *span) for span in spans)
    named_bounds = [
        bound
        for row in result.factors
        if row.verdict in ("culprit", "helps")
        for bound in (row.low, row.high)
        if bound is not None
    ]
    return digits + any(round(bound, digits) == 0 != bound for bound in named_bounds)


def signed(value: float, digits: int) -> str:
    """Return a value with its sign, plus included; zero has none."""
    shown = number(value, digits)
    positive = value > 0 and any(c in "123456789∞" for c in shown)
    return f"+{shown}" if positive else shown


def interval(low: float, high: float, digits: int) -> str:
    """Return bounds in brackets, signed.

    Example:
        >>> interval(-3.46, -2.31, 1)
        '[-3.5, -2.3]'
    """
    return f"[{signed(low, digits)}, {signed(high, digits)}]"


def bounds(low: float, high: float, digits: int) -> str:
    """Return bounds of a level of the metric, unsigned: ``70.1 to 71.9``."""
    if math.isinf(low) and math.isinf(high):
        return "no bounds yet"
    return f"{number(low, digits)} to {number(high, digits)}"


def give_or_take(value: float, low: float, high: float, digits: int) -> str:
    """Return ``2.9 ± 0.6``, or the bounds where they are lopsided or infinite."""
    even = plus_minus(value, low, high, digits)
    if even:
        return even
    if not (math.isfinite(high - value) and math.isfinite(value - low)):
        return f"{number(value, digits)} {interval(low, high, digits)}"
    return f"{number(value, digits)} ({number(low, digits)} to {number(high, digits)})"


def unit_name(metric: Metric) -> str:
    """Return what one step of the shown numbers is called."""
    return "points" if metric.unit == "points" else "units"


def effect_heading(metric: Metric) -> str:
    """Return the heading of a column of effects."""
    if metric.minimize:
        return "effect, minus is worse"
    return "effect, points" if metric.unit == "points" else "effect"


def count(n: int, thing: str) -> str:
    """Return ``1 trial``, ``2 trials``, ``1,200 trials``."""
    return f"{n:,} {thing if n == 1 else thing + 's'}"


def duration(seconds: float) -> str:
    """Return a time span in the two largest units that matter.

    Example:
        >>> duration(0.21), duration(42), duration(1290), duration(9000), duration(200000)
        ('0.2 s', '42 s', '21 min 30 s', '2 h 30 min', '2 d 7 h')
    """
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    for size, name, part, part_name in (
        (86400, "d", 3600, "h"),
        (3600, "h", 60, "min"),
        (60, "min", 1, "s"),
    ):
        if whole >= size:
            large, small = whole // size, whole % size // part
            return f"{large} {name} {small} {part_name}" if small else f"{large} {name}"
    raise AssertionError("a minute or more has a unit")
