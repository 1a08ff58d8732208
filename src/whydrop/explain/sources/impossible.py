"""Arms of two recipes that make no sense, told before any of them is tried."""

from collections.abc import Iterator, Sequence
from itertools import combinations

from pydantic import ValidationError

from whydrop.core.factor import Arm, Factor, arm_of, members
from whydrop.explain.failures import Constraint
from whydrop.explain.sources.grouping import paths_of
from whydrop.explain.sources.recipes import RecipePair, mixed
from whydrop.training.recipes.combinations import COMBINATIONS, Impossible
from whydrop.training.recipes.schema import Recipe

MOST = 10  # factors that one kind of combination is looked for in: 1,024 recipes


def impossible(pair: RecipePair, factors: Sequence[Factor]) -> tuple[tuple[str, str], ...]:
    """Return what may not be tried, each as names for ``--forbid`` with the reason.

    Args:
        pair: the two recipes.
        factors: of them, those that are studied.
    """
    found: dict[str, str] = {}
    for kind in (*COMBINATIONS, *_UNREADABLE):
        among = [i for i, factor in enumerate(factors) if _depends(kind, factor)]
        if 2 <= len(among) <= MOST:
            for rule, what in _rules(kind, pair, factors, among):
                names = [factors[i].name for i in members(rule.on)]
                names += [f"!{factors[i].name}" for i in members(rule.off)]
                found.setdefault(",".join(names), what)
    return tuple(found.items())


def _rules(
    kind: Impossible, pair: RecipePair, factors: Sequence[Factor], among: Sequence[int]
) -> Iterator[tuple[Constraint, str]]:
    """Yield the smallest combinations of levels all of whose arms are impossible."""
    wrong: dict[Arm, str] = {}
    for count in range(1, len(among)):
        for chosen in combinations(among, count):
            arm = arm_of(chosen)
            what = _wrong(kind, mixed(pair.good, pair.bad, paths_of(arm, factors)))
            if what:
                wrong[arm] = what
    for rule in smallest(set(wrong), arm_of(among)):
        yield rule, next(what for arm, what in wrong.items() if rule.rules_out(arm))


def smallest(arms: set[Arm], among: Arm) -> list[Constraint]:
    """Return the smallest constraints that rule out these arms and no others.

    Args:
        arms: of the factors of ``among``.
        among: all those factors.

    Example:
        >>> smallest({0b01, 0b11}, 0b11)  # the first factor, whatever the second is
        [Constraint(on=1, off=0)]

    Source: Quine (1952), The problem of simplifying truth functions.
    """
    terms = {(arm, among & ~arm) for arm in arms}  # on, off
    prime: list[tuple[Arm, Arm]] = []
    while terms:
        wider = {
            (on & ~bit, off & ~bit)
            for on, off in terms
            for bit in (1 << i for i in members(on))
            if (on & ~bit, off | bit) in terms
        }
        prime += [
            (on, off)
            for on, off in terms
            if not any((on & ~bit, off & ~bit) in wider for bit in _bits(on | off))
        ]
        terms = wider
    ordered = sorted(prime, key=lambda term: ((term[0] | term[1]).bit_count(), term))
    return [Constraint(on, off) for on, off in ordered]


def _bits(arm: Arm) -> list[Arm]:
    return [1 << i for i in members(arm)]


def _wrong(kind: Impossible, arm: dict[str, object]) -> str:
    try:
        recipe = Recipe.model_validate(arm)
    except ValidationError as error:
        return str(error.errors(include_url=False)[0]["msg"]) if kind in _UNREADABLE else ""
    return kind.found(recipe)


def _depends(kind: Impossible, factor: Factor) -> bool:
    # A second operation of a name is numbered, "JointJitter 2"; to a combination it is the same.
    names = {".".join(str(key).partition(" ")[0] for key in leaf.path) for leaf in factor.leaves}
    return any(
        key == name or key.startswith(f"{name}.") or name.startswith(f"{key}.")
        for name in names
        for key in kind.keys
    )


def _nothing(_: Recipe) -> str:
    return ""


# Values that only exclude each other inside one section: such recipes cannot even be read.
_UNREADABLE: tuple[Impossible, ...] = tuple(
    Impossible((section,), _nothing, "") for section in Recipe.model_fields
)
