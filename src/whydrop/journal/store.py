"""Journal: the record of a study, held by the one coordinator that writes it.

A call that returned is on the disk. What a crash can lose is only the call in progress.
"""

import contextlib
import itertools
import os
import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from whydrop.core.errors import JournalError
from whydrop.core.factor import names_of
from whydrop.core.trial import Outcome, Trial
from whydrop.journal.connect import (
    STUDY_FILE,
    closed_on_failure,
    connect,
    reading,
    require_study,
)
from whydrop.journal.encoding import factor_to_json, metric_to_json, to_text
from whydrop.journal.lock import LOCK_FILE, Lock
from whydrop.journal.record import Header, Record
from whydrop.journal.schema import migrate, require_journal

_UNFINISHED = STUDY_FILE + ".new"  # becomes the journal, by renaming, once it is whole
_EARLIER = "earlier-{}"  # folders, in that of a study, of those that were begun there before


class Journal(Record):
    """The journal in a study folder, locked, for reading and writing."""

    def __init__(self, folder: Path, connection: sqlite3.Connection, lock: Lock) -> None:
        super().__init__(folder, connection)
        self._lock = lock

    @classmethod
    def create(cls, folder: str | Path, header: Header) -> Self:
        """Begin a study in a new or empty folder.

        Raises:
            JournalError: the folder holds something, or cannot be written.
            UsageError: a factor's level that a journal cannot keep.
        """
        folder = Path(folder)
        row = _header_row(header)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            _require_empty(folder)
            lock = Lock(folder)
            try:
                _require_empty(folder)  # again: another coordinator may have been quicker
                _write_first(folder, row)
                return cls._locked(folder, lock)
            except BaseException:
                lock.release()
                raise
        except (OSError, sqlite3.Error) as error:
            raise JournalError(
                f"a study cannot be begun here: {error}",
                where=str(folder),
                do="choose another folder with --study",
            ) from error

    @classmethod
    def create_instead(cls, folder: str | Path, header: Header) -> tuple[Self, Path]:
        """Begin a study in the folder of one in which no trial has given a metric.

        Returns:
            The new study, and the folder inside its own in which the other one is kept whole.

        Raises:
            JournalError: the other study has results, is being run or read, or as ``open``.
            UsageError: a factor's level that a journal cannot keep.
        """
        folder = Path(folder)
        row = _header_row(header)
        other = cls.open(folder)
        try:
            if other.has_results():
                raise _already_a_study(folder)
            other._become_one_file()
            other._connection.close()
            aside = _set_aside(folder)
            _write_first(folder, row)
            return cls._locked(folder, other._lock), aside
        except BaseException as error:
            other.close()
            if isinstance(error, OSError | sqlite3.Error):
                raise JournalError(
                    f"the study here cannot make room for another: {error}",
                    where=str(folder),
                    do="end what reads it, such as `whydrop watch`, or choose another folder "
                    "with --study",
                ) from error
            raise

    @classmethod
    def open(cls, folder: str | Path) -> Self:
        """Take up a study again.

        Raises:
            JournalError: no study is there, another coordinator has it, or it is damaged or of
                a newer whydrop; then nothing was changed.
        """
        folder = Path(folder)
        require_study(folder)
        lock = Lock(folder)
        try:
            return cls._locked(folder, lock)
        except BaseException:
            lock.release()
            raise

    @classmethod
    def _locked(cls, folder: Path, lock: Lock) -> Self:
        with reading(folder):
            connection = connect(require_study(folder), "rw")
            with closed_on_failure(connection):
                require_journal(connection, folder)
                migrate(connection)
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("PRAGMA synchronous = FULL")
                return cls(folder, connection, lock)

    def propose(self, trials: Sequence[Trial], decisions: Mapping[str, Any] | None = None) -> int:
        """Write down a wave before any of it runs, and return its number.

        Args:
            trials: with the numbers that follow.
            decisions: JSON-like, by name: what was fixed with this wave, before its outcomes.
        """
        if not trials:
            raise ValueError("a wave has at least one trial")
        with self._transaction("the next wave") as connection:
            wave = self._last_wave() + 1
            connection.executemany(
                "INSERT INTO trials (number, wave, arm, seed, phase) VALUES (?, ?, ?, ?, ?)",
                [(t.number, wave, self._arm_text(t), t.seed, t.phase) for t in trials],
            )
            for name, payload in (decisions or {}).items():
                self._insert_decision(name, payload)
        return wave

    def append(self, outcome: Outcome) -> None:
        """Write down what came of a trial; when this returns, it is never lost.

        Raises:
            JournalError: it cannot be written, was never asked for, or is known already.
        """
        trial = outcome.trial
        with self._transaction(f"the outcome of trial {trial.number}") as connection:
            done = connection.execute(
                "UPDATE trials SET state = ?, value = ?, curve = ?, seconds = ?, message = ?,"
                " exit_status = ?, log = ?"
                " WHERE number = ? AND arm = ? AND seed = ? AND phase = ? AND state IS NULL",
                (
                    outcome.state,
                    outcome.value,
                    to_text([float(step) for step in outcome.curve]),
                    float(outcome.seconds),
                    to_text(outcome.message),
                    outcome.exit_status,
                    to_text(outcome.log),
                    trial.number,
                    self._arm_text(trial),
                    trial.seed,
                    trial.phase,
                ),
            )
            if done.rowcount != 1:
                raise JournalError(
                    f"no outcome of trial {trial.number} is awaited: it has one already, or this "
                    "trial was never asked for",
                    where=str(self.folder),
                    do="report this; the study can be resumed",
                )

    def decide(self, name: str, payload: Any) -> None:
        """Write down a decision (JSON-like) with the number of the wave it follows."""
        with self._transaction(f"the decision {name!r}"):
            self._insert_decision(name, payload)

    def close(self) -> None:
        """Fold everything into the one file, if nobody is reading, and give up the lock."""
        with contextlib.suppress(sqlite3.Error):  # on failure the study is as safe in two files
            self._become_one_file()
        super().close()
        self._lock.release()

    def _become_one_file(self) -> None:
        self._connection.execute("PRAGMA busy_timeout = 0")
        self._connection.execute("PRAGMA journal_mode = DELETE")

    def _insert_decision(self, name: str, payload: Any) -> None:
        self._connection.execute(
            "INSERT INTO decisions (wave, name, payload) VALUES (?, ?, ?)",
            (self._last_wave(), name, to_text(payload)),
        )

    def _arm_text(self, trial: Trial) -> str:
        return to_text(list(names_of(trial.arm, self.header.factors)))

    def _last_wave(self) -> int:
        (wave,) = self._connection.execute("SELECT max(wave) FROM trials").fetchone()
        return wave or 0

    @contextlib.contextmanager
    def _transaction(self, what: str) -> Iterator[sqlite3.Connection]:
        connection = self._connection
        try:
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")
        except BaseException as error:
            if connection.in_transaction:
                with contextlib.suppress(sqlite3.Error):  # the first error tells more
                    connection.execute("ROLLBACK")
            if isinstance(error, sqlite3.Error):
                raise JournalError(
                    f"{what} could not be written: {error}",
                    where=str(self.folder),
                    do=f"free the disk or make it writable, then `whydrop resume {self.folder}`; "
                    "every trial reported as finished is kept",
                ) from error
            raise


