"""What the user says cannot run."""

import pytest

from whydrop.core.errors import UsageError
from whydrop.explain.constraints import forbidden, never_parted, told_apart
from whydrop.explain.sources import values

FACTORS = values.factors({}, {"a": 1, "b": 1, "c": 1, "o": {"x": 1}})


def test_a_combination_rules_out_the_arms_that_have_it() -> None:
    (constraint,) = forbidden(["a, !b"], FACTORS)
    ruled_out = [arm for arm in range(8) if constraint.rules_out(arm)]
    assert ruled_out == [0b001, 0b101]


def test_several_combinations_are_several_constraints() -> None:
    assert [(c.on, c.off) for c in forbidden(["a,b,!c", "!a,c"], FACTORS)] == [(3, 4), (4, 1)]


@pytest.mark.parametrize(
    ("combination", "what"),
    [
        ("a,b", "the bad run itself is this combination: a on and b on"),
        ("!a,!b", "the good run itself is this combination: a off and b off"),
        ("a,!a", "can never occur"),
        ("", "can never occur"),
        ("a,!z", "no difference is named 'z'"),
    ],
)
def test_a_combination_that_makes_no_sense_is_refused(combination: str, what: str) -> None:
    with pytest.raises(UsageError, match=what):
        forbidden([combination], FACTORS)


def arms_allowed(combinations, factors) -> int:
    rules = forbidden(combinations, factors)
    arms = range(1 << len(factors))
    return sum(not any(rule.rules_out(arm) for rule in rules) for arm in arms)


@pytest.mark.parametrize(
    ("combinations", "names"),
    [
        ([], ["a", "b", "c", "o"]),
        (["a,!b"], ["a", "b", "c", "o"]),
        (["a,!c", "c,!a"], ["a+c", "b", "o"]),
        (["a,!b", "b,!c", "c,!a"], ["a+b+c", "o"]),
        (["a,!b", "b,!a", "c,!o", "o,!c"], ["a+b", "c+o"]),
        (["a,!b", "a,b,!c", "c,!a"], ["a+c", "b", "o"]),  # b may be on alone
        (["b,!c", "c,!b", "a,!b,!c", "c,!a"], ["a+b+c", "o"]),  # since b and c are one
    ],
)
def test_what_can_only_run_together_is_one_factor(combinations, names) -> None:
    told = told_apart(combinations, FACTORS)
    assert [factor.name for factor in told] == names
    assert arms_allowed(combinations, told) == arms_allowed(combinations, FACTORS)


def test_a_combination_inside_one_factor_needs_no_rule() -> None:
    both = ["a,!b", "b,!a"]
    told = told_apart(both, FACTORS)
    assert forbidden(both, told) == ()
    assert never_parted(both, told) == ("a+b",)
    assert never_parted(["a,!b"], FACTORS) == ()
