"""Factors of two recipes, and the recipe of any arm.

Recipes are compared with all their defaults filled in, so a default that only one of them spells
out is no difference. Operations are compared by name, not by position: one that only one recipe
has is one factor, each field that differs is one, and so is a place that differs.
"""

import difflib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path as File
from typing import Any

from pydantic_core import PydanticCustomError

from whydrop.core.config.path import Path, holds
from whydrop.core.errors import UsageError
from whydrop.core.factor import ABSENT, Factor, Level
from whydrop.explain.sources import values
from whydrop.explain.sources.grouping import group
from whydrop.training.metrics.names import METRICS, measure_for
from whydrop.training.recipes.kind import is_recipe
from whydrop.training.recipes.load import RecipeFile, checked, read_recipe
from whydrop.training.recipes.operations import completed, names_of, staged
from whydrop.training.recipes.schema import Recipe

Side = str | File | Mapping[str, Any]
Keyed = Mapping[str, Any]  # a recipe as plain values, with its operations by name

LISTS: tuple[Path, ...] = (("augment",), ("data", "expand"))  # what holds operations
WHOLE = ("data", "model")  # another name of these makes their other keys other things
LOSSES = ("train_loss", "valid_loss")
REPORTED = "reported"
PLACE, FIRST = "place", "first"


@dataclass(frozen=True)
class RecipePair:
    """Two recipes with one factor for each difference.

    Attributes:
        good, bad: complete, with operations by name.
        report: the metric that both report, or "reported" where they report different ones.
        minimize: smaller values of it are better.
    """

    good: Keyed
    bad: Keyed
    factors: tuple[Factor, ...]
    report: str
    minimize: bool

    @classmethod
    def read(cls, good: Side, bad: Side) -> "RecipePair":
        """Compare two recipes, in files or as mappings.

        Raises:
            UsageError: no such file, or one of them is no recipe.
            DataError: a recipe with something wrong in it.
        """
        sides = _Side.of(good, "good"), _Side.of(bad, "bad")
        one, other = (side.recipe for side in sides)
        first, second = _keyed(one), _keyed(other)
        _level_out(first, second)
        _place(first, second)
        _shorten(first, second)

        def place(path: Path, off: Level, on: Level) -> str:
            pairs = zip(sides, (off, on), strict=True)
            return ", ".join(filter(None, (s.place(path) for s, at in pairs if at is not ABSENT)))

        found = values.factors(first, second, kind="config", place=place)
        for name in WHOLE:
            if first[name]["name"] != second[name]["name"]:
                found = _as_one(name, found)
        reports = one.metrics.report, other.metrics.report
        report = reports[0] if reports[0] == reports[1] else REPORTED
        return cls(first, second, found, report, _is_minimised(reports[0]))

    def telling(self, metric: str) -> "RecipePair":
        """Return the pair of which each training tells a metric, be it in ``metrics.also`` or not.

        Raises:
            UsageError: no training of a recipe has it.
        """
        if metric in (self.report, REPORTED, *LOSSES):
            return self
        try:
            measure_for(metric, batch_size=1)
        except UsageError:
            known = (*METRICS, *LOSSES, REPORTED)
            near = difflib.get_close_matches(metric, known, 1)
            raise UsageError(
                f"no training of a recipe tells {metric!r}",
                where="metric",
                do=f"did you mean {near[0]!r}?" if near else f"give one of {', '.join(known)}",
            ) from None
        also = list(dict.fromkeys((*self.good["metrics"]["also"], metric)))
        good, bad = (
            {**side, "metrics": {**side["metrics"], "also": also}} for side in (self.good, self.bad)
        )
        return replace(self, good=good, bad=bad)

    def is_minimised(self, metric: str) -> bool:
        """Return whether smaller values of a metric that is told are better."""
        return self.minimize if metric in (self.report, REPORTED) else _is_minimised(metric)


def _is_minimised(metric: str) -> bool:
    return metric in LOSSES or measure_for(metric, batch_size=1).metric.minimize


def mixed(good: Keyed, bad: Keyed, on: Collection[Path]) -> dict[str, Any]:
    """Return the recipe, as plain values, in which the differences at these paths are as in bad.

    Args:
        good, bad: of a ``RecipePair``.
    """
    plain: dict[str, Any] = values.mixed(good, bad, on)
    for home in LISTS:
        holder = _at(plain, home)
        if holder is not None:
            names = [key for key in holder if _is_operation(key)]
            order = _ordered(names, holder, _at(good, home) or {}, _at(bad, home) or {})
            ops = [_unkeyed(name, holder.pop(name)) for name in order]
            holder["ops"] = staged(ops) if holder.get("order") != "as given" else ops
    return plain


@dataclass(frozen=True)
class _Side:
    recipe: Recipe
    read: RecipeFile | None

    @classmethod
    def of(cls, side: Side, name: str) -> "_Side":
        if isinstance(side, Mapping):
            return cls(checked(side, name), None)
        if not is_recipe(side) and File(side).is_file():
            raise UsageError(
                "this is no recipe",
                where=str(side),
                do="begin it with `schema: whydrop.recipe/1`, or name the program for both files",
            )
        read = read_recipe(side)
        return cls(read.recipe, read)

    def place(self, path: Path) -> str:
        """Return where a value was read."""
        if self.read is None:
            return ""
        for home in LISTS:
            if path[: len(home)] == home and len(path) > len(home):
                names = names_of(_at(self.recipe.plain(), home)["ops"])
                if path[len(home)] in names:
                    path = (*home, "ops", names.index(str(path[len(home)])), *path[len(home) + 1 :])
        document, name = self.read.document, self.read.file.name
        known = path[:-1] if path[-1] == PLACE else path
        if not holds(document.data, known):
            return f"{name} (default)"
        return f"{name}:{document.line_of(known)}"