def _header_row(header: Header) -> tuple[str, ...]:
    return (
        header.created,
        to_text(list(header.command)),
        to_text(dict(header.settings)),
        to_text(metric_to_json(header.metric)),
        to_text([factor_to_json(factor) for factor in header.factors]),
        to_text(dict(header.identity)),
        to_text(dict(header.versions)),
    )


def _require_empty(folder: Path) -> None:
    if (folder / STUDY_FILE).exists():
        raise _already_a_study(folder)
    others = _contents(folder)
    if others:
        raise JournalError(
            f"this folder holds something else: {', '.join(others[:3])}"
            + (f" and {len(others) - 3} more" if len(others) > 3 else ""),
            where=str(folder),
            do="choose a new or an empty folder with --study; nothing was changed in this one",
        )


def _already_a_study(folder: Path) -> JournalError:
    return JournalError(
        "this folder already holds a study",
        where=str(folder),
        do=f"go on with it by `whydrop resume {folder}`, or choose another with --study",
    )


def _contents(folder: Path) -> list[str]:
    """Return the names in a folder, less what a coordinator leaves that was killed as it began.

    That is a lock, an unfinished journal, and the studies that were set aside there.
    """
    left = re.compile(
        rf"{re.escape(LOCK_FILE)}|{re.escape(_UNFINISHED)}.*|{_EARLIER.format('[0-9]+')}"
    )
    return sorted(path.name for path in folder.iterdir() if not left.fullmatch(path.name))


def _set_aside(folder: Path) -> Path:
    """Move a study into a new folder inside its own, and return that one."""
    numbered = (folder / _EARLIER.format(n) for n in itertools.count(1))
    aside = next(path for path in numbered if not path.exists())
    aside.mkdir()
    # The journal goes last: if this is cut short before, the study still is where it was.
    for name in sorted(_contents(folder), key=lambda name: name == STUDY_FILE):
        (folder / name).rename(aside / name)
    for directory in (aside, folder):
        _sync_directory(directory)
    return aside


def _write_first(folder: Path, row: tuple[str, ...]) -> None:
    unfinished = folder / _UNFINISHED
    for left_over in folder.glob(_UNFINISHED + "*"):
        left_over.unlink()
    with contextlib.closing(connect(unfinished, "rwc")) as connection:
        migrate(connection)
        connection.execute(
            "INSERT INTO study (created, command, settings, metric, factors, identity, versions)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            row,
        )
    unfinished.rename(folder / STUDY_FILE)
    for directory in (folder, folder.parent):
        _sync_directory(directory)


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
