"""Connections to the file of a journal, which may be damaged, a stranger's, or on a full disk."""

import contextlib
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

from whydrop.core.errors import JournalError
from whydrop.journal.schema import MIGRATIONS, damaged, migrate, require_journal, version_of

STUDY_FILE = "study.sqlite"
BUSY_TIMEOUT_S = 10.0
_OF_THE_DISK = (  # SQLite's primary codes that blame the disk or another process, not the file
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_READONLY,
)


def require_study(folder: Path) -> Path:
    """Return the path of a folder's journal.

    Raises:
        JournalError: the folder has none.
    """
    path = folder / STUDY_FILE
    if not path.is_file():
        raise JournalError(
            f"no study is here: {STUDY_FILE} is missing",
            where=str(folder),
            do="name a folder that `whydrop explain` made",
        )
    return path


def connect(path: Path, mode: str) -> sqlite3.Connection:
    """Return a connection to a journal that may come from a stranger."""
    uri = f"{path.resolve().as_uri()}?mode={mode}"
    connection = sqlite3.connect(uri, uri=True, timeout=BUSY_TIMEOUT_S, isolation_level=None)
    with closed_on_failure(connection):
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA cell_size_check = ON")
    return connection


@contextlib.contextmanager
def closed_on_failure(connection: sqlite3.Connection) -> Iterator[None]:
    """Close a connection that failed: the error keeps it alive for as long as it is looked at."""
    try:
        yield
    except BaseException:
        connection.close()
        raise


@contextlib.contextmanager
def reading(folder: Path) -> Iterator[None]:
    """Turn whatever a journal that cannot be used raises into an error that says why."""
    try:
        yield
    except (sqlite3.Error, OSError, ValueError, KeyError, TypeError) as error:
        if isinstance(error, OSError) or _code(error) in _OF_THE_DISK:
            raise JournalError(
                f"the journal of this study cannot be opened: {error}",
                where=str(folder),
                do="free the disk, make the folder writable, or copy it to where you may write",
            ) from error
        raise damaged(folder, error) from error


def _code(error: Exception) -> int:
    """Return SQLite's primary result code of an error, 0 for errors of others."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


def connect_for_reading(path: Path) -> sqlite3.Connection:
    """Return a connection to a journal of today's version, without locking or changing its file.

    Raises:
        JournalError: it is damaged, of a newer whydrop, or cannot be read.
    """
    with reading(path.parent):
        try:
            connection = connect(path, "ro")
            with closed_on_failure(connection):
                require_journal(connection, path.parent)
        except sqlite3.OperationalError as error:
            if _code(error) == sqlite3.SQLITE_BUSY:  # its writer would change it under the copy
                raise
            # SQLite reads a study that was killed by way of a small file beside it, for which
            # a full or write-protected disk has no room. A copy can be read.
            return _copy_to_memory(path)
        if version_of(connection) == len(MIGRATIONS):
            return connection
        return _migrated_in_memory(connection)


def _copy_to_memory(path: Path) -> sqlite3.Connection:
    with tempfile.TemporaryDirectory(prefix="whydrop-") as elsewhere:
        for suffix in ("", "-wal", "-journal"):
            part = path.with_name(path.name + suffix)
            if part.exists():
                shutil.copyfile(part, Path(elsewhere, part.name))
        copy = connect(Path(elsewhere, path.name), "rw")
        with closed_on_failure(copy):
            require_journal(copy, path.parent)
        return _migrated_in_memory(copy)


def _migrated_in_memory(connection: sqlite3.Connection) -> sqlite3.Connection:
    memory = sqlite3.connect(":memory:", isolation_level=None)
    with closed_on_failure(memory):
        with contextlib.closing(connection):
            connection.backup(memory)
        migrate(memory)
    return memory
