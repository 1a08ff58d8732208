"""What the user says cannot run."""

import pytest

from whydrop.core.errors import UsageError
from whydrop.explain.constraints import forbidden
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
