"""Checks of the values that operations are given."""

import math
import operator
from typing import Any

from whydrop.core.errors import UsageError


def within(op: object, name: str, low: float, high: float = math.inf) -> None:
    """Check that a field of an operation is a finite number in [low, high].

    Raises:
        UsageError: it is not.
    """
    value: Any = getattr(op, name)
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not (number and low <= value <= high and value < math.inf):
        limits = f"from {low:g} to {high:g}" if math.isfinite(high) else f"{low:g} or more"
        raise UsageError(
            f"{name} is {value!r}",
            where=type(op).__name__,
            do=f"give a number, {limits}",
        )


def whole(op: object, name: str, low: int) -> None:
    """Check that a field of an operation is a whole number, low or more.

    Raises:
        UsageError: it is not.
    """
    value: Any = getattr(op, name)
    if isinstance(value, bool) or not isinstance(value, int) or value < low:
        raise UsageError(
            f"{name} is {value!r}",
            where=type(op).__name__,
            do=f"give a whole number, {low} or more",
        )


def whole_number(value: Any, name: str, *, where: str, low: int = 0) -> int:
    """Return a whole number that may be of NumPy or PyTorch as an int.

    Raises:
        UsageError: it is no whole number, or below low.
    """
    try:
        number = operator.index(value)
    except TypeError:
        number = low - 1
    if number < low or isinstance(value, bool):
        what = f"{name} is {value!r}"
        raise UsageError(what, where=where, do=f"give a whole number, {low} or more")
    return number


def probability(op: object) -> None:
    """Check the field ``probability`` of an operation."""
    within(op, "probability", 0.0, 1.0)


def one_of(op: object, name: str, allowed: tuple[str, ...]) -> None:
    """Check that a field of an operation is one of some words."""
    value = getattr(op, name)
    if value not in allowed:
        raise UsageError(
            f"{name} is {value!r}", where=type(op).__name__, do=f"give one of {', '.join(allowed)}"
        )


def check_size(op: object) -> None:
    """Check the field ``size``: pixels, or a height and a width; it becomes these two.

    Raises:
        UsageError: it is something else.
    """
    value: Any = getattr(op, "size")  # noqa: B009 - any operation
    size = tuple(value) if isinstance(value, tuple | list) else (value, value)
    whole = all(isinstance(side, int) and not isinstance(side, bool) for side in size)
    if len(size) != 2 or not whole or min(size) < 1:
        do = "give pixels, such as 32, or a height and a width"
        raise UsageError(f"size is {value!r}", where=type(op).__name__, do=do)
    object.__setattr__(op, "size", size)
