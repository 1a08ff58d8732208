"""Laws of every study, whatever its scores: drawn worlds, drawn settings, drawn failures."""

import math
import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.fixtures.planted import Loss, Planted, finished, waves

from whydrop.core.errors import UsageError
from whydrop.explain.design import ATTEMPTS, Ask, Design
from whydrop.explain.failures import Constraint
from whydrop.explain.settings import Settings

GAP = 8.0


class Drawn:
    """Scores without any structure: levels by arm, noise by seed, failures by arm and by chance."""

    def __init__(self, number: int, spread: float, sd: float, failing: float, broken: float):
        self.number, self.spread, self.sd = number, spread, sd
        self.failing, self.broken = failing, broken

    def __call__(self, ask: Ask) -> float:
        level = np.random.default_rng([self.number, ask.arm])
        draw = np.random.default_rng([self.number, ask.arm, ask.seed])
        if level.random() < self.broken or draw.random() < self.failing:
            return math.nan
        return float(
            50 - GAP * (ask.arm != 0) + self.spread * level.normal() + self.sd * draw.normal()
        )


DRAWN = st.builds(
    Drawn,
    number=st.integers(0, 10**6),
    spread=st.sampled_from([0.0, 1.0, 6.0]),
    sd=st.sampled_from([0.0, 0.5, 3.0]),
    failing=st.sampled_from([0.0, 0.1, 0.6]),
    broken=st.sampled_from([0.0, 0.3, 0.9]),
)
K = st.sampled_from([1, 2, 3, 5, 8])
SETTINGS = st.builds(
    Settings,
    min_effect=st.sampled_from([None, 0.5, 4.0]),
    max_trials=st.integers(1, 90),
    wave=st.integers(1, 7),
    seed=st.integers(0, 50),
    interactions=st.sampled_from([1, 2, 3]),
    screen_anyway=st.booleans(),
)


@settings(max_examples=60, deadline=None)
@given(score=DRAWN, k=K, chosen=SETTINGS)
def test_a_study_keeps_its_budget_and_ends(score, k, chosen):
    design = Design(k, chosen)
    asked = 0
    while not design.done:
        wave = design.propose()
        assert wave
        assert design.propose() == wave
        asked += len(wave)
        assert asked <= chosen.max_trials
        for ask in wave:
            assert 0 <= ask.arm < 1 << k
            assert design.failures.allowed(ask.arm)
        design.tell([score(ask) for ask in wave])
    assert design.propose() == ()
    assert design.stopped
    assert len(design.attempts) <= len(ATTEMPTS)
    assert len(design.history) == asked


@settings(max_examples=40, deadline=None)
@given(score=DRAWN, k=K, chosen=SETTINGS)
def test_each_attempt_sees_only_seeds_that_nothing_saw_before(score, k, chosen):
    design = Design(k, chosen)
    purpose: dict[int, tuple[str, int]] = {}
    while not design.done:
        wave, attempt = design.propose(), len(design.attempts)
        for ask in wave:
            begun = (ask.phase, attempt if ask.phase == "verify" else 0)
            assert purpose.setdefault(ask.seed, begun) == begun
        design.tell([score(ask) for ask in wave])


@settings(max_examples=40, deadline=None)
@given(score=DRAWN, k=K, chosen=SETTINGS)
def test_a_trial_is_repeated_only_once_and_only_after_it_failed(score, k, chosen):
    history: dict[tuple[int, int], list[float]] = {}
    for ask, value in finished(score, k, **vars(chosen)).history:
        history.setdefault((ask.arm, ask.seed), []).append(value)
    for values in history.values():
        assert len(values) <= 2
        assert len(values) == 1 or math.isnan(values[0])


@settings(max_examples=25, deadline=None)
@given(score=DRAWN, k=K, chosen=SETTINGS)
def test_proposals_follow_from_the_seed_and_the_scores_alone(score, k, chosen):
    first = finished(score, k, **vars(chosen))
    again = Design(k, chosen)
    told = iter(first.history)
    while not again.done:
        expected = [next(told) for _ in again.propose()]
        assert again.propose() == tuple(ask for ask, _ in expected)
        again.tell([value for _, value in expected])
    assert next(told, None) is None
    assert (again.named, again.stopped) == (first.named, first.stopped)


@settings(max_examples=30, deadline=None)
@given(score=DRAWN, chosen=SETTINGS, pair=st.permutations(range(4)))
def test_declared_constraints_are_never_broken(score, chosen, pair):
    constraints = [Constraint(1 << pair[0], 1 << pair[1]), Constraint(1 << pair[2], 1 << pair[3])]
    design = Design(4, chosen, constraints)
    for wave in waves(design, score):
        assert not any(c.rules_out(ask.arm) for c in constraints for ask in wave)


