"""Attempts: which factors were tested and how, as it was fixed before the first trial of a test.

The plan of a result is JSON of whoever made it: what does not have the expected form is left out
here, and the page shows it as it is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from whydrop.core.phrase import number
from whydrop.core.result import Result
from whydrop.report.amounts import count
from whydrop.report.factor_rows import others_on
from whydrop.report.names import listing
from whydrop.report.visible import visible

CONTEXTS_SHOWN = 4
CONTEXT_LIMIT = 160  # characters of what else was on; then it is counted


@dataclass(frozen=True)
class Tested:
    """Factors that were tested alike.

    Attributes:
        expected: "hurts" or "helps".
        contexts: what else was on, one text a context.
        planned: independent differences that the plan reckoned with, for each.
    """

    factors: tuple[str, ...]
    expected: str
    contexts: tuple[str, ...]
    planned: str


@dataclass(frozen=True)
class Attempt:
    """One attempt to prove suspects: what its tests have in common, and the tests."""

    sentence: str
    tests: tuple[Tested, ...]


def attempts(result: Result) -> tuple[Attempt, ...]:
    """Return the attempts of a study in their order; none where its plan tells of none."""
    frozen = result.plan.get("frozen")
    if not isinstance(frozen, Sequence) or isinstance(frozen, str):
        return ()
    before = set[str]()
    try:
        return tuple(_attempt(each, before, len(result.factors)) for each in frozen)
    except (AttributeError, KeyError, OverflowError, TypeError, ValueError):
        return ()


def _attempt(told: Mapping[str, Any], before: set[str], factors: int) -> Attempt:
    """Return one attempt; what was tested ``before`` gains what is tested in it."""
    contrasts = told["contrasts"]
    tested = [str(contrast["factor"]) for contrast in contrasts]
    parts = [
        f"{count(len(tested), 'factor')} tested by {visible(str(told['kind']))}",
        f"the chance of any false name is at most {100 * float(told['level']):.3g} %",
    ]
    left_out = [str(name) for name in told["suspects"] if name not in tested]
    again = [name for name in left_out if name in before]
    never = [name for name in left_out if name not in before]
    parts += [f"not tested again: {listing(again)}"] if again else []
    parts += [f"could not be tested: {listing(never)}"] if never else []
    before.update(tested)
    return Attempt("; ".join(parts), _tests(contrasts, factors))


def _tests(contrasts: Sequence[Mapping[str, Any]], factors: int) -> tuple[Tested, ...]:
    alike: dict[tuple[str, tuple[str, ...], str], list[str]] = {}
    for contrast in contrasts:
        contexts = [[str(name) for name in context] for context in contrast["contexts"]]
        planned = number(float(contrast["planned_units"]), 0)
        how = visible(str(contrast["direction"])), _contexts(contexts, factors), planned
        alike.setdefault(how, []).append(visible(str(contrast["factor"])))
    return tuple(Tested(tuple(names), *how) for how, names in alike.items())


def _contexts(contexts: Sequence[Sequence[str]], factors: int) -> tuple[str, ...]:
    if not contexts:
        return ("the others on or off at random",)
    if len(contexts) > CONTEXTS_SHOWN:
        return (f"{len(contexts)} settings of the others",)
    return tuple(_context(context, factors) for context in contexts)


def _context(context: Sequence[str], factors: int) -> str:
    shown = others_on(context, factors)
    return shown if len(shown) <= CONTEXT_LIMIT else f"{count(len(context), 'other')} on"
