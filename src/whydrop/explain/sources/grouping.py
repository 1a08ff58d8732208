"""Which differences are studied, and which switch together."""

import difflib
from collections.abc import Iterable, Mapping, Sequence

from whydrop.core.errors import UsageError
from whydrop.core.factor import ABSENT, Arm, Factor, Level, members


def selected(
    factors: Sequence[Factor],
    only: Iterable[str] = (),
    without: Iterable[str] = (),
    groups: Iterable[str | Sequence[str]] = (),
) -> tuple[Factor, ...]:
    """Return the factors of a study, in the order of the differences.

    A name is a factor's, one of its leaves' (``optimizer.betas`` inside the group
    ``optimizer``), or a section of a config, which stands for all the differences below it.
    Leading dashes do not matter. What is not selected stays as in the good run in every trial,
    in the bad run's arm too.

    Args:
        factors: all the differences.
        only: names to keep; all of them when empty.
        without: names to leave out.
        groups: names that switch as one factor: ``"a,b"`` or a sequence of names.

    Raises:
        UsageError: a name that no difference has, a group of one, or nothing left to study.
    """
    chosen = list(factors)
    names = tuple(only)
    if names:
        wanted = {leaf.path for name in names for leaf in leaves_of(name, factors)}
        chosen = [kept for factor in chosen for kept in _cut(factor, wanted)]
    unwanted = {leaf.path for name in without for leaf in leaves_of(name, factors)}
    if unwanted:
        kept_paths = {leaf.path for factor in chosen for leaf in factor.leaves} - unwanted
        chosen = [kept for factor in chosen for kept in _cut(factor, kept_paths)]
    if factors and not chosen:
        raise UsageError(
            "no difference is left to study",
            where=", ".join(factor.name for factor in factors),
            do="leave out fewer of these",
        )
    for together in groups:
        chosen = _merged(chosen, together, factors)
    return tuple(chosen)


def require_difference(factors: Sequence[Factor], good: str, bad: str) -> None:
    """Check that there is something to study.

    Raises:
        UsageError: there is not; names both inputs.
    """
    if not factors:
        raise UsageError(
            "no difference between good and bad",
            where=f"{good} and {bad}",
            do="give two runs that differ; for one run alone there is whydrop noise",
        )


def paths_of(arm: Arm, factors: Sequence[Factor]) -> set[tuple[str | int, ...]]:
    """Return the paths of all leaves that are as in bad in an arm."""
    return {leaf.path for i in members(arm) for leaf in factors[i].leaves}


def group(name: str, leaves: Sequence[Factor]) -> Factor:
    """Return one factor that switches several leaves; its levels are mappings by leaf name."""
    return Factor(
        name=name,
        off=_level({leaf.name: leaf.off for leaf in leaves}),
        on=_level({leaf.name: leaf.on for leaf in leaves}),
        kind="group",
        source=", ".join(dict.fromkeys(leaf.source for leaf in leaves if leaf.source)),
        parts=tuple(leaves),
    )


def _level(levels: Mapping[str, Level]) -> Level:
    present = {name: level for name, level in levels.items() if level is not ABSENT}
    return present or ABSENT


def _cut(factor: Factor, wanted: set[tuple[str | int, ...]]) -> Iterable[Factor]:
    """Yield the factor, less the leaves that are not wanted."""
    kept = [leaf for leaf in factor.leaves if leaf.path in wanted]
    if len(kept) == len(factor.leaves):
        yield factor
    elif len(kept) == 1:
        yield kept[0]
    elif kept:
        yield group(factor.name, kept)


def _merged(
    chosen: Sequence[Factor], names: str | Sequence[str], factors: Sequence[Factor]
) -> list[Factor]:
    together = listed(names, factors) if isinstance(names, str) else list(names)
    wanted = {leaf.path for name in together for leaf in leaves_of(name, factors)}
    inside = [f for f in chosen if any(leaf.path in wanted for leaf in f.leaves)]
    if len(inside) < 2:
        raise UsageError(
            f"{', '.join(together) or 'nothing'} is not two studied factors or more",
            where="--group",
            do="name those that are to switch together, such as --group lr,wd",
        )
    return list(joined(chosen, inside))


def joined(factors: Sequence[Factor], together: Sequence[Factor]) -> tuple[Factor, ...]:
    """Return the factors with some of them as one, in the place of the first of these."""
    first = together[0]
    leaves = [leaf for factor in together for leaf in factor.leaves]
    merged = group("+".join(factor.name for factor in together), leaves)
    return tuple(merged if f is first else f for f in factors if f is first or f not in together)


def listed(names: str, factors: Sequence[Factor]) -> list[str]:
    """Return the names of a list with commas between; known names may hold commas themselves."""
    known = {leaf.name for factor in factors for leaf in (factor, *factor.leaves)}
    parts = names.split(",")
    found: list[str] = []
    while parts:
        joined = (n for n in range(len(parts), 1, -1) if ",".join(parts[:n]).strip() in known)
        take = next(joined, 1)
        found.append(",".join(parts[:take]).strip())
        parts = parts[take:]
    return [name for name in found if name]


def position_of(name: str, factors: Sequence[Factor]) -> int:
    """Return the position of the factor that a name, of it or of a leaf, belongs to.

    Raises:
        UsageError: no or several factors have the name.
    """
    wanted = {leaf.path for leaf in leaves_of(name, factors)}
    at = [i for i, f in enumerate(factors) if any(leaf.path in wanted for leaf in f.leaves)]
    if len(at) > 1:
        several = ", ".join(factors[i].name for i in at)
        raise UsageError(f"{name!r} is several factors", where=several, do="name one of them")
    return at[0]


def leaves_of(name: str, factors: Sequence[Factor]) -> tuple[Factor, ...]:
    """Return the single differences that a name stands for; see ``selected``.

    Raises:
        UsageError: none; names the nearest.
    """
    for spelt in (name, name.lstrip("-")):
        for factor in factors:
            if factor.name == spelt:
                return factor.leaves
        leaves = [leaf for factor in factors for leaf in factor.leaves]
        exact = [leaf for leaf in leaves if leaf.name == spelt]
        below = [leaf for leaf in leaves if leaf.name.startswith((f"{spelt}.", f"{spelt}["))]
        if exact or below:
            return tuple(exact or below)
    known = list(dict.fromkeys(f.name for factor in factors for f in (factor, *factor.leaves)))
    near = difflib.get_close_matches(name.lstrip("-"), known, n=1, cutoff=0.5)
    raise UsageError(
        f"no difference is named {name!r}",
        where=f"the differences are {', '.join(known)}",
        do=f"use {near[0]!r}" if near else "use one of these names",
    )
