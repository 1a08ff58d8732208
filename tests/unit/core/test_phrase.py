"""Numbers and names as a sentence has them."""

import math

import pytest

from whydrop.core.phrase import limit, listed, number, plus_minus


def test_zero_has_no_sign_and_what_is_no_number_is_said():
    assert [number(value, 1) for value in (-0.04, 0.04, -0.06)] == ["0.0", "0.0", "-0.1"]
    assert [number(value, 1) for value in (math.nan, math.inf, -math.inf)] == ["?", "∞", "-∞"]
    assert number(-1234567.0, 0) == "-1,234,567"


@pytest.mark.parametrize(
    ("value", "digits", "shown"),
    [
        (0.41, 1, "0.5"),
        (0.1 + 0.2, 1, "0.3"),
        (0.0123, 3, "0.013"),
        (12.0, 0, "12"),
        (-1, 1, "0.0"),
        (math.inf, 1, "∞"),
    ],
)
def test_a_limit_is_never_told_smaller_than_it_is(value, digits, shown):
    assert limit(value, digits) == shown


def test_an_interval_is_told_as_plus_or_minus_only_where_both_sides_agree():
    assert plus_minus(2.9, 2.3, 3.5, 1) == "2.9 ± 0.6"
    assert plus_minus(2.9, 2.28, 3.54, 1) == "2.9 ± 0.6"
    assert plus_minus(2.9, 1.9, 3.2, 1) == ""
    assert plus_minus(2.9, -math.inf, 3.2, 1) == ""
    assert plus_minus(math.nan, 2.3, 3.5, 1) == ""


def test_the_last_name_is_joined_by_a_word():
    assert listed(()) == ""
    assert listed(["a"]) == "a"
    assert listed(["a", "b"], "or") == "a or b"
    assert listed(["a", "b", "c"]) == "a, b and c"
