"""Which arms the screen runs next, and when it has seen enough."""

import numpy as np
import pytest

from whydrop.explain import screen
from whydrop.stats.explanations import Explanations, Terms


def beliefs_of(k: int, drop, *, seed: int = 0, more: int = 12, sd: float = 1.0) -> Explanations:
    rng = np.random.default_rng(seed)
    bad = (1 << k) - 1
    scores: dict[int, list[float]] = {}
    for arm in [0, bad] * 3 + [int(a) for a in rng.integers(1, bad, more)]:
        scores.setdefault(arm, []).append(80 - drop(arm) + sd * float(rng.standard_normal()))
    return Explanations(Terms.of(k), scores)


def anything(arm: int) -> bool:
    return True


def third(arm: int) -> float:
    return 8.0 * (arm >> 2 & 1)


def test_a_sharp_belief_is_verified_and_a_vague_one_is_screened_on():
    sharp = beliefs_of(5, third)
    assert screen.suspects(sharp, used=12, spent=False) == 0b100
    vague = beliefs_of(5, third, more=0)
    assert screen.suspects(vague, used=0, spent=False) is None


def test_when_the_budget_is_spent_the_likeliest_are_verified():
    vague = beliefs_of(5, third, more=0)
    found = screen.suspects(vague, used=30, spent=True)
    assert 1 <= found.bit_count() <= screen.MOST_SUSPECTS
    assert found < 1 << 5


@pytest.mark.parametrize("k", [2, 5, 9, 20])
def test_candidates_are_arms_that_may_run_and_are_neither_good_nor_bad(k):
    forbidden = {1, 2}
    random = np.random.default_rng(0)
    arms = screen.candidates(
        beliefs_of(k, lambda arm: 8.0 * (arm & 1)), random, lambda arm: arm not in forbidden
    )
    assert len(arms) == len(set(arms))
    assert not set(arms) & {0, (1 << k) - 1, *forbidden}
    assert all(0 < arm < (1 << k) - 1 for arm in arms)


def test_few_factors_have_all_arms_as_candidates():
    arms = screen.candidates(beliefs_of(4, third), np.random.default_rng(0), anything)
    assert arms == list(range(1, 15))


def test_the_first_arm_is_the_one_that_tells_most_of_the_explanation():
    beliefs = beliefs_of(4, third, more=1)
    arms = list(range(1, 15))
    mean, var = beliefs.predict(arms)
    average = beliefs.p @ mean
    between = beliefs.p @ (mean - average) ** 2
    noise = beliefs.noise * beliefs.seen.variance_factor(average) + beliefs.p @ var
    (best,) = screen.next_arms(beliefs, arms, 1)
    assert best == arms[int(np.argmax(between / noise))]


def test_a_batch_does_not_ask_twice_what_one_answer_tells():
    beliefs = beliefs_of(4, third, more=0, sd=0.3)
    batch = screen.next_arms(beliefs, list(range(1, 15)), 4)
    assert len(batch) == len(set(batch)) == 4
    assert screen.next_arms(beliefs, [], 4) == ()


def test_a_later_attempt_has_half_the_screen():
    for k in (2, 10, 20):
        assert screen.budget(k, 1) == screen.budget(k, 2) == screen.budget(k, 0) // 2
