"""Factors of two nested values, and the value of any arm.

A leaf is what is not a mapping on both sides. Lists are leaves too, unless both are lists of
mappings of one length. What only one side has is one factor, however much is below it, and so is
a node whose type differs.

A mapping below the top may hold a tagged choice: ``{name: sgd, momentum: 0.9}``. Where the tag
differs, the parameters that only one side has make sense only with their tag and switch with it.
"""

import datetime
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from typing import Any

from whydrop.core.config.path import MAX_DEPTH, Path, name_of
from whydrop.core.errors import UsageError
from whydrop.core.factor import ABSENT, Factor, FactorKind, Level
from whydrop.explain.sources.grouping import group

# The first of these that a mapping holds says what it configures.
TAGS = ("_target_", "class_path", "class_name", "class", "cls", "type", "kind", "name")


def factors(
    good: Mapping[str, Any],
    bad: Mapping[str, Any],
    *,
    kind: FactorKind = "value",
    place: Callable[[Path, Level, Level], str] = lambda path, off, on: "",
) -> tuple[Factor, ...]:
    """Return one factor for each differing leaf, in the order of good and then of bad.

    Args:
        good: JSON-like.
        bad: JSON-like.
        kind: what the factors are read from.
        place: says where the two levels of a path were read.
    """

    def leaf(path: Path, off: Any, on: Any) -> Factor:
        return Factor(
            name=name_of(path),
            off=plain(off),
            on=plain(on),
            kind=kind,
            source=place(path, off, on),
            path=path,
        )

    def differing(path: Path, off: Any, on: Any) -> Iterator[Factor]:
        if isinstance(off, Mapping) and isinstance(on, Mapping):
            inner = (
                each
                for key in _keys(off, on)
                for each in differing((*path, key), off.get(key, ABSENT), on.get(key, ABSENT))
            )
            tag = _differing_tag(off, on) if path else None
            yield from inner if tag is None else _together(path, tag, inner)
        elif _pairable(off, on):
            for i, (one, other) in enumerate(zip(off, on, strict=True)):
                yield from differing((*path, i), one, other)
        elif not equal(off, on):
            yield leaf(path, off, on)

    return _uniquely_named(tuple(differing((), good, bad)))


def mixed(good: Any, bad: Any, on: Collection[Path]) -> Any:
    """Return good with the leaves at these paths as in bad; neither is changed.

    Keys that only bad has go after the key that they follow in bad.
    """
    return _mixed(good, bad, set(on), ())


def _mixed(good: Any, bad: Any, on: set[Path], path: Path) -> Any:
    if path in on:
        return _copy(bad)
    if isinstance(good, Mapping) and isinstance(bad, Mapping):
        result = {
            key: _mixed(value, bad.get(key, ABSENT), on, (*path, key))
            for key, value in good.items()
        }
        result = {key: value for key, value in result.items() if value is not ABSENT}
        new = [key for key in bad if key not in good and (*path, key) in on]
        return _inserted(result, {key: _copy(bad[key]) for key in new}, list(bad))
    if _pairable(good, bad):
        pairs = zip(good, bad, strict=True)
        return [_mixed(one, other, on, (*path, i)) for i, (one, other) in enumerate(pairs)]
    return _copy(good)


def _inserted(known: dict[Any, Any], new: dict[Any, Any], order: list[Any]) -> dict[Any, Any]:
    keys = list(known)
    for key in new:
        before = order[: order.index(key)]
        at = next((keys.index(b) + 1 for b in reversed(before) if b in keys), 0)
        keys.insert(at, key)
    both = known | new
    return {key: both[key] for key in keys}


def equal(one: Any, other: Any) -> bool:
    """Return whether two values are the same, types included: 1, 1.0 and True are three values."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(equal(one[key], other[key]) for key in one)
    if _is_list(one) and _is_list(other):
        return len(one) == len(other) and all(map(equal, one, other))
    if isinstance(one, float) and isinstance(other, float):
        return one == other or (one != one and other != other)
    return type(one) is type(other) and bool(one == other)


def plain(value: Any) -> Level:
    """Return a value as JSON can hold it: tuples as lists, dates as text."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if _is_list(value):
        return [plain(item) for item in value]
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    return value


