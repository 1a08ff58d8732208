"""Writing a study: nothing lost, nothing twice, nothing of anybody else's overwritten."""

import os
import signal
import sqlite3
from pathlib import Path

import pytest
from tests.fixtures.instant import BAD, FACTORS, header

from whydrop.core.errors import JournalError, UsageError
from whydrop.core.factor import Factor
from whydrop.core.metric import Metric
from whydrop.core.trial import Outcome, Trial
from whydrop.journal.record import STUDY_FILE, Header, Record
from whydrop.journal.store import Journal

TRIALS = (Trial(1, 0, 11, "gap"), Trial(2, BAD, 11, "gap"))


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "lock"}


def names_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.name != "lock"]


@pytest.fixture
def folder(tmp_path) -> Path:
    with Journal.create(tmp_path / "s", header()) as journal:
        journal.propose(TRIALS)
    return tmp_path / "s"


def test_waves_are_numbered_from_one(tmp_path):
    with Journal.create(tmp_path / "deep" / "s", header()) as journal:
        assert journal.propose(TRIALS[:1]) == 1
        assert journal.propose(TRIALS[1:]) == 2


def test_an_outcome_is_never_taken_twice(folder):
    first = Outcome.measured(TRIALS[0], 0.9)
    with Journal.open(folder) as journal:
        journal.append(first)
        with pytest.raises(JournalError, match="no outcome of trial 1 is awaited"):
            journal.append(Outcome.measured(TRIALS[0], 0.1))
        assert journal.study().outcomes == (first,)


@pytest.mark.parametrize(
    "stray", [Trial(9, 0, 11, "gap"), Trial(1, BAD, 11, "gap"), Trial(1, 0, 12, "gap")], ids=repr
)
def test_an_outcome_of_another_trial_is_refused(folder, stray):
    with Journal.open(folder) as journal:
        with pytest.raises(JournalError, match="awaited"):
            journal.append(Outcome.measured(stray, 0.9))
        assert journal.study().outcomes == ()


def test_a_trial_number_is_never_proposed_twice_and_a_wave_is_all_or_nothing(folder):
    with Journal.open(folder) as journal:
        with pytest.raises(JournalError, match="next wave could not be written"):
            journal.propose([Trial(3, 0, 12, "gap"), Trial(2, 0, 12, "gap")])
        assert len(journal.waves()) == 1


def test_an_empty_wave_is_refused(folder):
    with Journal.open(folder) as journal, pytest.raises(ValueError):
        journal.propose([])


@pytest.mark.parametrize("open_again", [Journal.open, lambda f: Journal.create(f, header())])
def test_a_second_coordinator_is_refused_while_the_first_goes_on(folder, open_again):
    with Journal.open(folder) as journal:
        with pytest.raises(JournalError, match=r"this very process|already holds a study"):
            open_again(folder)
        journal.append(Outcome.measured(TRIALS[0], 0.9))
    with Journal.open(folder) as journal:
        assert len(journal.study().outcomes) == 1


def test_a_folder_that_holds_something_else_is_left_alone(tmp_path):
    for name in ("thesis.tex", "locker", "a", "b"):
        (tmp_path / name).write_text("mine")
    before = contents(tmp_path)
    with pytest.raises(JournalError, match=r"something else: a, b, locker and 1 more") as refused:
        Journal.create(tmp_path, header())
    assert "--study" in refused.value.do
    assert contents(tmp_path) == before
    assert not (tmp_path / "lock").exists()


def test_a_folder_that_holds_a_study_is_left_alone(folder):
    before = contents(folder)
    with pytest.raises(JournalError, match="already holds a study") as refused:
        Journal.create(folder, header())
    assert f"whydrop resume {folder}" in refused.value.do
    assert contents(folder) == before


def test_a_study_without_results_makes_room_and_is_kept_whole(folder):
    failed = Outcome.failed(TRIALS[0], "no-metric", "no number")
    with Journal.open(folder) as journal:
        journal.append(failed)
    (folder / "trials").mkdir()
    (folder / "trials" / "log").write_text("hello")
    for n in (1, 2):
        journal, aside = Journal.create_instead(folder, header(Metric(f"top{n}")))
        with journal:
            assert journal.waves() == ()
            with pytest.raises(JournalError, match="this very process"):
                Journal.open(folder)
        assert aside == folder / f"earlier-{n}"
        assert sorted(names_in(folder)) == [*["earlier-1", "earlier-2"][:n], STUDY_FILE]
    with Record.open(folder / "earlier-1") as record:
        assert record.study().outcomes == (failed,)
    assert (folder / "earlier-1" / "trials" / "log").read_text() == "hello"
    with Record.open(folder) as record:
        assert record.header.metric.name == "top2"


def test_a_study_with_a_result_makes_no_room(folder):
    with Journal.open(folder) as journal:
        journal.append(Outcome.measured(TRIALS[0], 0.9))
    with pytest.raises(JournalError, match="already holds a study"):
        Journal.create_instead(folder, header())
    with Journal.open(folder) as journal:
        assert journal.has_results()
    assert names_in(folder) == [STUDY_FILE]


def test_a_study_that_is_run_or_read_makes_no_room(folder):
    with Journal.open(folder), pytest.raises(JournalError, match="this very process"):
        Journal.create_instead(folder, header())
    with Record.open(folder) as record:
        with Journal.open(folder):
            assert record.waves()
        with pytest.raises(JournalError, match="cannot make room") as refused:
            Journal.create_instead(folder, header())
    assert "whydrop watch" in refused.value.do
    journal, _ = Journal.create_instead(folder, header())
    journal.close()


