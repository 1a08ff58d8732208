"""The same studies from Python: functions of this process, mappings, going on."""

import random

import pytest

import whydrop
from whydrop.core.errors import JournalError, UsageError
from whydrop.explain.conduct import asked_in
from whydrop.journal.record import Record

GOOD = {"lr": 0.1, "softmax": False}
BAD = {"lr": 0.1, "softmax": True}


def train(config, seed):
    return {"top1": 0.9 + 0.005 * random.Random(seed).gauss(0, 1) - 0.06 * config["softmax"]}


def test_a_function_of_this_process_is_compared(tmp_path):
    answer = whydrop.compare(train, good=GOOD, bad=BAD, metric="top1", study=tmp_path / "s")
    assert answer.verdict == "worse"
    assert answer.judgement.low <= -6 <= answer.judgement.high
    assert answer.folder == str(tmp_path / "s")


def test_the_same_call_goes_on_where_it_stopped(tmp_path):
    asked = {"good": GOOD, "bad": {**GOOD, "lr": 0.2}, "metric": "top1", "study": tmp_path / "s"}
    first = whydrop.compare(train, **asked, within=0.01, max_trials=6)
    again = whydrop.compare(train, **asked, within=0.01, max_trials=10)
    assert (first.trials.total, again.trials.total) == (6, 10)
    assert again.study.outcomes[:6] == first.study.outcomes


def test_who_watches_from_elsewhere_knows_how_many_trials_run_at_once_now(tmp_path):
    asked = {"good": GOOD, "bad": {**GOOD, "lr": 0.2}, "metric": "top1", "study": tmp_path / "s"}
    for max_trials, jobs in ((6, 1), (8, 3), (10, 2)):
        whydrop.compare(train, **asked, within=0.01, max_trials=max_trials, jobs=jobs)
        with Record.open(tmp_path / "s") as record:
            assert asked_in(record).jobs == jobs


def test_another_question_of_the_same_folder_is_refused(tmp_path):
    asked = {"metric": "top1", "study": tmp_path / "s", "max_trials": 6}
    whydrop.compare(train, good=GOOD, bad=BAD, **asked, within=1)
    with pytest.raises(UsageError, match="margin"):
        whydrop.compare(train, good=GOOD, bad=BAD, **asked, within=2)
    with pytest.raises(UsageError, match="bad"):
        whydrop.compare(train, good=GOOD, bad={**BAD, "lr": 1}, **asked, within=1)


def test_a_study_without_results_may_be_asked_otherwise_in_its_folder(tmp_path, capfd):
    asked = {"good": GOOD, "bad": BAD, "study": tmp_path / "s", "max_trials": 6, "within": 1}
    for _ in range(2):  # asked again unchanged, it goes on
        with pytest.raises(UsageError, match="no-such"):
            whydrop.compare(train, **asked, metric="no-such")
    assert not (tmp_path / "s" / "earlier-1").exists()
    capfd.readouterr()
    answer = whydrop.compare(train, **asked, metric="top1")
    assert (answer.trials.total, answer.trials.failed) == (6, 0)
    assert capfd.readouterr().err.startswith("begun anew: no trial of the study in ")
    assert (tmp_path / "s" / "earlier-1").is_dir()
    with pytest.raises(UsageError, match="metric"):
        whydrop.compare(train, **asked, metric="no-such")


def test_a_folder_of_something_else_is_left_alone(tmp_path):
    (tmp_path / "thesis.tex").write_text("x")
    with pytest.raises(JournalError):
        whydrop.noise(train, good=GOOD, metric="top1", study=tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["thesis.tex"]


def test_noise_of_a_function(tmp_path):
    answer = whydrop.noise(train, good=GOOD, metric="top1", study=tmp_path / "s", jobs=2)
    assert answer.seed_use == "obeyed"
    assert answer.low < 0.5 < answer.high


def test_differences_of_mappings_files_and_commands(tmp_path):
    assert [f.name for f in whydrop.diff(GOOD, BAD)] == ["softmax"]
    (tmp_path / "a.json").write_text('{"lr": 1}')
    (tmp_path / "b.json").write_text('{"lr": 2}')
    (found,) = whydrop.diff(tmp_path / "a.json", tmp_path / "b.json")
    assert (found.name, found.off, found.on) == ("lr", 1, 2)
    with pytest.raises(UsageError):
        whydrop.diff(GOOD, "python train.py")


def test_options_are_known_by_name(tmp_path):
    with pytest.raises(UsageError, match="did you mean 'max_trials'"):
        whydrop.compare(train, good=GOOD, bad=BAD, max_trails=3)
    with pytest.raises(UsageError, match="two different questions"):
        whydrop.compare(train, good=GOOD, bad=BAD, within=1, fail_if_worse=1)


def test_explain_can_be_called_whatever_was_imported_before():
    from whydrop.explain import api

    assert callable(whydrop.explain)
    with pytest.raises(UsageError, match="no difference"):
        whydrop.explain(train, good=GOOD, bad=GOOD)
    with pytest.raises(UsageError, match="no difference"):
        api.explain(train, good=GOOD, bad=GOOD)


def test_progress_is_shown_unless_it_is_not_wanted(tmp_path, capfd):
    whydrop.noise(train, good=GOOD, metric="top1", study=tmp_path / "shown")
    out, err = capfd.readouterr()
    assert "noise: " in err
    assert "trials done" in err
    assert out == ""
    whydrop.noise(train, good=GOOD, metric="top1", study=tmp_path / "quiet", quiet=True)
    assert capfd.readouterr() == ("", "")


def test_an_answer_is_printed_on_one_line(tmp_path):
    answer = whydrop.compare(train, good=GOOD, bad=BAD, metric="top1", study=tmp_path / "s")
    assert repr(answer) == f"<worse: {answer.sentence}>"
    spread = whydrop.noise(train, good=GOOD, metric="top1", study=tmp_path / "n", quiet=True)
    assert str(spread) == f"<noise: {spread.sentence}>"
