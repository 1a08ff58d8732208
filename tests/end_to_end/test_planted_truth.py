"""Planted causes are named exactly, and nothing else is, in studies of a simulated program."""

import pytest
from scipy import stats
from tests.fixtures.planted import Loss, Planted, finished

from whydrop.core.factor import members

K = 8
STUDIES = 20
EXACT = 18
ALPHA = 0.05
GAP = 8.0  # in standard deviations between seeds

TRUTHS = {
    "one": [Loss((2,), GAP)],
    "two": [Loss((1,), 0.55 * GAP), Loss((6,), 0.45 * GAP)],
    "and": [Loss((0, 5), GAP)],
    "or": [Loss((3, 4), GAP, any_of=True)],
}


def studies(losses, *, count=STUDIES, **settings):
    for number in range(count):
        world = Planted(K, losses, failing=0.05, number=number)
        yield world, finished(world, K, seed=number, **settings)


@pytest.fixture(scope="module")
def found():
    return {truth: list(studies(losses)) for truth, losses in TRUTHS.items()}


@pytest.mark.parametrize("truth", TRUTHS)
def test_planted_causes_are_named_exactly(found, truth):
    exact = sum(design.named == world.harmful for world, design in found[truth])
    assert exact >= EXACT


def test_harmless_factors_are_named_no_more_often_than_alpha(found):
    ended = [pair for pairs in found.values() for pair in pairs]
    false = sum(bool(design.named & ~world.harmful) for world, design in ended)
    # More than this happens once in a thousand even when every study errs at alpha.
    assert false <= stats.binom.isf(1e-3, len(ended), ALPHA)


def test_nothing_is_named_where_nothing_was_planted():
    ended = [design for _, design in studies([], count=60)]
    forced = [design for _, design in studies([], screen_anyway=True, max_trials=70)]
    false = sum(design.named != 0 for design in ended + forced)
    assert false <= stats.binom.isf(1e-3, len(ended + forced), ALPHA)
    assert any(design.attempts for design in forced)


def test_intervals_of_what_is_named_hold_the_true_effects(found):
    missed = total = 0
    for world, design in (pair for pairs in found.values() for pair in pairs):
        wrong = False
        for factor in members(design.named):
            naming = design.proof(factor).naming
            bit, contexts = 1 << factor, naming.contrasts[factor].contexts
            if not contexts:  # drawn at random, all equally likely
                contexts = [arm for arm in range(1 << K) if not arm & bit]
            effects = [world.drop(arm | bit) - world.drop(arm) for arm in contexts]
            wrong |= sum(effects) / len(effects) not in naming.interval(factor)
        missed += wrong
        total += design.named != 0
    # Simultaneous over an attempt at no more than alpha; the bound is one chance in a thousand.
    assert missed <= stats.binom.isf(1e-3, total, ALPHA)


def test_an_easy_study_takes_fewer_trials_than_flipping_each_factor_four_times(found):
    trials = sorted(len(design.history) for _, design in found["one"])
    assert trials[STUDIES // 2] < 2 * 4 * K
