"""Whether there is a drop: what the differences good less bad allow to be said."""

import math

import numpy as np
import pytest

from whydrop.explain import gap

LARGE = [5.0, 5.6, 4.7, 5.2, 5.1]


def standing(drops, *, min_effect=1.0, alpha=0.05, tried=None):
    looks = gap.looks().at(drops)
    tried = len(drops) if tried is None else tried
    return gap.standing(drops, looks, alpha=alpha, min_effect=min_effect, tried=tried)


def test_a_clear_drop_is_confirmed():
    assert standing(LARGE) == "confirmed"


def test_a_drop_that_is_surely_below_the_smallest_of_interest_is_not_reproduced():
    assert standing([0.1, -0.2, 0.05, 0.0, -0.1]) == "not reproduced"


def test_a_bad_run_that_is_better_is_no_drop():
    assert standing([-drop for drop in LARGE]) == "not reproduced"


def test_a_drop_that_is_sure_but_small_is_confirmed():
    assert standing([0.50, 0.52, 0.49, 0.51, 0.5]) == "confirmed"


def test_a_drop_that_may_be_chance_stays_open_until_the_pairs_are_spent():
    drops = [6.0, -3.0, 4.0, -1.0, 5.0]
    assert standing(drops) == "open"
    assert standing(drops, tried=2 * gap.MOST_PAIRS) == "undecided"
    assert standing(drops * 6) in ("undecided", "confirmed")
    assert standing([9.0, -9.0] * (gap.MOST_PAIRS // 2)) == "undecided"


def test_equal_differences_tell_nothing_of_chance():
    assert standing([2.5, 2.5, 2.5]) == "no noise"
    assert standing([0.0] * 6) == "no noise"


def test_equal_differences_of_scores_that_move_are_looked_at_longer():
    looks = gap.looks().at([2.5] * 3, step=0.5)
    settings = {"alpha": 0.05, "min_effect": 1.0, "tried": 3}
    assert gap.standing([2.5] * 3, looks, **settings, constant=False) == "confirmed"
    assert gap.standing([2.5] * 8, looks, **settings, constant=False) == "no noise"


@pytest.mark.parametrize("drops", [[], [9.0], [9.0, 9.0]])
def test_fewer_than_three_pairs_say_nothing(drops):
    assert standing(drops) == "open"


def test_a_stricter_level_confirms_no_sooner():
    rng = np.random.default_rng(0)
    for _ in range(200):
        drops = (1.0 + rng.standard_normal(int(rng.integers(3, 12)))).tolist()
        if standing(drops, alpha=0.01) == "confirmed":
            assert standing(drops, alpha=0.05) == "confirmed"


def studied(rng, mean: float, sd: float, *, alpha: float, min_effect: float):
    """Return what a check of simulated differences says at its end, and its bounds."""
    drops, looks, said = [], gap.looks(), "open"
    while said == "open":
        more = 1 if drops else gap.FIRST_PAIRS
        drops += (mean + sd * rng.standard_normal(more)).tolist()
        looks = looks.at(drops)
        said = gap.standing(drops, looks, alpha=alpha, min_effect=min_effect, tried=len(drops))
    return said, gap.bounds(looks, said, alpha)


@pytest.mark.parametrize(("mean", "sd"), [(1.0, 2.0), (0.0, 1.0), (0.5, 0.6), (1.0, 0.3)])
def test_claims_are_wrong_and_bounds_miss_no_more_often_than_alpha(mean, sd):
    rng, alpha, n = np.random.default_rng(7), 0.05, 500
    ended = [studied(rng, mean, sd, alpha=alpha, min_effect=1.0) for _ in range(n)]
    most = alpha + 3 * math.sqrt(alpha * (1 - alpha) / n)
    assert sum(mean not in bounds for _, bounds in ended) / n <= most
    if mean == 0.0:
        assert sum(said == "confirmed" for said, _ in ended) / n <= most
    if mean == 1.0:
        assert sum(said == "not reproduced" for said, _ in ended) / n <= most