def test_making_room_may_be_cut_short_at_any_step(folder, monkeypatch):
    (folder / "trials").mkdir()
    move, left = Path.rename, 0

    def cut_short(source: Path, target: Path) -> Path:
        nonlocal left
        left -= 1
        if left == 0:
            raise KeyboardInterrupt
        return move(source, target)

    monkeypatch.setattr(Path, "rename", cut_short)
    for step in (1, 2, 2):  # the logs; the journal; with the logs moved already, the new journal
        left = step
        with pytest.raises(KeyboardInterrupt):
            Journal.create_instead(folder, header())
    Journal.create(folder, header()).close()
    (kept,) = folder.glob(f"earlier-*/{STUDY_FILE}")
    with Record.open(kept.parent) as record:
        assert len(record.waves()) == 1


def test_a_place_that_is_no_folder_is_refused(tmp_path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(JournalError, match="cannot be begun here"):
        Journal.create(tmp_path / "file", header())


def test_a_beginning_that_was_killed_can_be_begun_again(tmp_path):
    (tmp_path / "lock").write_text("process 1 on elsewhere\n")
    (tmp_path / f"{STUDY_FILE}.new").write_bytes(b"half a journal")
    (tmp_path / f"{STUDY_FILE}.new-journal").write_bytes(b"half of its own")
    with Journal.create(tmp_path, header()) as journal:
        journal.propose(TRIALS)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["lock", STUDY_FILE]


def test_a_level_that_cannot_be_kept_is_refused_before_the_folder_is_made(tmp_path):
    with pytest.raises(UsageError, match="type object"):
        Journal.create(tmp_path / "s", Header((Factor("f", 1, object()),), header().metric))
    assert not (tmp_path / "s").exists()


def test_opening_where_no_study_is_makes_nothing(tmp_path):
    with pytest.raises(JournalError, match="no study is here"):
        Journal.open(tmp_path / "missing")
    assert not (tmp_path / "missing").exists()


def rewritten(folder: Path, content: bytes) -> None:
    (folder / STUDY_FILE).write_bytes(content)


@pytest.mark.parametrize("opened", [Journal.open, Record.open])
@pytest.mark.parametrize(
    "damage",
    [
        lambda whole: b"",
        lambda whole: b"not a database at all, " * 400,
        lambda whole: whole[:50],
        lambda whole: whole[:4096],
        lambda whole: whole[: len(whole) // 2],
        lambda whole: whole[:-4096],
        lambda whole: whole[:4096] + b"\xff" * 4096 + whole[8192:],
        lambda whole: whole[:200] + b"\x00" * 3000 + whole[3200:],
    ],
    ids=["empty", "text", "50 bytes", "a page", "half", "last page lost", "page of ones", "hole"],
)
def test_a_damaged_journal_is_refused_and_not_touched(folder, damage, opened):
    rewritten(folder, damage((folder / STUDY_FILE).read_bytes()))
    before = contents(folder)
    with pytest.raises(JournalError) as refused:
        opened(folder)
    assert str(folder) in refused.value.where
    assert "nothing was changed" in refused.value.do
    assert contents(folder) == before


@pytest.mark.parametrize("opened", [Journal.open, Record.open])
def test_a_newer_journal_is_refused_and_not_touched(folder, opened):
    with sqlite3.connect(folder / STUDY_FILE) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    before = contents(folder)
    with pytest.raises(JournalError, match="journal version 99"):
        opened(folder)
    assert contents(folder) == before


def test_a_refused_journal_does_not_stay_locked(folder):
    whole = (folder / STUDY_FILE).read_bytes()
    rewritten(folder, b"")
    with pytest.raises(JournalError):
        Journal.open(folder)
    rewritten(folder, whole)
    Journal.open(folder).close()


def test_an_acknowledged_outcome_survives_a_kill(folder):
    outcome = Outcome(TRIALS[1], "crashed", message="boom \ud800 \x1b[2J", seconds=0.1, log="a/b")
    child = os.fork()
    if child == 0:
        Journal.open(folder).append(outcome)
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    assert (folder / f"{STUDY_FILE}-wal").stat().st_size > 0
    with Record.open(folder) as record:
        assert record.study().outcomes == (outcome,)
    with Journal.open(folder) as journal:
        assert journal.study().outcomes == (outcome,)


def test_an_interrupted_write_leaves_no_half_of_it(folder):
    class Interrupting(tuple[Trial, ...]):
        def __iter__(self):
            yield Trial(3, 0, 12, "gap")
            raise KeyboardInterrupt

    with Journal.open(folder) as journal:
        with pytest.raises(KeyboardInterrupt):
            journal.propose(Interrupting((Trial(3, 0, 12, "gap"),)))
        assert len(journal.waves()) == 1
        assert journal.propose([Trial(3, 0, 12, "gap")]) == 2


def test_a_study_is_synced_at_every_commit_and_read_meanwhile(folder):
    with Journal.open(folder) as journal:
        modes = [
            journal._connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous")
        ]
    assert modes == ["wal", 2]  # 2 is FULL


def test_factors_and_settings_come_back(tmp_path):
    whole = Header(
        FACTORS,
        header().metric,
        identity={"a": "1"},
        settings={"jobs": 2, "limits": {"timeout_s": None}},
        command=("whydrop", "explain", "--good", "python train.py"),
        versions={"whydrop": "0.1.0"},
    )
    Journal.create(tmp_path / "s", whole).close()
    with Record.open(tmp_path / "s") as record:
        assert record.header == whole
