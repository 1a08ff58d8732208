"""The factors of an answer: their order, and what is said of each."""

import math
from dataclasses import replace

from tests.fixtures.results import by_hand, either_hurts

from whydrop.report.factor_rows import cautions, ordered, still_possible


def test_named_factors_come_first_then_the_likely_then_the_untestable():
    order = [(row.verdict, row.suspect) for row in ordered(either_hurts().factors)]
    assert order == [
        ("culprit", False),
        ("culprit", False),
        ("helps", False),
        ("no effect shown", True),
        ("untestable", False),
    ]


def test_the_largest_possible_loss_is_never_rounded_down():
    row = by_hand().factors[3]
    assert still_possible(row, 1) == "at most 0.3 lost"
    assert still_possible(replace(row, largest_possible=0.3), 1) == "at most 0.3 lost"
    assert still_possible(replace(row, largest_possible=math.inf), 1) == "any loss possible"
    assert still_possible(replace(row, verdict="culprit"), 1) == ""


def test_a_skewed_effect_is_shown_with_its_median():
    row = replace(by_hand().factors[0], skewed=True, median=-0.4)
    assert cautions(row, 1) == [
        "one seed makes most of the effect (median -0.4); its interval is not to be trusted"
    ]