def flat(value: Any, path: Path = ()) -> dict[str, Any]:
    """Return the leaves of a nested value by name; lists are leaves."""
    if isinstance(value, Mapping) and (value or not path):
        return {
            name: leaf
            for key, item in value.items()
            for name, leaf in flat(item, (*path, key)).items()
        }
    return {name_of(path): plain(value)}


def checked(value: Any, name: str, path: Path = ()) -> Any:
    """Return a private copy of a value, or refuse what a study could not keep or repeat.

    NumPy numbers become Python's; anything else must be a mapping, list, tuple, text, number,
    truth value or None.

    Raises:
        UsageError: another type, with its key; or a value that holds itself.
    """
    if len(path) > MAX_DEPTH:
        what = f"the config is nested more than {MAX_DEPTH} deep, or holds itself"
        raise UsageError(what, where=f"{name}, {name_of(path[:3])}", do="flatten it")
    if isinstance(value, Mapping):
        return {key: checked(item, name, (*path, key)) for key, item in value.items()}
    if _is_list(value):
        items = [checked(item, name, (*path, i)) for i, item in enumerate(value)]
        return tuple(items) if isinstance(value, tuple) else items
    if value is None or type(value) in (bool, int, float, str):
        return value
    if hasattr(value, "item") and getattr(value, "ndim", None) == 0:
        return checked(value.item(), name, path)
    raise UsageError(
        f"the value of {name_of(path)!r} is a {type(value).__name__}, which no study can keep",
        where=name,
        do="give its name or its numbers, and build the object inside the function",
    )


def _uniquely_named(found: tuple[Factor, ...]) -> tuple[Factor, ...]:
    counts = Counter(leaf.name for factor in found for leaf in factor.leaves)

    def renamed(factor: Factor) -> Factor:
        if factor.parts:
            return group(factor.name, [renamed(part) for part in factor.parts])
        if counts[factor.name] > 1:
            return replace(factor, name=name_of(factor.path, quoted=True))
        return factor

    return tuple(map(renamed, found))


def _keys(good: Mapping[Any, Any], bad: Mapping[Any, Any]) -> list[Any]:
    return [*good, *(key for key in bad if key not in good)]


def _is_list(value: Any) -> bool:
    return isinstance(value, list | tuple)


def _pairable(off: Any, on: Any) -> bool:
    """Return whether two lists are compared item by item."""
    if not (_is_list(off) and _is_list(on) and len(off) == len(on)):
        return False
    return all(isinstance(item, Mapping) for item in (*off, *on))


def _copy(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _copy(item) for key, item in value.items()}
    if _is_list(value):
        return tuple(map(_copy, value)) if isinstance(value, tuple) else list(map(_copy, value))
    return value


def _differing_tag(off: Mapping[Any, Any], on: Mapping[Any, Any]) -> str | None:
    tag = next((tag for tag in TAGS if tag in off or tag in on), None)
    if tag is None:
        return None
    levels = [side.get(tag, ABSENT) for side in (off, on)]
    named = all(isinstance(level, str) or level is ABSENT for level in levels)
    return tag if named and not equal(*levels) else None


def _together(path: Path, tag: str, inner: Iterator[Factor]) -> Iterator[Factor]:
    """Yield the tag with the parameters that only one side has as one factor, then the rest."""
    found = list(inner)
    bound = [
        each
        for each in found
        if each.path == (*path, tag)
        or (each.kind != "group" and (each.off is ABSENT or each.on is ABSENT))
    ]
    first = next(each for each in bound)
    for each in found:
        if each is first:
            yield group(name_of(path), bound) if len(bound) > 1 else each
        elif each not in bound:
            yield each