def _keyed(recipe: Recipe) -> dict[str, Any]:
    """Return a recipe as plain values with its operations by name; the seed is each trial's own."""
    plain = recipe.plain()
    plain["train"].pop("seed")
    for home in LISTS:
        holder = _at(plain, home)
        if holder is not None:
            ops = holder.pop("ops")
            holder.update({name: _inside(op) for name, op in zip(names_of(ops), ops, strict=True)})
    return plain


def _inside(op: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of an operation; one inside it is whole: [name, fields]."""
    return {
        name: [value["op"], _inside(value)] if isinstance(value, Mapping) else value
        for name, value in op.items()
        if name != "op"
    }


def _unkeyed(name: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in fields.items() if key != PLACE}
    for key, value in kept.items():
        if isinstance(value, list) and len(value) == 2 and isinstance(value[1], Mapping):
            kept[key] = _unkeyed(*value)
    return {"op": name.partition(" ")[0], **kept}


def _level_out(good: Keyed, bad: Keyed) -> None:
    """Make equal what is no difference between two trainings."""
    told = [side["metrics"]["report"] for side in (good, bad)]
    told += [name for side in (good, bad) for name in side["metrics"]["also"]]
    orders = {side["augment"]["order"] for side in (good, bad)}
    for side in (good, bad):
        side["metrics"]["also"] = list(dict.fromkeys(told))
        # It only allows places; the places themselves are compared.
        side["augment"]["order"] = "as given" if "as given" in orders else "safe"


def _place(good: Keyed, bad: Keyed) -> None:
    """Say the places of operations that both have, and at least one of which was moved."""
    for home in LISTS:
        one, other = _at(good, home) or {}, _at(bad, home) or {}
        orders = [[key for key in side if _is_operation(key)] for side in (one, other)]
        common = [[name for name in order if name in one and name in other] for order in orders]
        kept = _longest_common(*common)
        for name in (name for name in common[0] if name not in kept):
            places = [_place_in(order, name) for order in common]
            if places[0] == places[1]:  # what it follows was moved too
                places = [
                    f"{place}, as number {o.index(name) + 1}"
                    for place, o in zip(places, common, strict=True)
                ]
            one[name][PLACE], other[name][PLACE] = places


def _shorten(good: Keyed, bad: Keyed) -> None:
    """Leave out the defaults of operations that only one side has: they are compared as a whole."""
    for home in LISTS:
        one, other = _at(good, home) or {}, _at(bad, home) or {}
        for side, missing in ((one, other), (other, one)):
            for name in (key for key in side if _is_operation(key) and key not in missing):
                whole = completed(_unkeyed(name, side[name]))
                said = [key for key in side[name] if not _is_default(key, whole)]
                side[name] = {key: side[name][key] for key in said or side[name]}


def _is_default(field: str, op: Mapping[str, Any]) -> bool:
    try:
        return completed({key: op[key] for key in op if key != field}) == op
    except PydanticCustomError:  # it has none
        return False


def _place_in(order: Sequence[str], name: str) -> str:
    position = order.index(name)
    return f"after {order[position - 1]}" if position else FIRST


def _longest_common(one: Sequence[str], other: Sequence[str]) -> list[str]:
    """Return the longest sequence of names that are in both in this order."""
    best: list[list[list[str]]] = [[[] for _ in range(len(other) + 1)] for _ in range(len(one) + 1)]
    for i, name in enumerate(one):
        for j, twin in enumerate(other):
            both = [*best[i][j], name] if name == twin else []
            best[i + 1][j + 1] = max(both, best[i][j + 1], best[i + 1][j], key=len)
    return best[-1][-1]


def _ordered(
    names: Collection[str], arm: Mapping[str, Any], good: Mapping[str, Any], bad: Mapping[str, Any]
) -> list[str]:
    """Return the operations of an arm in order: with none on it is good's, with all on bad's."""
    moved = {name for name in names if PLACE in arm[name]}
    order = [name for name in good if name in names and name in bad and name not in moved]
    for side, other in ((good, bad), (bad, good)):
        before: list[str] = []
        for name in side:
            as_here = name in moved and arm[name][PLACE] == side[name][PLACE]
            if name in names and (as_here or name not in other):
                known = [order.index(each) for each in before if each in order]
                order.insert(known[-1] + 1 if known else 0, name)
            before.append(name)
    return order


def _as_one(section: str, factors: Sequence[Factor]) -> tuple[Factor, ...]:
    """Return the factors with those of a section as one, in the place of the first of these."""
    inside = [f for f in factors if all(leaf.path[0] == section for leaf in f.leaves)]
    whole = group(section, [leaf for factor in inside for leaf in factor.leaves])
    return tuple(
        whole if factor is inside[0] else factor
        for factor in factors
        if factor is inside[0] or factor not in inside
    )


def _at(data: Any, path: Path) -> Any:
    for key in path:
        data = data.get(key) if isinstance(data, Mapping) else None
    return data


def _is_operation(key: str) -> bool:
    return key[:1].isupper()
