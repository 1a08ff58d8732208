"""Combinations that the user says cannot run."""

from collections.abc import Iterable, Iterator, Sequence

from whydrop.core.errors import UsageError
from whydrop.core.factor import Arm, Factor, arm_of, members, names_of
from whydrop.explain.failures import Constraint
from whydrop.explain.sources.grouping import joined, leaves_of, listed, position_of


def forbidden(combinations: Iterable[str], factors: Sequence[Factor]) -> tuple[Constraint, ...]:
    """Return what may not be tried, by names separated by commas; ``!name`` is a factor off.

    ``"a,!b"`` forbids a as in bad while b is as in good. What cannot be tried anyway, since a and
    b switch together, is left out.

    Raises:
        UsageError: an unknown name, or a combination that the good or the bad run itself has.
    """
    return tuple(rule for rule in _rules(combinations, factors) if not rule.on & rule.off)


def told_apart(combinations: Sequence[str], factors: Sequence[Factor]) -> tuple[Factor, ...]:
    """Return the factors, as one those of which no trial that is allowed has only a part.

    After ``"a,!b"`` and ``"b,!a"`` the two are always on or off together, so nothing can tell
    which of them costs what.

    Raises:
        UsageError: as ``forbidden``.
    """
    rules = forbidden(combinations, factors)
    needed = [_needed(position, rules) for position in range(len(factors))]
    for position, arm in enumerate(needed):
        together = [other for other in members(arm) if needed[other] >> position & 1]
        if len(together) > 1:
            merged = joined(factors, [factors[other] for other in together])
            return told_apart(combinations, merged)  # which may tie more of them
    return tuple(factors)


def never_parted(combinations: Iterable[str], factors: Sequence[Factor]) -> tuple[str, ...]:
    """Return the names of the factors that hold a forbidden combination inside them."""
    held = 0
    for rule in _rules(combinations, factors):
        held |= rule.on & rule.off
    return names_of(held, factors)


def _needed(position: int, rules: Sequence[Constraint]) -> Arm:
    """Return which factors are on in every arm that has one of them on."""
    arm: Arm = 1 << position
    while True:
        forced = [r.off for r in rules if arm & r.on == r.on and r.off.bit_count() == 1]
        grown = arm
        for other in forced:
            grown |= other
        if grown == arm:
            return arm
        arm = grown


def _rules(combinations: Iterable[str], factors: Sequence[Factor]) -> Iterator[Constraint]:
    return (_rule(combination, factors) for combination in combinations)


def _rule(combination: str, factors: Sequence[Factor]) -> Constraint:
    """Return what a combination forbids; nothing, if a factor is in both of its halves."""
    names = listed(combination, factors)
    on = [name for name in names if not name.startswith("!")]
    off = [name.removeprefix("!") for name in names if name.startswith("!")]
    rule = Constraint(*(arm_of([position_of(n, factors) for n in side]) for side in (on, off)))
    where = f"--forbid {combination!r}"
    both = [{leaf.path for n in side for leaf in leaves_of(n, factors)} for side in (on, off)]
    if not names or both[0] & both[1]:
        raise UsageError("this combination can never occur", where=where, do="leave it out")
    for side, arm in (("bad", (1 << len(factors)) - 1), ("good", 0)):
        if rule.rules_out(arm):
            raise UsageError(
                f"the {side} run itself is this combination: {_described(rule, factors)}",
                where=where,
                do="mark what must be as in the good run by '!', such as --forbid 'a,!b'",
            )
    return rule


def _described(rule: Constraint, factors: Sequence[Factor]) -> str:
    on, off = names_of(rule.on, factors), names_of(rule.off, factors)
    return " and ".join([*(f"{name} on" for name in on), *(f"{name} off" for name in off)])
