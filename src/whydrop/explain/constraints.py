"""Combinations that the user says cannot run."""

from collections.abc import Iterable, Sequence

from whydrop.core.errors import UsageError
from whydrop.core.factor import Factor, arm_of, names_of
from whydrop.explain.failures import Constraint
from whydrop.explain.sources.grouping import listed, position_of


def forbidden(combinations: Iterable[str], factors: Sequence[Factor]) -> tuple[Constraint, ...]:
    """Return what may not be tried, by names separated by commas; ``!name`` is a factor off.

    ``"a,!b"`` forbids a as in bad while b is as in good.

    Raises:
        UsageError: an unknown name, or a combination that the good or the bad run itself has.
    """
    return tuple(_forbidden(combination, factors) for combination in combinations)


def _forbidden(combination: str, factors: Sequence[Factor]) -> Constraint:
    on: list[int] = []
    off: list[int] = []
    for name in listed(combination, factors):
        wanted = name.removeprefix("!")
        (off if wanted != name else on).append(position_of(wanted, factors))
    rule = Constraint(arm_of(on), arm_of(off))
    where = f"--forbid {combination!r}"
    if rule.on & rule.off or not (on or off):
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
