"""Flips in chosen contexts: what is frozen, what is asked for, what counts as a unit."""

import math

import numpy as np
import pytest

from whydrop.core.factor import members
from whydrop.explain import verify
from whydrop.explain.verify import FlipAttempt
from whydrop.stats.explanations import Explanations, Terms

K = 6
BAD = (1 << K) - 1


def beliefs_of(seed: int) -> tuple[Explanations, dict[int, list[float]]]:
    rng = np.random.default_rng(seed)
    terms = [1 << int(rng.integers(K)), int(rng.integers(1, BAD + 1))]
    scores: dict[int, list[float]] = {}
    for arm in [0, BAD] * 3 + [int(a) for a in rng.integers(1, BAD, 10)]:
        drop = sum(6.0 for term in terms if arm & term == term)
        scores.setdefault(arm, []).append(80 - drop + float(rng.standard_normal()))
    return Explanations(Terms.of(K), scores), scores


def free(arm: int) -> bool:
    return True


def frozen(seed: int, *, suspects=None, named=0, allowed=free):
    beliefs, scores = beliefs_of(seed)
    suspects = beliefs.top or 0b11 if suspects is None else suspects
    plan = verify.freeze(beliefs, suspects, named=named, level=0.04, allowed=allowed)
    return plan, scores


def attempt_of(plan, *, known=0) -> FlipAttempt:
    return FlipAttempt(plan, known=known, bad=BAD, last=False, min_effect=0.5, allowed=free)


def arms_of(plan) -> set[int]:
    """Return the arms that the flips of a plan use."""
    contexts = [(c.factor, context) for c in plan.contrasts for context in c.contexts]
    return {arm for factor, context in contexts for arm in (context, context | 1 << factor)}


SUSPECTS = [0b000001, 0b000110, 0b011010, 0b110110]


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("suspects", SUSPECTS)
def test_each_context_is_without_its_factor_and_each_flip_uses_two_arms_of_its_own(seed, suspects):
    plan, _ = frozen(seed, suspects=suspects)
    assert plan.contrasts
    for contrast in plan.contrasts:
        bit = 1 << contrast.factor
        assert suspects & bit
        assert contrast.contexts
        assert all(not context & bit for context in contrast.contexts)
        arms = [arm for context in contrast.contexts for arm in (context, context | bit)]
        assert len(arms) == len(set(arms))
        assert all(0 <= arm <= BAD for arm in arms)


@pytest.mark.parametrize("seed", range(8))
def test_only_arms_that_may_run_are_frozen(seed):
    rng = np.random.default_rng(seed)
    forbidden = {int(a) for a in rng.integers(1, BAD, 25)}
    plan, _ = frozen(seed, suspects=0b001011, allowed=lambda arm: arm not in forbidden)
    for contrast in plan.contrasts:
        for context in contrast.contexts:
            assert not {context, context | 1 << contrast.factor} & forbidden


def test_a_factor_that_may_not_be_switched_gets_no_test():
    plan, _ = frozen(0, suspects=0b11, allowed=lambda arm: not arm & 1)
    assert 0 not in {contrast.factor for contrast in plan.contrasts}


def test_what_is_named_already_is_not_tested_again():
    plan, _ = frozen(1, suspects=0b0111, named=0b0010)
    assert {contrast.factor for contrast in plan.contrasts} == {0, 2}
    assert plan.suspects == 0b0111
    attempt = attempt_of(plan, known=0b0010)
    assert attempt.named == 0b0010


@pytest.mark.parametrize("seed", range(5))
def test_an_attempt_asks_for_no_arm_outside_its_plan(seed):
    plan, scores = frozen(seed)
    attempt = attempt_of(plan)
    rng = np.random.default_rng(seed)
    suspects = plan.suspects
    planned = arms_of(plan)
    seeds = 0
    while rows := attempt.rows(4, 200):
        seeds += len(rows)
        for arms in rows:
            named = attempt.named or suspects
            ends = {0, BAD, named, BAD & ~named}
            assert len(arms) == len(set(arms))
            assert set(arms) <= planned | ends
        attempt.add(
            [{a: 80 - 3.0 * (a & suspects != 0) + rng.standard_normal() for a in r} for r in rows],
            scores,
        )
        assert seeds < 200
    assert seeds


def test_an_attempt_fits_what_is_left():
    plan, _ = frozen(0, suspects=0b11)
    (first, *_) = attempt_of(plan).rows(1, 1000)
    for left in (len(first), 3 * len(first) + 1):
        assert sum(map(len, attempt_of(plan).rows(1000, left))) <= left


def test_a_unit_is_one_flip_on_one_seed():
    plan, scores = frozen(2, suspects=0b000101)
    attempt = attempt_of(plan)
    attempt.rows(1, 1000)
    arms = arms_of(plan)
    rng = np.random.default_rng(0)
    rows = [{arm: float(rng.integers(0, 50)) for arm in arms} for _ in range(3)]
    broken = plan.contrasts[0].contexts[0]
    rows[1][broken] = math.nan
    attempt.add(rows, scores)
    for contrast in plan.contrasts:
        bit = 1 << contrast.factor
        expected = [row[ctx] - row[ctx | bit] for row in rows for ctx in contrast.contexts]
        kept = [unit for unit in expected if not math.isnan(unit)]
        assert attempt.naming.units[contrast.factor] == kept
    assert len(attempt.naming.units[plan.contrasts[0].factor]) < 3 * len(plan.contrasts[0].contexts)


def test_an_effect_that_repeats_is_named_and_one_that_does_not_is_not():
    plan, scores = frozen(3, suspects=0b000011)
    attempt = attempt_of(plan)
    rng = np.random.default_rng(1)
    sign = next(c.sign for c in plan.contrasts if c.factor == 0)

    def score(arm: int) -> float:
        return 80 - 5.0 * sign * (arm & 1) + 0.5 * float(rng.standard_normal())

    while rows := attempt.rows(4, 500):
        attempt.add([{arm: score(arm) for arm in arms} for arms in rows], scores)
    assert members(attempt.named) == (0,)


def test_the_plan_keeps_its_level_and_has_a_price():
    plan, _ = frozen(1, suspects=0b0110)
    assert plan.level == 0.04
    assert 0 < plan.cost < math.inf
    assert all(contrast.planned > 0 for contrast in plan.contrasts)
    nothing = verify.freeze(beliefs_of(0)[0], 0b11, named=0b11, level=0.04, allowed=free)
    assert nothing.contrasts == ()
