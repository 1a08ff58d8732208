"""Older journals become today's, all or nothing; what is no journal is refused."""

import sqlite3
from pathlib import Path

import pytest

from whydrop.core.errors import JournalError
from whydrop.journal.schema import FIRST, MIGRATIONS, migrate, require_journal, version_of

NEXT = "ALTER TABLE trials ADD COLUMN host TEXT; UPDATE trials SET host = 'here';"


@pytest.fixture
def connection():
    with sqlite3.connect(":memory:", isolation_level=None) as connection:
        yield connection
    connection.close()


def test_an_empty_file_becomes_todays_journal(connection):
    migrate(connection)
    require_journal(connection, Path("study"))
    assert version_of(connection) == len(MIGRATIONS)
    tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    assert {"study", "trials", "decisions"} <= {name for (name,) in tables}


def test_an_older_journal_keeps_its_trials_when_it_is_migrated(connection):
    migrate(connection)
    connection.execute(
        "INSERT INTO trials (number, wave, arm, seed, phase) VALUES (1, 1, '[]', 7, 'gap')"
    )
    migrate(connection, (*MIGRATIONS, NEXT))
    assert version_of(connection) == len(MIGRATIONS) + 1
    assert connection.execute("SELECT seed, host FROM trials").fetchall() == [(7, "here")]


def test_a_migration_that_fails_changes_nothing(connection):
    migrate(connection)
    before = list(connection.iterdump())
    with pytest.raises(sqlite3.OperationalError):
        migrate(connection, (*MIGRATIONS, NEXT + "UPDATE nowhere SET x = 1;"))
    assert list(connection.iterdump()) == before
    assert version_of(connection) == len(MIGRATIONS)
    assert not connection.in_transaction


def test_the_first_schema_is_never_edited():
    """Studies of version 1 exist; a change is a new migration. Update only before a release."""
    connection = sqlite3.connect(":memory:")
    connection.executescript(FIRST)
    columns = {
        table: [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
        for table in ("study", "trials", "decisions")
    }
    connection.close()
    assert columns == {
        "study": [
            "id", "created", "command", "settings", "metric", "factors", "identity", "versions",
        ],
        "trials": [
            "number", "wave", "arm", "seed", "phase", "state", "value", "curve", "seconds",
            "message", "exit_status", "log",
        ],
        "decisions": ["id", "wave", "name", "payload"],
    }  # fmt: skip


def test_a_newer_journal_is_refused_with_both_versions(connection):
    migrate(connection, (*MIGRATIONS, NEXT))
    with pytest.raises(JournalError, match=r"version 2; this one knows up to 1") as refused:
        require_journal(connection, Path("study"))
    assert "upgrade whydrop" in refused.value.do


def test_another_programs_database_is_refused(connection):
    connection.execute("CREATE TABLE study (x)")
    with pytest.raises(JournalError, match="not the journal of a study"):
        require_journal(connection, Path("study"))
