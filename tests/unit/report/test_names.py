"""Factors, levels and arms by name."""

import pytest

from whydrop.core.factor import ABSENT, Factor
from whydrop.report.names import arm_numbers, arm_words, levels, shortened


def test_an_arm_is_told_by_what_is_fewer():
    factors = [Factor(name, 0, 1) for name in "abcd"]
    said = [arm_words(arm, factors) for arm in (0, 0b1111, 0b0001, 0b0011, 0b1110)]
    assert said == ["good", "bad", "good with a", "good with a and b", "bad without a"]
    assert arm_numbers(0b0101, factors) == "good with #1, #3"
    assert arm_numbers(0b1101, factors) == "bad without #2"


@pytest.mark.parametrize(
    ("off", "on", "shown"),
    [
        (ABSENT, True, ("(absent)", "true")),
        (None, "none", ("null", "none")),
        (True, "true", ("true", '"true"')),
        ("", " ", ('""', '" "')),
        ([1, 2], {"a": 0.5}, ("[1, 2]", "a: 0.5")),
        (
            {"optimizer.name": "sgd", "optimizer.momentum": 0.9},
            {"optimizer.name": "adam"},
            ("name: sgd, momentum: 0.9", "name: adam"),
        ),
        ({"a.b": 1}, {"a.b": "1"}, ('{"a.b": 1}', '{"a.b": "1"}')),
        ("\x1b[31m", "x", (r"\x1b[31m", "x")),
    ],
)
def test_levels_are_told_apart(off, on, shown):
    assert levels(off, on) == shown


def test_both_ends_of_a_long_text_are_kept():
    assert shortened("a" * 40 + "b" * 40, 9) == "aaaa…bbbb"
    assert shortened("abcdefghi", 9) == "abcdefghi"
