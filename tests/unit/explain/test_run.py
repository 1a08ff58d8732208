"""The coordinator: the same study however it was run, stopped and resumed."""

import itertools
import random
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from tests.fixtures.instant import BAD, Duel, InstantExecutor, header, simulated

from whydrop.core.effect import Effect
from whydrop.core.errors import Interrupted, JournalError
from whydrop.core.metric import Metric
from whydrop.core.study import Study
from whydrop.core.trial import Outcome, Trial
from whydrop.explain import run as run_module
from whydrop.explain.design import Standing
from whydrop.explain.replay import replay
from whydrop.explain.run import run
from whydrop.journal.record import PHASE, UNIT, Record, Wave
from whydrop.journal.store import Journal


def undisturbed(folder: Path) -> tuple[Study, str]:
    design = Duel()
    with Journal.create(folder, header()) as journal:
        study = run(design, InstantExecutor(), journal)
    return study, design.verdict


def waves_of(folder: Path) -> tuple[Wave, ...]:
    with Record.open(folder) as record:
        return record.waves()


class Stops:
    """A measure that is cut short, once, instead of giving its n-th outcome."""

    def __init__(self, n: int, error: BaseException) -> None:
        self.left = n
        self.error = error

    def __call__(self, trial: Trial) -> Outcome:
        self.left -= 1
        if self.left == 0:
            raise self.error
        return simulated(trial)


