"""Comparing two arms: what is said, when it may be said, and what it costs."""

import math
import random

import pytest

from whydrop.core.factor import Factor
from whydrop.core.metric import Metric
from whydrop.core.study import Study
from whydrop.core.trial import Outcome, Trial
from whydrop.explain.compare import PairedComparison, conclude_comparison
from whydrop.explain.settings import Settings

MARGIN = 0.5


def scores_of(effect: float, *, sd: float = 0.3, fail: float = 0.0, seed: int = 0):
    rng = random.Random(seed)

    def score(ask) -> float:
        value = 90 + effect * (ask.arm != 0) + sd * rng.gauss()
        return math.nan if rng.random() < fail else value

    return score


def finished(score, *, max_trials: int = 200, margin: float | None = MARGIN, gate: bool = False):
    design = PairedComparison(Settings(max_trials=max_trials), bad=3, margin=margin, gate=gate)
    while not design.done:
        design.tell([score(ask) for ask in design.propose()])
    return design


@pytest.mark.parametrize(
    ("effect", "verdict"), [(-2, "worse"), (2, "better"), (0, "equal"), (-0.05, "equal")]
)
def test_clear_differences_are_told_apart(effect, verdict):
    assert finished(scores_of(effect)).judgement.verdict == verdict


def test_a_negative_value_is_a_loss():
    found = finished(scores_of(-2)).judgement
    assert found.low < found.value < found.high < 0


@pytest.mark.parametrize(
    ("effect", "state", "verdict"),
    [(-2, "failed", "worse"), (0, "passed", "not worse"), (3, "passed", "better")],
)
def test_a_gate_judges_the_drop_against_its_limit(effect, state, verdict):
    found = finished(scores_of(effect, seed=1), gate=True).judgement
    assert (found.gate, found.verdict) == (state, verdict)


def test_a_gate_stays_open_when_the_budget_ends_first():
    design = finished(scores_of(-MARGIN), max_trials=12, gate=True)
    assert design.judgement.gate == "open"
    assert design.asked == 12
    assert not design.decided


def test_good_and_bad_share_every_seed():
    design = PairedComparison(Settings(wave=5), bad=3, margin=MARGIN)
    wave = design.propose()
    assert [ask.arm for ask in wave] == [0, 3] * 3
    assert [ask.seed for ask in wave[::2]] == [ask.seed for ask in wave[1::2]] == [1, 2, 3]


def test_asking_twice_gives_the_same_wave():
    design = PairedComparison(Settings(), bad=1, margin=MARGIN)
    assert design.propose() == design.propose()
    assert design.asked == 6


def test_two_values_that_differ_for_every_seed_are_told_apart_soon():
    found = finished(lambda ask: 91.25 if ask.arm else 93.5)
    assert found.judgement.verdict == "worse"
    assert found.asked <= 10


def test_pairs_with_a_failure_are_left_out():
    design = finished(scores_of(-2, fail=0.3, seed=4))
    assert design.judgement.verdict == "worse"
    assert design.judgement.pairs == len(design.pairs) < design.asked / 2


def test_an_arm_that_never_runs_stops_the_comparison():
    design = finished(lambda ask: math.nan if ask.arm else 90.0)
    assert design.stuck
    assert design.asked == 6
    assert design.judgement.verdict == "cannot tell"


@pytest.mark.parametrize(
    ("message", "last"),
    [("exit status 1: no data\n  | do: give it", "exit status 1: no data"), ("", "crashed")],
)
def test_a_comparison_with_an_arm_that_never_runs_says_which_and_why(message, last):
    design = PairedComparison(Settings(), bad=3, margin=MARGIN)
    outcomes: list[Outcome] = []
    while not design.done:
        trials = [Trial(n, *ask) for n, ask in enumerate(design.propose(), len(outcomes) + 1)]
        outcomes += [
            Outcome.failed(trial, "crashed", message) if trial.arm else Outcome.measured(trial, 0.9)
            for trial in trials
        ]
        design.tell([math.nan if trial.arm else 90.0 for trial in trials])
    factors = (Factor("lr", 1, 2), Factor("wd", 1, 2))
    found = conclude_comparison(Study(factors, Metric("acc"), tuple(outcomes)), design)
    assert found.sentence == "Bad fails every time: nothing can be compared."
    assert found.trials_needed == 0
    assert found.notes == (f"3 of 3 trials of bad failed and are left out; the last: {last}.",)


def test_the_margin_is_one_percent_of_good_unless_given():
    design = PairedComparison(Settings(), bad=1)
    assert math.isnan(design.margin)
    design.tell([90.0, 80.0, 91.0, 81.0, 92.0, 82.0])
    assert design.margin == pytest.approx(0.9)


def test_more_budget_goes_on_where_less_ended():
    score = scores_of(-0.45)
    design = finished(score, max_trials=10)
    assert design.done
    design.extend(200)
    assert not design.done
    assert design.propose()[0].seed == 6


def test_wrong_verdicts_stay_below_alpha_at_the_margin():
    # Of 300 runs at most 5 % + 3 standard errors may say "equal" though the drop is the margin.
    wrong = sum(
        finished(scores_of(-1, sd=0.7, seed=s), margin=1.0).judgement.verdict == "equal"
        for s in range(300)
    )
    assert wrong / 300 <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / 300)
