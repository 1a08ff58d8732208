"""What pairs of scores show."""

import math

import pytest

from whydrop.stats.paired import EQUAL_PAIRS, correlation, judge

MARGIN = 0.5


def test_worse_can_hold_while_the_gate_is_open():
    pairs = [(90.0, 89.6 + 0.05 * (i % 3)) for i in range(12)]
    found = judge(pairs, alpha=0.05, margin=0.45, gate=True)
    assert (found.verdict, found.gate) == ("equal", "passed")
    found = judge(pairs, alpha=0.05, margin=0.36, gate=True)
    assert (found.verdict, found.gate) == ("worse", "open")


def test_identical_results_count_only_after_several_pairs():
    pairs = [(99.5, 99.5)] * (EQUAL_PAIRS - 1)
    assert judge(pairs, alpha=0.05, margin=MARGIN).verdict == "cannot tell"
    assert judge([*pairs, (99.5, 99.5)], alpha=0.05, margin=MARGIN).verdict == "equal"


def test_a_few_equal_counts_prove_nothing_finer_than_a_count():
    pairs = [(98.0, 98.0), (97.0, 97.0), (98.0, 98.0), (99.0, 99.0)]  # a test set of 100 items
    assert judge(pairs, alpha=0.05, margin=0.2).verdict == "cannot tell"


def test_the_forecast_comes_true_when_the_noise_is_as_it_was():
    pairs = [(90.0, 90.5 if i % 2 else 89.5) for i in range(400)]
    forecast = judge(pairs[:20], alpha=0.05, margin=0.2).pairs_needed
    decided = next(
        n for n in range(3, 400) if judge(pairs[:n], alpha=0.05, margin=0.2).verdict == "equal"
    )
    assert decided == pytest.approx(forecast, rel=0.05)


def test_correlation_agrees_with_the_textbook():
    # Deviations (-1.5 -.5 .5 1.5) and (-1 -1 1 1): covariance 4, squares 5 and 4.
    assert correlation([(1, 0), (2, 0), (3, 2), (4, 2)]) == pytest.approx(4 / math.sqrt(5 * 4))
    assert math.isnan(correlation([(1, 2), (2, 3), (3, 3)]))
