"""A good run that cannot work is noticed at its first trials, and only then."""

import pytest

from whydrop.core.errors import UsageError
from whydrop.core.metric import Metric
from whydrop.core.study import Study
from whydrop.core.trial import Outcome, Trial
from whydrop.explain.first_trials import FirstTrials


def crashed(arm: int, number: int = 1) -> Outcome:
    return Outcome.failed(Trial(number, arm, number, "gap"), "crashed", "exit status 1")


def watching(tmp_path, *outcomes: Outcome) -> FirstTrials:
    study = Study((), Metric("acc"), outcomes)
    return FirstTrials(tmp_path, study, None, lambda trial: f"`again {trial.number}`")


def test_one_crash_may_be_an_accident_and_two_are_not(tmp_path):
    first = watching(tmp_path)
    first.outcome(crashed(0))
    with pytest.raises(UsageError, match="exit status 1") as caught:
        first.outcome(crashed(0, 2))
    assert "try `again 2`" in caught.value.do


def test_a_missing_metric_is_missing_every_time(tmp_path):
    trial = Trial(1, 0, 1, "gap")
    with pytest.raises(UsageError, match="no number") as caught:
        watching(tmp_path).outcome(Outcome.failed(trial, "no-metric", "no number\n  | hello"))
    assert "--metric: a pattern with {} in it" in caught.value.do


def test_the_bad_run_may_fail(tmp_path):
    first = watching(tmp_path)
    for number in range(1, 6):
        first.outcome(crashed(3, number))


def test_a_run_that_has_worked_may_fail_later(tmp_path):
    first = watching(tmp_path)
    first.outcome(Outcome.measured(Trial(1, 0, 1, "gap"), 0.9))
    for number in range(2, 6):
        first.outcome(crashed(0, number))


def test_a_resumed_study_that_has_worked_is_trusted(tmp_path):
    first = watching(tmp_path, Outcome.measured(Trial(1, 0, 1, "gap"), 0.9))
    for number in range(2, 6):
        first.outcome(crashed(0, number))


def test_the_last_lines_of_the_log_are_told(tmp_path):
    (tmp_path / "log").write_text("epoch 1\nloss diverged\n")
    trial = Trial(1, 0, 1, "gap")
    bad = Outcome.measured(trial, float("nan")).timed(1.0, exit_status=0, log="log")
    first = watching(tmp_path)
    first.outcome(bad)
    with pytest.raises(UsageError, match="loss diverged") as caught:
        first.outcome(bad)
    assert caught.value.where == str(tmp_path / "log")
