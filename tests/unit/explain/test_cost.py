"""What a study will cost: laws of the forecast, and the forecast against studies."""

import math
from statistics import fmean

import pytest
from tests.fixtures.planted import Loss, Planted, finished

from whydrop.explain.cost import expected_trials, smallest_provable
from whydrop.explain.design import Design
from whydrop.explain.settings import Settings


@pytest.mark.parametrize("k", [1, 3, 10, 25])
def test_larger_drops_and_fewer_factors_cost_less(k):
    assert expected_trials(k, 8.0) < expected_trials(k, 3.0)
    assert expected_trials(k, 4.0) <= expected_trials(k + 1, 4.0)
    assert expected_trials(k, 4.0) < expected_trials(k, 4.0, alpha=0.001)


@pytest.mark.parametrize("k", [1, 10])
@pytest.mark.parametrize("budget", [40, 150, 1000])
def test_the_smallest_provable_drop_costs_just_the_budget(k, budget):
    drop = smallest_provable(k, budget)
    assert expected_trials(k, drop) == pytest.approx(budget, rel=0.01)


def test_a_budget_below_any_study_proves_nothing():
    assert smallest_provable(10, 5) == math.inf
    assert smallest_provable(10, 400) < smallest_provable(10, 100)


@pytest.mark.parametrize(("k", "gap"), [(4, 6.0), (8, 8.0)])
def test_the_forecast_is_near_the_trials_of_studies_with_one_culprit(k, gap):
    spent = [
        len(finished(Planted(k, [Loss((1,), gap)], number=n), k, seed=n).history) for n in range(12)
    ]
    assert fmean(spent) == pytest.approx(expected_trials(k, gap), rel=0.4)


def test_trials_left_are_within_the_budget_and_none_when_done():
    world = Planted(5, [Loss((1,), 8.0)])
    design = Design(5, Settings(min_effect=1.0, max_trials=60))
    while not design.done:
        assert 0 <= design.standing().trials_left <= design.left
        design.tell([world(ask) for ask in design.propose()])
    assert design.standing().trials_left == 0
