"""Values that an operation draws for each sample: a number, or the two ends of a range."""

import math
from typing import Literal, TypeAlias

from whydrop.augment.op import Floats
from whydrop.core.errors import UsageError

Span: TypeAlias = float | tuple[float, float]  # always this value, or uniform between the two


def check_span(op: object, name: str, low: float, high: float = math.inf) -> None:
    """Check that a field is a number, or a pair of them in order, in [low, high].

    A list, as JSON gives it, becomes a tuple.

    Raises:
        UsageError: it is something else.
    """
    value = getattr(op, name)
    if isinstance(value, list):
        value = tuple(value)
        object.__setattr__(op, name, value)
    pair = value if isinstance(value, tuple) else (value, value)
    if not (
        len(pair) == 2
        and all(isinstance(end, int | float) and not isinstance(end, bool) for end in pair)
        and all(map(math.isfinite, pair))
        and low <= pair[0] <= pair[1] <= high
    ):
        limits = f"from {low:g} to {high:g}" if math.isfinite(high) else f"{low:g} or more"
        raise UsageError(
            f"{name} is {value!r}",
            where=type(op).__name__,
            do=f"give a number, or two for the ends of a range: {limits}",
        )


def check_spans(
    op: object,
    name: str,
    low: float,
    high: float,
    *,
    pair: Literal["ends", "sizes"],
    lengths: tuple[int, ...] = (1, 2, 4),
) -> None:
    """Check that a field is a number, or two, or the four ends of a range along x and along y.

    A list, as JSON gives it, becomes a tuple.

    Args:
        low, high: limits of the ends.
        pair: what two numbers are: "ends" of one range, or "sizes", of x and of y.
        lengths: how many numbers there may be. A single one, or "sizes", are the largest either
            way, and so 0 or more.

    Raises:
        UsageError: it is something else.
    """
    value = getattr(op, name)
    values = tuple(value) if isinstance(value, tuple | list) else (value,)
    if isinstance(value, list):
        object.__setattr__(op, name, values)
    good = len(values) in lengths and all(
        isinstance(v, int | float) and not isinstance(v, bool) and low <= v <= high and v < math.inf
        for v in values
    )
    if good and (len(values) == 1 or (len(values) == 2 and pair == "sizes")):
        good = min(values) >= 0
    elif good:
        good = all(first <= last for first, last in zip(values[::2], values[1::2], strict=True))
    if not good:
        two = "one for x and one for y" if pair == "sizes" else "the two ends of a range"
        forms = [text for n, text in ((1, "a number"), (2, two), (4, "four ends")) if n in lengths]
        limits = f"from {low:g} to {high:g}" if math.isfinite(high) else "above 0"
        what = f"{name} is {value!r}"
        raise UsageError(what, where=type(op).__name__, do=f"give {', or '.join(forms)}, {limits}")


def check_pair(op: object, name: str, most: float, example: tuple[float, float]) -> None:
    """Check that a field is two numbers in order, above 0 and up to most.

    A list, as JSON gives it, becomes a tuple.

    Raises:
        UsageError: it is something else.
    """
    value = getattr(op, name)
    pair = tuple(value) if isinstance(value, list) else value
    object.__setattr__(op, name, pair)
    if not (
        isinstance(pair, tuple)
        and len(pair) == 2
        and all(isinstance(end, int | float) and not isinstance(end, bool) for end in pair)
        and 0 < pair[0] <= pair[1] <= most
        and pair[1] < math.inf
    ):
        raise UsageError(
            f"{name} is {value!r}",
            where=type(op).__name__,
            do=f"give the smallest and the largest, such as {example}",
        )


def ends(span: Span) -> tuple[float, float]:
    """Return the least and the greatest value of a span."""
    return span if isinstance(span, tuple) else (span, span)


def around(span: Span, centre: float) -> tuple[float, float]:
    """Return the ends of a span whose single number is a distance to the centre."""
    return span if isinstance(span, tuple) else (centre - span, centre + span)


def between(u: Floats, low: float, high: float) -> Floats:
    """Return u, uniform in (0, 1), as values uniform between two ends.

    Example:
        >>> import numpy as np
        >>> between(np.array([0.5]), 1.0, 3.0)
        array([2.])
    """
    return low + (high - low) * u
