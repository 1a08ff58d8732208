"""Prior shift: the distance of class shares, by its definitions."""

from itertools import combinations, permutations
from math import log

import numpy as np
import pytest

from whydrop.augment.expansion.shift import prior_shift

COUNTS, REFERENCE = [10, 30, 25, 5], [20, 20, 5, 25]


def test_total_variation_is_the_largest_difference_in_the_probability_of_any_event():
    p, q = (np.array(n) / sum(n) for n in (COUNTS, REFERENCE))
    events = [list(some) for size in range(5) for some in combinations(range(4), size)]
    largest = max(abs(p[event].sum() - q[event].sum()) for event in events)
    assert prior_shift(COUNTS, REFERENCE).total_variation == pytest.approx(largest, abs=1e-15)


def test_log_odds_shift_is_the_largest_over_all_pairs_of_classes():
    def change(a, b):
        return log(COUNTS[a] / COUNTS[b]) - log(REFERENCE[a] / REFERENCE[b])

    pair = max(permutations(range(4), 2), key=lambda pair: change(*pair))
    shift = prior_shift(COUNTS, REFERENCE)
    assert (shift.more, shift.fewer) == pair
    assert shift.log_odds == pytest.approx(change(*pair), abs=1e-12)


def test_equal_shares_do_not_shift_whatever_the_sizes():
    shift = prior_shift([3, 6, 9], [10, 20, 30])
    assert shift.total_variation == pytest.approx(0, abs=1e-15)
    assert shift.log_odds == pytest.approx(0, abs=1e-12)


def test_a_class_that_one_set_lacks_counts_for_variation_and_has_no_odds():
    shift = prior_shift([50, 50, 0], [40, 40, 20])
    assert shift.total_variation == pytest.approx(0.2)
    assert shift.log_odds == pytest.approx(0, abs=1e-12)


def test_the_shift_is_that_of_the_best_classifier():
    # Two classes of Gaussian features: the shares at which each class is as likely.
    x, means = 0.3, (-1.0, 1.0)

    def posterior_log_odds(shares):
        likelihood = [np.exp(-((x - mean) ** 2) / 2) for mean in means]
        return log(likelihood[1] * shares[1]) - log(likelihood[0] * shares[0])

    moved = posterior_log_odds([0.5, 0.5]) - posterior_log_odds([0.8, 0.2])
    assert prior_shift([50, 50], [80, 20]).log_odds == pytest.approx(moved)
