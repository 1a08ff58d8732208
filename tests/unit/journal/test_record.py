"""Reading a study: beside its coordinator, from anywhere, and from strangers."""

import shutil
import sqlite3
from pathlib import Path

import pytest
from tests.fixtures.instant import BAD, FACTORS, header

from whydrop.core.errors import JournalError
from whydrop.core.trial import Outcome, Trial
from whydrop.journal import connect as connect_module
from whydrop.journal.record import Record, Wave
from whydrop.journal.store import Journal

TRIALS = (Trial(1, 0, 11, "gap"), Trial(2, BAD, 11, "gap"))
OUTCOME = Outcome(TRIALS[0], "ok", 0.9, (0.5, 0.9), 1.25, "", 0, "trials/1/output.txt")


@pytest.fixture
def folder(tmp_path) -> Path:
    with Journal.create(tmp_path / "s", header()) as journal:
        journal.propose(TRIALS)
        journal.append(OUTCOME)
        journal.decide("freeze", {"suspects": ["lr"]})
    return tmp_path / "s"


def test_a_record_shows_what_was_written(folder):
    with Record.open(folder) as record:
        assert record.header.factors == FACTORS
        assert record.study().outcomes == (OUTCOME,)
        assert record.waves() == (Wave(1, TRIALS, (OUTCOME, None)),)
        assert not record.waves()[0].complete
        assert record.trial(2) == (TRIALS[1], None)
        assert [(d.wave, d.name, d.payload) for d in record.decisions()] == [
            (1, "freeze", {"suspects": ["lr"]})
        ]


def test_reading_leaves_the_folder_as_it_was(folder):
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with Record.open(folder) as record:
        record.study()
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert set(before) == {"study.sqlite", "lock"}


def test_an_open_record_follows_the_coordinator(folder):
    with Journal.open(folder) as journal, Record.open(folder) as record:
        second = Outcome.failed(TRIALS[1], "crashed", "exit status 1")
        journal.append(second)
        assert record.study().outcomes == (OUTCOME, second)
        journal.propose([Trial(3, 1, 12, "screen")])
        assert len(record.waves()) == 2


def test_a_coordinator_closes_beside_a_reader_and_nothing_is_lost(folder):
    with Record.open(folder) as record:
        with Journal.open(folder) as journal:
            record.study()
            journal.propose([Trial(3, 1, 12, "screen")])
        assert record.trial(3) == (Trial(3, 1, 12, "screen"), None)
    with Record.open(folder) as record:
        assert len(record.waves()) == 2


def test_a_killed_study_can_be_read_where_nothing_can_be_written(folder, tmp_path, monkeypatch):
    with Journal.open(folder) as journal:
        journal.append(Outcome.failed(TRIALS[1], "timeout", "no result within 5 s"))
        killed = tmp_path / "killed"  # as a kill leaves it: the last outcome is in the -wal file
        killed.mkdir()
        for name in ("study.sqlite", "study.sqlite-wal"):
            shutil.copyfile(folder / name, killed / name)
    genuine = connect_module.connect

    def without_room_beside_it(path: Path, mode: str) -> sqlite3.Connection:
        if path.parent == killed:
            raise sqlite3.OperationalError("unable to open database file")
        return genuine(path, mode)

    monkeypatch.setattr(connect_module, "connect", without_room_beside_it)
    with Record.open(killed) as record:
        assert [outcome.state for outcome in record.study().outcomes] == ["ok", "timeout"]


def test_a_study_that_may_not_be_read_says_so(folder, monkeypatch):
    def forbidden(*args: object) -> None:
        raise PermissionError(13, "Permission denied")

    genuine = connect_module.connect
    monkeypatch.setattr(connect_module, "connect", lambda path, mode: genuine(path / "no", mode))
    monkeypatch.setattr(connect_module.shutil, "copyfile", forbidden)
    with pytest.raises(JournalError, match=r"cannot be opened: .*Permission denied"):
        Record.open(folder)


def test_a_study_that_stays_locked_is_not_called_damaged(folder, monkeypatch):
    monkeypatch.setattr(connect_module, "BUSY_TIMEOUT_S", 0.01)
    with sqlite3.connect(folder / "study.sqlite") as writer:
        writer.execute("BEGIN EXCLUSIVE")
        with pytest.raises(JournalError, match="cannot be opened: database is locked"):
            Record.open(folder)
    writer.close()


def test_a_refused_study_is_let_go_of_while_its_error_is_looked_at(folder):
    (folder / "study.sqlite").write_bytes(b"")
    with pytest.raises(JournalError) as refused:
        Record.open(folder)
    assert refused.value.__traceback__
    held = [descriptor.resolve() for descriptor in Path("/proc/self/fd").iterdir()]
    assert folder.resolve() / "study.sqlite" not in held


def test_an_older_study_is_read_without_being_rewritten(folder, monkeypatch):
    before = (folder / "study.sqlite").read_bytes()
    newer = (*connect_module.MIGRATIONS, "ALTER TABLE trials ADD COLUMN host TEXT;")
    monkeypatch.setattr(connect_module, "MIGRATIONS", newer)
    monkeypatch.setattr(connect_module.migrate, "__defaults__", (newer,))
    monkeypatch.setattr(connect_module.require_journal, "__defaults__", (newer,))
    with Record.open(folder) as record:
        assert record.study().outcomes == (OUTCOME,)
    assert (folder / "study.sqlite").read_bytes() == before


def test_a_folder_without_a_study_says_so(tmp_path):
    with pytest.raises(JournalError, match="no study is here") as refused:
        Record.open(tmp_path)
    assert refused.value.where == str(tmp_path)


def test_a_trial_that_never_was_says_how_many_there_are(folder):
    with Record.open(folder) as record, pytest.raises(JournalError, match=r"no trial 7; it has 2"):
        record.trial(7)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE trials SET log = '\"../../.ssh/id_rsa\"' WHERE number = 1",
        "UPDATE trials SET log = '\"/etc/passwd\"' WHERE number = 1",
        "UPDATE trials SET message = '{}' WHERE number = 1",
        "UPDATE trials SET state = 'wonderful' WHERE number = 1",
        "UPDATE trials SET state = 'nan' WHERE number = 1",
        "UPDATE trials SET value = 'text' WHERE number = 1",
        "UPDATE trials SET curve = '[\"<script>\"]' WHERE number = 1",
        "UPDATE trials SET arm = '[\"unheard of\"]' WHERE number = 1",
        "UPDATE trials SET seed = 'seven' WHERE number = 1",
        "UPDATE trials SET phase = 'encore' WHERE number = 1",
        "INSERT INTO decisions (wave, name, payload) VALUES (1, 'metric unit', '\"miles\"')",
        "UPDATE decisions SET payload = '['",
        "UPDATE study SET factors = '[{}]'",
        "UPDATE study SET factors = '[[1]]'",
        "UPDATE study SET metric = '[]'",
        "UPDATE study SET identity = '{\"a\":1}'",
        "UPDATE study SET settings = 'null'",
        "DELETE FROM study",
        "DROP TABLE trials",
    ],
)
def test_a_strangers_nonsense_is_an_error_in_three_parts(folder, statement):
    with sqlite3.connect(folder / "study.sqlite") as connection:
        connection.execute(statement)
    connection.close()
    with pytest.raises(JournalError, match="damaged") as refused, Record.open(folder) as record:
        record.study()
        record.decisions()
    assert refused.value.where == str(folder)
    assert refused.value.do