def test_every_wave_is_told_in_its_order_with_failures_as_nan(tmp_path):
    design = Duel()
    with Journal.create(tmp_path / "s", header()) as journal:
        study = run(design, InstantExecutor(), journal)
    expected = [100 * o.value if o.value is not None else None for o in study.outcomes]
    assert [score if score == score else None for score in design.told] == expected
    assert None in expected
    assert [o.trial.arm for o in study.outcomes] == [0, BAD] * (len(study.outcomes) // 2)
    assert [o.trial.number for o in study.outcomes] == list(range(1, len(study.outcomes) + 1))


def test_a_study_interrupted_at_any_trial_ends_as_if_it_never_was(tmp_path):
    study, verdict = undisturbed(tmp_path / "undisturbed")
    for n in range(1, len(study.outcomes) + 1):
        folder = tmp_path / str(n)
        executor = InstantExecutor(Stops(n, KeyboardInterrupt()))
        with Journal.create(folder, header()) as journal, pytest.raises(Interrupted) as stopped:
            run(Duel(), executor, journal)
        assert stopped.value.what == f"interrupted; {n - 1} finished trials are kept"
        assert not executor.open
        with Journal.open(folder) as journal:
            design = Duel()
            assert run(design, InstantExecutor(), journal) == study
            assert design.verdict == verdict


def test_the_order_of_finishing_changes_nothing(tmp_path):
    study, _ = undisturbed(tmp_path / "undisturbed")
    for seed in range(5):
        order = random.Random(seed)
        executor = InstantExecutor(pick=lambda queue, order=order: order.randrange(len(queue)))
        with Journal.create(tmp_path / str(seed), header()) as journal:
            assert run(Duel(), executor, journal) == study


def test_only_trials_without_an_outcome_run_again(tmp_path):
    study, _ = undisturbed(tmp_path / "undisturbed")
    first, second = InstantExecutor(Stops(8, KeyboardInterrupt())), InstantExecutor()
    with Journal.create(tmp_path / "s", header()) as journal, pytest.raises(Interrupted):
        run(Duel(), first, journal)
    with Journal.open(tmp_path / "s") as journal:
        run(Duel(), second, journal)
    assert first.started[:7] + second.started == [outcome.trial for outcome in study.outcomes]


def test_a_finished_study_starts_no_executor(tmp_path):
    undisturbed(tmp_path / "s")
    executor = InstantExecutor()
    with Journal.open(tmp_path / "s") as journal:
        run(Duel(), executor, journal)
    assert executor.entered == 0


def test_a_wave_is_written_down_before_any_of_it_runs(tmp_path):
    folder = tmp_path / "s"

    def measure(trial: Trial) -> Outcome:
        with Record.open(folder) as record:
            assert record.trial(trial.number) == (trial, None)
        return simulated(trial)

    with Journal.create(folder, header()) as journal:
        run(Duel(3), InstantExecutor(measure), journal)


def test_when_the_time_is_up_the_study_can_be_resumed(tmp_path, monkeypatch):
    study, _ = undisturbed(tmp_path / "undisturbed")
    clock = itertools.count()
    monkeypatch.setattr(run_module.time, "monotonic", lambda: float(next(clock)))
    design = Duel()
    with Journal.create(tmp_path / "s", header()) as journal:
        part = run(design, InstantExecutor(), journal, max_time_s=8)
        assert not design.done
        assert part.outcomes == study.outcomes[:7]
        assert run(Duel(), InstantExecutor(), journal) == study


def test_an_executor_that_has_nothing_in_time_stops_the_study(tmp_path):
    class Slow(InstantExecutor):
        def next_outcome(self, timeout_s: float | None = None) -> Outcome | None:
            assert timeout_s is not None and 0 < timeout_s <= 60
            return None

    design = Duel()
    with Journal.create(tmp_path / "s", header()) as journal:
        assert run(design, Slow(), journal, max_time_s=60).outcomes == ()
    assert not design.done


def test_the_unit_is_settled_by_the_first_wave_with_a_value_and_written_down(tmp_path):
    def measure(trial: Trial) -> Outcome:
        if trial.number <= 4:
            return Outcome.failed(trial, "crashed", "exit status 1")
        return Outcome.measured(trial, 0.9 if trial.number < 12 else 1.5)

    with Journal.create(tmp_path / "s", header()) as journal:
        study = run(Duel(), InstantExecutor(measure), journal)
        (decision,) = (d for d in journal.decisions() if d.name == UNIT)
    first_with_value = next(w for w in waves_of(tmp_path / "s") if w.trials[-1].number > 4)
    assert study.metric.unit == "points"
    assert (decision.name, decision.payload) == (UNIT, "points")
    assert decision.wave == first_with_value.number


def test_a_unit_lost_to_a_kill_is_settled_again_on_resume(tmp_path):
    with Journal.create(tmp_path / "s", header()) as journal:
        trials = [Trial(n, *ask) for n, ask in enumerate(Duel().propose(), start=1)]
        journal.propose(trials)
        for trial in trials:
            journal.append(simulated(trial))
    with Journal.open(tmp_path / "s") as journal:
        run(Duel(), InstantExecutor(), journal)
        assert [d.payload for d in journal.decisions() if d.name == UNIT] == ["points"]


def test_what_a_phase_tests_is_written_down_with_its_first_wave(tmp_path):
    class Verifying(Duel):
        def propose(self):
            late = len(self.differences) >= 3
            return tuple(a._replace(phase="verify" if late else "gap") for a in super().propose())

        def standing(self):
            if len(self.differences) < 3:
                return super().standing()
            return Standing("verify", "testing", (Effect(("1",), -1.0, -2.0, 0.0),), 4)

    with Journal.create(tmp_path / "s", header()) as journal, pytest.raises(Interrupted):
        run(Verifying(9), InstantExecutor(Stops(9, KeyboardInterrupt())), journal)
    with Journal.open(tmp_path / "s") as journal:
        run(Verifying(9), InstantExecutor(), journal)
        phases = [d for d in journal.decisions() if d.name == PHASE]
        first = next(w.number for w in journal.waves() if w.trials[0].phase == "verify")
    assert [(d.wave, d.payload["phase"], d.payload["effects"]) for d in phases] == [
        (1, "gap", []),
        (first, "verify", [["mixup"]]),
    ]


@pytest.mark.parametrize(
    ("metric", "told"), [(Metric("top1"), 90.0), (Metric("loss", minimize=True), -0.9)]
)
def test_scores_are_in_the_shown_unit_and_larger_is_better(tmp_path, metric, told):
    design = Duel(1)
    with Journal.create(tmp_path / "s", header(metric)) as journal:
        run(design, InstantExecutor(lambda trial: Outcome.measured(trial, 0.9)), journal)
    assert set(design.told) == {told}


def test_another_design_than_the_journals_is_refused_and_changes_nothing(tmp_path):
    class Other(Duel):
        def propose(self):
            return tuple(ask._replace(seed=ask.seed + 1) for ask in super().propose())

    study, _ = undisturbed(tmp_path / "s")
    executor = InstantExecutor()
    with Journal.open(tmp_path / "s") as journal, pytest.raises(JournalError) as refused:
        run(Other(), executor, journal)
    assert "wave 1" in refused.value.what
    assert executor.started == []
    with Record.open(tmp_path / "s") as record:
        assert record.study() == study


def test_a_record_that_outlasts_the_design_is_refused(tmp_path):
    undisturbed(tmp_path / "s")
    with Record.open(tmp_path / "s") as record, pytest.raises(JournalError, match="wave"):
        replay(Duel(pairs=1), record)


class FailingConnection(sqlite3.Connection):
    """Fails its n-th outcome as SQLite does on a full disk."""

    left = 0

    def execute(self, sql: str, *rest: Any) -> sqlite3.Cursor:
        if sql.startswith("UPDATE trials"):
            FailingConnection.left -= 1
            if FailingConnection.left == 0:
                raise sqlite3.OperationalError("database or disk is full")
        return super().execute(sql, *rest)


@pytest.fixture
def failing(monkeypatch) -> Callable[[int], None]:
    """Let the n-th outcome from now on fail to be written."""
    genuine = sqlite3.connect

    def fail(n: int) -> None:
        FailingConnection.left = n
        monkeypatch.setattr(
            sqlite3, "connect", lambda *a, **k: genuine(*a, factory=FailingConnection, **k)
        )

    return fail


def test_a_full_disk_ends_the_run_and_keeps_what_was_acknowledged(tmp_path, failing):
    study, _ = undisturbed(tmp_path / "undisturbed")
    failing(6)
    executor = InstantExecutor()
    with Journal.create(tmp_path / "s", header()) as journal, pytest.raises(JournalError) as full:
        run(Duel(), executor, journal)
    assert "trial 6" in full.value.what and "disk is full" in full.value.what
    assert full.value.where == str(tmp_path / "s")
    assert "whydrop resume" in full.value.do
    assert not executor.open
    with Record.open(tmp_path / "s") as record:
        assert record.study().outcomes == study.outcomes[:5]
    with Journal.open(tmp_path / "s") as journal:
        assert run(Duel(), InstantExecutor(), journal) == study


class Notes:
    """A watcher that keeps what it hears."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, int]] = []

    def wave_started(self, trials: Sequence[Trial], places: int) -> None:
        self.heard.append(("wave", trials[0].number))
        assert places == 1

    def outcome(self, outcome: Outcome) -> None:
        self.heard.append(("outcome", outcome.trial.number))

    def standing(self, standing: Standing, study: Study) -> None:
        self.heard.append((standing.phase, len(study.outcomes)))


def test_a_watcher_hears_waves_outcomes_and_standings_as_they_come(tmp_path):
    watch = Notes()
    with Journal.create(tmp_path / "s", header()) as journal:
        run(Duel(2), InstantExecutor(), journal, watch=watch)
    wave = [len(w.trials) for w in waves_of(tmp_path / "s")]
    assert wave == [4]
    outcomes = [("outcome", n) for n in (1, 2, 3, 4)]
    assert watch.heard == [("gap", 0), ("wave", 1), *outcomes, ("done", 4)]
