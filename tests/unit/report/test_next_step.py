"""What to do next."""

from dataclasses import replace

import pytest
from tests.fixtures.results import all_failed, explained, not_reproduced, undecided

from whydrop.core.trial import Outcome, Trial
from whydrop.report.next_step import next_step


def test_the_next_step_fits_the_verdict():
    assert next_step(explained()) == "undo output, crop and cutout in the bad run"
    assert "data, code" in next_step(not_reproduced())
    assert next_step(undecided()) == (
        "go on by `whydrop resume whydrop-studies/train-2026-11-21 --max-trials 225`"
    )
    assert next_step(all_failed()) == "see why bad fails: `whydrop rerun STUDY 1`"
    spaced = replace(undecided(), folder="my studies/a'b")
    assert """'my studies/a'"'"'b'""" in next_step(spaced)


@pytest.mark.parametrize(
    ("stopped", "step"),
    [
        ("unfinished", "go on by `whydrop resume S`"),
        ("budget", "go on by `whydrop resume S --max-trials 225`"),
        ("no noise", "let chance in: pass the seed on"),
        ("gap", "make chance smaller"),
        ("attempts", "begin a new study with less chance in a trial"),
        ("failing", "see why bad fails: `whydrop rerun S 1`; mend that, and begin a new study"),
    ],
)
def test_the_next_step_of_a_study_without_an_answer_is_one_that_helps(stopped, step):
    result = all_failed() if stopped == "failing" else undecided()
    result = replace(result, plan={"stopped": stopped, "max_trials": 150}, folder="S", command="x")
    assert next_step(result).startswith(step)


def test_of_two_sides_the_one_that_never_worked_is_to_be_looked_at():
    accident, worked, hopeless = (
        Outcome.failed(Trial(1, 0, 1, "gap"), "crashed", "exit status 1"),
        Outcome.measured(Trial(3, 0, 2, "gap"), 0.9),
        Outcome.failed(Trial(4, 3, 2, "gap"), "crashed", "exit status 1"),
    )
    result = all_failed()
    study = replace(result.study, outcomes=(accident, worked, hopeless))
    result = replace(result, study=study, plan={"stopped": "failing"}, folder="S", command="x")
    assert next_step(result).startswith("see why bad fails: `whydrop rerun S 4`")


def test_what_is_left_after_a_part_is_explained_is_another_study():
    result = replace(explained(), verdict="partly explained", plan={"stopped": "settled"})
    assert next_step(result) == (
        "undo output, crop and cutout in the bad run, and explain what is left in a new study"
    )


def test_a_study_begun_in_python_goes_on_in_python():
    plan = {"stopped": "budget", "max_trials": 20}
    result = replace(undecided(), plan=plan, folder="why", command="")
    assert next_step(result) == "go on by the same call with study='why', max_trials=70"
