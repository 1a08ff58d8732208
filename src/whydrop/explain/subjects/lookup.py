"""A number in what a program told: found by its key, in nested values, under whatever form."""

import math
import re
from collections.abc import Mapping
from typing import Any

MISSING: Any = object()
NUMBER = r"[-+]?(?:(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|nan|inf(?:inity)?)"
_WHOLE = re.compile(rf"\s*({NUMBER})\s*%?\s*", re.IGNORECASE)


class NoMetricError(Exception):
    """A program ended well and its metric is not where it should be."""


def value_at(data: Any, key: str) -> Any:
    """Return what a key names: ``val/top1`` is that key itself, or top1 below val.

    Raises:
        NoMetricError: there is no such key; names those that are there.
    """
    found = looked_up(data, key.split("/"))
    if found is MISSING:
        raise NoMetricError(f"there is no {key!r}; there is {outline(data)}")
    return found


def number(value: Any) -> float | None:
    """Return a number, or a text that is one, as a float; None for anything else.

    JSON's null is not a number, nan: so do programs write it that know of no other way.
    """
    if value is None:
        return math.nan
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, str) and (found := _WHOLE.fullmatch(value)):
        return float(found[1].replace("_", ""))
    return None


def numbers_in(data: Mapping[str, Any]) -> list[str]:
    """Return the keys whose values are numbers."""
    return [key for key, value in data.items() if value is not None and number(value) is not None]


def looked_up(data: Any, parts: list[str]) -> Any:
    """Return what the parts of a key lead to, or MISSING; keys may hold slashes themselves."""
    if not parts:
        return data
    for end in range(len(parts), 0, -1):
        key = "/".join(parts[:end])
        inner = MISSING
        if isinstance(data, Mapping) and key in data:
            inner = data[key]
        elif isinstance(data, list) and re.fullmatch(r"-?\d{1,9}", key):
            inner = data[int(key)] if -len(data) <= int(key) < len(data) else MISSING
        if inner is not MISSING and (found := looked_up(inner, parts[end:])) is not MISSING:
            return found
    return MISSING


def outline(data: Any) -> str:
    """Return the first names in a mapping, or what else it is."""
    if isinstance(data, Mapping):
        names = [str(key) for key in data]
        more = f" and {len(names) - 8} more" if len(names) > 8 else ""
        return (", ".join(names[:8]) or "nothing") + more
    return f"a {type(data).__name__}"
