"""A study from its request: what is refused, what may change, what a raised budget does."""

import json
from pathlib import Path

import pytest
from tests.fixtures.instant import InstantExecutor, chance

from whydrop.core.errors import UsageError
from whydrop.core.factor import Factor
from whydrop.core.metric import Metric
from whydrop.core.trial import Outcome, Trial
from whydrop.explain import assemble, conduct
from whydrop.explain.compare import PairedComparison
from whydrop.explain.design import Design
from whydrop.explain.replay import replay
from whydrop.explain.request import Request
from whydrop.explain.run import run
from whydrop.journal.record import Header, Record
from whydrop.journal.store import Journal

FACTORS = (Factor("lr", 0.1, 0.3), Factor("mixup", False, True), Factor("wd", 0.0, 0.1))


def begun(folder: Path, request: Request) -> Journal:
    header = Header(FACTORS, Metric("top1"), settings=request.to_json())
    return Journal.create(folder, header)


def noisy(trial: Trial) -> Outcome:
    """A drop of 1 point under noise of the same size: it takes more than 20 trials to tell."""
    scatter = 0.04 * (chance(trial.seed, trial.arm) - 0.5)
    return Outcome.measured(trial, 0.9 + scatter - 0.01 * (trial.arm >> 1 & 1))


@pytest.mark.parametrize(("question", "kind"), [("explain", Design), ("compare", PairedComparison)])
def test_a_raised_budget_is_part_of_the_record(tmp_path, question, kind):
    request = Request.of(question, good="a", bad="b", max_trials=8, margin=0.001)
    with begun(tmp_path / "s", request) as journal:
        first = run(conduct.fresh_design(journal), InstantExecutor(noisy), journal)
        conduct.raise_budget(journal, 14)
        second = run(conduct.fresh_design(journal), InstantExecutor(noisy), journal)
        conduct.raise_budget(journal, 20)
        third = run(conduct.fresh_design(journal), InstantExecutor(noisy), journal)
    counts = [len(study.outcomes) for study in (first, second, third)]
    assert counts[0] <= 8 < counts[1] <= 14 < counts[2] <= 20
    with Record.open(tmp_path / "s") as record:
        again = conduct.fresh_design(record)
        assert isinstance(again, kind)
        assert replay(again, record).outcomes == third.outcomes
        assert conduct.asked_in(record).settings.max_trials == 20


def test_a_budget_raised_in_the_middle_of_a_wave_is_replayed_alike(tmp_path):
    request = Request.of("compare", good="a", bad="b", max_trials=8, margin=0.001)
    with begun(tmp_path / "s", request) as journal:
        design = conduct.fresh_design(journal)
        trials = [Trial(n, *ask) for n, ask in enumerate(design.propose(), start=1)]
        journal.propose(trials)
        journal.append(noisy(trials[0]))
        conduct.raise_budget(journal, 16)
        study = run(conduct.fresh_design(journal), InstantExecutor(noisy), journal)
    assert len(study.outcomes) == 16
    with Record.open(tmp_path / "s") as record:
        assert replay(conduct.fresh_design(record), record).outcomes == study.outcomes


def test_a_smaller_budget_is_refused(tmp_path):
    with begun(tmp_path / "s", Request.of("compare", good="a", bad="b", max_trials=8)) as journal:
        with pytest.raises(UsageError, match="can only grow"):
            conduct.raise_budget(journal, 7)
        conduct.raise_budget(journal, 8)
        assert conduct.asked_in(journal).settings.max_trials == 8


def test_what_does_not_change_the_answer_may_change(tmp_path):
    request = Request.of("compare", good="a", bad="b", jobs=1, max_trials=8)
    with begun(tmp_path / "s", request) as journal:
        faster = Request.of("compare", good="a", bad="b", jobs=8, max_trials=90, timeout=5.0)
        conduct.require_same(faster, journal)
        with pytest.raises(UsageError, match=r"another alpha: 0\.05, now 0\.01"):
            conduct.require_same(Request.of("compare", good="a", bad="b", alpha=0.01), journal)
        with pytest.raises(UsageError, match="another question"):
            conduct.require_same(Request.of("explain", good="a", bad="b"), journal)


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ({"good": "python -u train/main.py --lr 1"}, "main"),
        ({"good": "a.yaml", "run": "sh scripts/fit.sh {config}"}, "fit"),
        ({"good": "a.yaml", "function": "package.models:fit"}, "fit"),
        ({"good": {}, "function": noisy}, "noisy"),
        ({"good": "./experiment 3"}, "experiment"),
        ({"good": "'../..'"}, "study"),
    ],
)
def test_a_study_is_named_for_what_it_runs(asked, name):
    assert conduct.name_of(Request.of("noise", **asked)) == name


def test_a_taken_folder_gets_a_number(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    request = Request.of("noise", good="python train.py")
    taken = {conduct.free_folder(request) for _ in range(1)}
    for folder in taken:
        folder.mkdir(parents=True)
    assert conduct.free_folder(request) not in taken


def fit(config, seed):
    """Stand for a training; the executor of the test never calls it."""


@pytest.mark.parametrize(
    ("asked", "do"),
    [
        ({"good": "sh fit.sh 1", "bad": "sh fit.sh 2"}, "try the command by hand"),
        ({"function": "package.models:fit"}, "try `whydrop rerun S 3`"),
        ({"function": fit}, "try fit(config, 2) with the config of good"),
        ({"good": "good.json", "bad": "bad.json"}, "try `whydrop train good.json --seed 2`"),
    ],
)
def test_who_finds_that_good_never_works_is_told_how_to_run_it_alone(
    asked, do, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    recipe = {"schema": "whydrop.recipe/1", "data": {"name": "digits"}, "model": {"name": "mlp"}}
    for name, lr in (("good", 0.1), ("bad", 0.2)):
        side = {**recipe, "optimizer": {"name": "sgd", "lr": lr}, "train": {"epochs": 1}}
        Path(f"{name}.json").write_text(json.dumps(side))
    request = Request.of("explain", **{"good": {"lr": 1}, "bad": {"lr": 2}, **asked})
    request = assemble.understood(request)
    subject = assemble.subject_of(request)

    def crashes(trial: Trial) -> Outcome:
        return Outcome.failed(trial, "crashed", "exit status 1")

    monkeypatch.setattr(conduct, "executor_of", lambda *_: InstantExecutor(crashes))
    with (
        conduct.begin(request, subject, Path("S")) as journal,
        pytest.raises(UsageError, match="the good run gives no metric") as caught,
    ):
        conduct.carry_on(request, subject, journal)
    assert do in caught.value.do
