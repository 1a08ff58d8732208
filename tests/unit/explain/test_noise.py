"""Good against itself: how much it moves, and whether the seed has a say."""

import math
import random

from whydrop.explain.noise import GoodAgainstItself
from whydrop.explain.settings import Settings
from whydrop.stats.spread import spread


def finished(score, max_trials: int = 12):
    design = GoodAgainstItself(Settings(max_trials=max_trials, wave=3))
    while not design.done:
        design.tell([score(ask.seed) for ask in design.propose()])
    return design


def test_a_seeded_program_obeys_its_seed():
    found = spread(finished(lambda seed: random.Random(seed).gauss(90, 1)).runs)
    assert found.seed_use == "obeyed"
    assert (found.seeds, found.repeat_difference) == (10, 0.0)
    assert found.low < found.sigma < found.high


def test_one_result_for_every_seed_means_the_seed_is_ignored():
    found = spread(finished(lambda seed: 91.0).runs)
    assert found.seed_use == "ignored"
    assert found.sigma == 0.0
    assert math.isnan(found.low)


def test_a_seed_that_gives_two_results_is_not_reproducible():
    rng = random.Random(1)
    found = spread(finished(lambda seed: rng.gauss(90, 1)).runs)
    assert found.seed_use == "not reproducible"
    assert found.repeat_difference > 0


def test_failures_leave_the_rest_to_be_judged():
    found = spread(finished(lambda seed: math.nan if seed == 4 else float(seed)).runs)
    assert found.seeds == 9


def test_a_program_that_always_fails_is_not_run_to_the_end():
    design = finished(lambda seed: math.nan)
    assert len(design.runs) == 3
    assert spread(design.runs).seed_use == "unknown"


def test_the_budget_is_kept_to_the_trial():
    assert [len(finished(float, n).runs) for n in (3, 5, 12, 40)] == [3, 5, 12, 40]


def test_a_repeat_comes_among_the_first_three_trials():
    asks = GoodAgainstItself(Settings(max_trials=12, wave=3)).propose()
    assert [ask.seed for ask in asks] == [1, 2, 1]


def test_more_budget_adds_seeds():
    design = finished(float, 6)
    design.extend(9)
    assert not design.done
    assert [ask.seed for ask in design.propose()] == [5, 6, 7]
