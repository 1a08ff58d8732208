"""The tables of a study's journal, and how older ones become today's."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path

from whydrop.core.errors import JournalError

APPLICATION_ID = 0x57444A31  # "WDJ1", in the file's header: this database is a whydrop journal

FIRST = """
CREATE TABLE study (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    created TEXT NOT NULL,      -- UTC, ISO 8601
    command TEXT NOT NULL,      -- JSON list: the words as typed
    settings TEXT NOT NULL,     -- JSON
    metric TEXT NOT NULL,       -- JSON; its unit as asked for
    factors TEXT NOT NULL,      -- JSON list; the order is that of the arms' bits
    identity TEXT NOT NULL,     -- JSON mapping of text: what a resumed study must still be
    versions TEXT NOT NULL      -- JSON mapping of text
);
CREATE TABLE trials (
    number INTEGER PRIMARY KEY,
    wave INTEGER NOT NULL,
    arm TEXT NOT NULL,          -- JSON list of the names of the factors that are on
    seed INTEGER NOT NULL,
    phase TEXT NOT NULL,
    state TEXT,                 -- NULL until there is an outcome
    value REAL,                 -- in the program's own unit
    curve TEXT,                 -- JSON list
    seconds REAL,
    message TEXT,               -- JSON string: programs print what they like
    exit_status INTEGER,
    log TEXT                    -- JSON string: path below the study folder
);
CREATE TABLE decisions (
    id INTEGER PRIMARY KEY,
    wave INTEGER NOT NULL,      -- the last wave when it was taken
    name TEXT NOT NULL,
    payload TEXT NOT NULL       -- JSON; of two of one name, the later holds
);
"""

MIGRATIONS: tuple[str, ...] = (FIRST,)
"""Statements that lead from version i to version i + 1; version 0 is an empty file."""


def version_of(connection: sqlite3.Connection) -> int:
    """Return the schema version of a journal."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return int(version)


def require_journal(
    connection: sqlite3.Connection, where: Path, migrations: Sequence[str] = MIGRATIONS
) -> None:
    """Check, without writing, that this is a whole journal that this version can use.

    Raises:
        JournalError: another kind of database, a damaged one, or one of a newer whydrop.
    """
    (kind,) = connection.execute("PRAGMA application_id").fetchone()
    if kind != APPLICATION_ID:
        raise JournalError(
            "this file is not the journal of a study, or its beginning is lost",
            where=str(where),
            do="name another study folder; nothing was changed in this one",
        )
    version = version_of(connection)
    if version > len(migrations):
        raise JournalError(
            f"this study was written by a newer whydrop (journal version {version}; "
            f"this one knows up to {len(migrations)})",
            where=str(where),
            do="upgrade whydrop; nothing was changed",
        )
    (report,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if report != "ok":
        raise damaged(where, report)


def migrate(connection: sqlite3.Connection, migrations: Sequence[str] = MIGRATIONS) -> None:
    """Bring a journal to the newest version, all or nothing; a new one is always a newer one."""
    version = version_of(connection)
    if version == len(migrations):
        return
    statements = "".join(migrations[version:])
    try:
        connection.executescript(
            f"BEGIN IMMEDIATE;{statements}"
            f"PRAGMA application_id = {APPLICATION_ID};"
            f"PRAGMA user_version = {len(migrations)};"
            "COMMIT;"
        )
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def damaged(where: Path, detail: object) -> JournalError:
    """Return the error for a journal that cannot be read as one."""
    return JournalError(
        f"the journal of this study is damaged: {str(detail)[:300]}",
        where=str(where),
        do="restore it from a copy, or begin another study with --study; nothing was changed",
    )
