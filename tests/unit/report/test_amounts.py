"""Numbers as text."""

import math
from dataclasses import replace

import pytest
from tests.fixtures.results import by_hand, explained

from whydrop.core.metric import Metric
from whydrop.report.amounts import decimals, give_or_take, shared_decimals, signed

POINTS = Metric("acc", unit="points")
LOSS = Metric("loss", minimize=True, unit="raw")


@pytest.mark.parametrize(
    ("metric", "half", "digits"),
    [
        (POINTS, 6.0, 1),
        (POINTS, 0.5, 1),
        (POINTS, 0.1, 1),
        (POINTS, 0.05, 2),
        # The Particle Data Group's own examples: 0.827 +- 0.119 is 0.83 +- 0.12,
        # and 0.827 +- 0.367 is 0.8 +- 0.4.
        (LOSS, 0.119, 2),
        (LOSS, 0.367, 1),
        (LOSS, 15.0, 0),
        (LOSS, 0.0012, 4),
    ],
)
def test_decimals_follow_the_width_of_the_interval(metric, half, digits):
    assert decimals(metric, -half, half) == digits


def test_without_bounds_a_number_keeps_three_digits():
    assert decimals(LOSS, -math.inf, math.inf, 0.0123) == 4
    assert decimals(LOSS, -math.inf, math.inf, 123.4) == 0
    assert decimals(POINTS, -math.inf, math.inf, 71.2345) == 1
    assert decimals(LOSS, -math.inf, math.inf, 0.0) == 1


def test_zero_has_no_sign():
    assert signed(-0.04, 1) == "0.0"
    assert signed(0.04, 1) == "0.0"
    assert signed(0.06, 1) == "+0.1"
    assert signed(math.inf, 1) == "+∞"


def test_half_widths_are_given_only_where_both_sides_agree():
    assert give_or_take(2.9, 2.3, 3.5, 1) == "2.9 ± 0.6"
    assert give_or_take(2.9, 1.9, 3.2, 1) == "2.9 (1.9 to 3.2)"
    assert give_or_take(2.9, -math.inf, 3.2, 1) == "2.9 [-∞, +3.2]"


def test_a_bound_of_what_is_named_never_looks_like_zero():
    result = explained()
    named = [row for row in result.factors if row.verdict == "culprit"]
    near = replace(named[0], high=-0.03)
    rows = tuple(near if row is named[0] else row for row in result.factors)
    assert shared_decimals(result) == 1
    assert shared_decimals(replace(result, factors=rows)) == 2


def test_a_gap_that_is_known_badly_hides_no_digit_of_its_causes():
    effect = replace(by_hand().culprits[0], value=-4.07, low=-6.14, high=-2.46)
    study = replace(by_hand().study, metric=Metric("top1", unit="raw"))
    rows = tuple(row for row in by_hand().factors if row.verdict == "no effect shown")
    result = replace(by_hand(), study=study, culprits=(effect,), factors=rows)
    vague = replace(result, gap=replace(result.gap, low=-28.0, high=-1.5))
    assert shared_decimals(result) == shared_decimals(vague) == 1