@settings(max_examples=6, deadline=None)
@given(number=st.integers(0, 10**6), sd=st.sampled_from([0.5, 2.0]), gap=st.floats(4, 20))
def test_whatever_is_named_was_tested_in_the_direction_fixed_before(number, sd, gap):
    world = Planted(6, [Loss((1,), gap), Loss((4,), -gap / 3)], sd=sd, number=number)
    design = finished(world, 6)
    for factor in range(6):
        if design.named >> factor & 1:
            proof = design.proof(factor).naming
            assert proof.contrasts[factor].sign * math.fsum(proof.units[factor]) > 0


def script() -> str:
    return (
        "import hashlib\n"
        "from tests.fixtures.planted import Loss, Planted, finished\n"
        "for k, losses in [(3, [Loss((0, 1), 8)]), (9, [Loss((2,), 5), Loss((7,), 4)])]:\n"
        "    world = Planted(k, losses, failing=0.1)\n"
        "    history = finished(world, k, seed=3).history\n"
        "    print(hashlib.sha256(repr(history).encode()).hexdigest())\n"
    )


def test_proposals_depend_neither_on_the_hash_seed_nor_on_the_process():
    outputs = {
        subprocess.run(
            [sys.executable, "-c", script()],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for hash_seed in ("1", "77")
    }
    assert len(outputs) == 1
    assert len(outputs.pop().split()) == 2


@pytest.mark.parametrize("k", [1, 2, 3, 20])
@pytest.mark.parametrize("reply", [math.nan, 71.5], ids=["all fail", "all equal"])
def test_a_study_in_which_nothing_can_be_learnt_ends_soon(k, reply):
    design = finished(lambda ask: reply, k)
    assert design.stopped == ("failing" if math.isnan(reply) else "no noise")
    assert design.named == 0
    assert len(design.history) <= 12


@pytest.mark.parametrize("k", [1, 2, 20])
def test_scores_that_ignore_their_seed_stop_the_study(k):
    design = finished(lambda ask: 80.0 - 5.0 * (ask.arm != 0), k)
    assert design.stopped == "no noise"


def test_a_study_of_many_factors_with_many_failures_ends():
    world = Planted(20, [Loss((3,), 8.0)], failing=0.5)
    design = finished(world, 20, max_trials=120)
    assert design.stopped
    assert design.named & ~world.harmful == 0


@pytest.mark.parametrize("k", [1, 2, 3, 20])
def test_one_culprit_is_named_whatever_the_number_of_factors(k):
    assert finished(Planted(k, [Loss((k - 1,), GAP)]), k).named == 1 << k - 1


def test_a_factor_that_helps_is_named_with_a_sign_below_zero():
    world = Planted(5, [Loss((0,), 12.0), Loss((3,), -6.0)], sd=0.7, number=1)
    design = finished(world, 5)
    assert design.named == 0b01001
    assert {i: design.proof(i).naming.contrasts[i].sign for i in (0, 3)} == {0: 1, 3: -1}


def test_a_study_with_no_factor_or_the_wrong_number_of_scores_is_refused():
    with pytest.raises(UsageError, match="no difference"):
        Design(0, Settings())
    with pytest.raises(UsageError, match="1 scores for a wave of 6"):
        Design(2, Settings()).tell([1.0])


def test_a_raised_budget_lets_a_study_go_on():
    world = Planted(4, [Loss((1,), GAP)])
    design = Design(4, Settings(min_effect=1.0, max_trials=7))
    design.extend(100)
    for _ in waves(design, world):
        pass
    assert design.named == 0b0010
    assert finished(world, 4, max_trials=7).stopped == "budget"


def test_seeds_of_studies_with_different_seeds_do_not_meet():
    world = Planted(4, [Loss((1,), GAP)])
    used = [{a.seed for a, _ in finished(world, 4, seed=seed).history} for seed in range(4)]
    assert sum(map(len, used)) == len(set.union(*used))


@pytest.mark.parametrize("k", [1, 2])
def test_a_study_ends_when_every_factor_is_named(k):
    for number in range(25):
        world = Planted(k, [Loss((i,), 3.0) for i in range(k)], sd=1.5, failing=0.2, number=number)
        design = finished(world, k, seed=number, min_effect=0.1)
        if design.named == design.bad:
            assert design.stopped in ("settled", "budget")
