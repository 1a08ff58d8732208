"""Phrase: numbers and names as a sentence has them, by one rule wherever a sentence is made."""

import math
from collections.abc import Sequence


def number(value: float, digits: int) -> str:
    """Return a value with so many decimals; never "-0.0".

    Example:
        >>> number(-0.04, 1), number(1234.56, 1), number(float("-inf"), 1)
        ('0.0', '1,234.6', '-∞')
    """
    if math.isnan(value):
        return "?"
    if math.isinf(value):
        return "∞" if value > 0 else "-∞"
    shown = f"{value:,.{digits}f}"
    return shown.removeprefix("-") if float(shown.replace(",", "")) == 0.0 else shown


def limit(value: float, digits: int) -> str:
    """Return what something may be at most, rounded up: a limit is never told too small.

    Example:
        >>> limit(0.31, 1), limit(0.3, 1), limit(-0.2, 1)
        ('0.4', '0.3', '0.0')
    """
    if not math.isfinite(value):
        return number(value, digits)
    step = 10.0**-digits
    # Less a little, so that 0.3 is not the next step above 3 x 0.1.
    return number(math.ceil(max(value, 0.0) / step - 1e-9) * step, digits)


def plus_minus(value: float, low: float, high: float, digits: int) -> str:
    """Return ``2.9 ± 0.6``, or nothing where the bounds are lopsided or infinite.

    A lopsided interval as ± could reach over zero where the interval itself does not.

    Example:
        >>> plus_minus(2.9, 2.3, 3.5, 1), plus_minus(2.9, 1.9, 3.2, 1)
        ('2.9 ± 0.6', '')
    """
    above, below = high - value, value - low
    if not (math.isfinite(above) and math.isfinite(below)):
        return ""
    if number(above, digits) != number(below, digits):
        return ""
    return f"{number(value, digits)} ± {number(above, digits)}"


def listed(names: Sequence[str], last: str = "and") -> str:
    """Return names as a phrase.

    Example:
        >>> listed(["crop"]), listed(["crop", "cutout"]), listed(["a", "b", "c"], "or")
        ('crop', 'crop and cutout', 'a, b or c')
    """
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} {last} {names[-1]}"
