"""Replaying, running one trial again, and refusing to go on with changed inputs."""

from pathlib import Path

import pytest
from tests.fixtures.instant import FACTORS, Duel, InstantExecutor, header, simulated

from whydrop.core.errors import JournalError, UsageError
from whydrop.core.factor import Factor
from whydrop.core.trial import Outcome, Trial
from whydrop.explain.replay import replay, require_unchanged, rerun
from whydrop.explain.run import run
from whydrop.journal.record import Record
from whydrop.journal.store import Journal


@pytest.fixture
def finished(tmp_path) -> Path:
    with Journal.create(tmp_path / "s", header()) as journal:
        run(Duel(), InstantExecutor(), journal)
    return tmp_path / "s"


class Described:
    """As much of a subject as a resumed study looks at."""

    metric = header().metric

    def __init__(self, identity: dict[str, str], factors: tuple[Factor, ...] = FACTORS) -> None:
        self.factors = factors
        self._identity = identity

    def identity(self) -> dict[str, str]:
        return self._identity


def test_a_fresh_design_learns_all_from_a_record(finished):
    first, second = Duel(), Duel()
    with Record.open(finished) as record:
        study = replay(first, record)
        replay(second, record)
        assert study == record.study()
    assert first.done and first.verdict == second.verdict


def test_an_incomplete_wave_is_in_the_study_but_not_told(tmp_path):
    design = Duel()
    with Journal.create(tmp_path / "s", header()) as journal:
        trials = [Trial(n, *ask) for n, ask in enumerate(design.propose(), start=1)]
        journal.propose(trials)
        journal.append(simulated(trials[0]))
        study = replay(design, journal)
    assert [outcome.trial for outcome in study.outcomes] == trials[:1]
    assert design.told == []


def test_a_trial_run_again_stands_beside_its_record_and_leaves_it_alone(finished):
    before = (finished / "study.sqlite").read_bytes()
    executor = InstantExecutor(lambda trial: Outcome.measured(trial, 0.5))
    with Record.open(finished) as record:
        recorded, again = rerun(record, 3, executor)
        trial, kept = record.trial(3)
    assert recorded == kept == simulated(trial)
    assert again == Outcome.measured(trial, 0.5)
    assert not executor.open
    assert (finished / "study.sqlite").read_bytes() == before


def test_a_trial_that_never_was_cannot_be_run_again(finished):
    with Record.open(finished) as record, pytest.raises(JournalError, match="no trial 999"):
        rerun(record, 999, InstantExecutor())


def test_unchanged_inputs_are_accepted(finished):
    with Record.open(finished) as record:
        require_unchanged(Described(dict(record.header.identity)), record)


@pytest.mark.parametrize(
    ("identity", "factors", "says"),
    [
        ({"program": "train.py", "lr": "0.2"}, FACTORS, "lr has changed since this study began: "
         "it was '0.1' and is '0.2'"),
        ({"program": "train.py"}, FACTORS, "lr has .* it was '0.1' and is absent"),
        ({"program": "train.py", "lr": "0.1", "wd": "5e-4"}, FACTORS, "wd has .* it was absent"),
        ({"program": "b.py", "lr": "0.2"}, FACTORS, "program has"),
        ({"program": "train.py", "lr": "0.1"}, FACTORS[::-1], "factors has .* 'mixup, lr'"),
        ({"program": "train.py", "lr": "0.1"}, FACTORS[:1], "factors has .* 'lr, mixup' and is"),
    ],
)  # fmt: skip
def test_the_first_changed_input_is_named_with_both_values(finished, identity, factors, says):
    with Record.open(finished) as record, pytest.raises(UsageError, match=says) as refused:
        require_unchanged(Described(identity, factors), record)
    assert refused.value.where == str(finished)
    assert "--study" in refused.value.do
