"""Record: the journal of a study, for reading, also while its coordinator writes."""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import Any, Self, TypeVar, get_args

from whydrop.core.errors import JournalError
from whydrop.core.factor import Factor, arm_of
from whydrop.core.metric import Metric, Unit
from whydrop.core.study import Study
from whydrop.core.trial import Outcome, Phase, State, Trial
from whydrop.journal.connect import STUDY_FILE as STUDY_FILE
from whydrop.journal.connect import (
    closed_on_failure,
    connect_for_reading,
    reading,
    require_study,
)
from whydrop.journal.encoding import factor_from_json, from_text, metric_from_json

T = TypeVar("T")

UNIT = "metric unit"  # the decision that settles a metric whose unit was "auto"
PHASE = "phase"  # the decision with which a part of the experiment begins
_TRIAL = "SELECT number, arm, seed, phase, state, value, curve, seconds, message, exit_status, log"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


@dataclass(frozen=True)
class Header:
    """What a study is, written once before its first trial.

    Attributes:
        factors: bit i of an arm belongs to factors[i].
        metric: as asked for; its unit may still be "auto".
        identity: flat, all that must be unchanged for the study to go on.
        settings: JSON-like: what else it takes to rebuild the study from its folder.
        command: the words as typed.
        versions: of whydrop, Python and what else matters.
        created: UTC, ISO 8601.
    """

    factors: tuple[Factor, ...]
    metric: Metric
    identity: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    command: tuple[str, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)
    created: str = field(default_factory=_now)


@dataclass(frozen=True)
class Wave:
    """Trials that were asked for together; ``outcomes[i]`` of ``trials[i]``, None while unknown."""

    number: int
    trials: tuple[Trial, ...]
    outcomes: tuple[Outcome | None, ...]

    @property
    def complete(self) -> bool:
        return None not in self.outcomes


@dataclass(frozen=True)
class Decision:
    """Something the coordinator settled, with or after the wave of this number."""

    wave: int
    name: str
    payload: Any


class Record:
    """The journal in a study folder. ``Record.open`` reads: it takes no lock, writes nothing.

    Every call reads the file anew, so a record that stays open follows a running study.
    """

    def __init__(self, folder: Path, connection: sqlite3.Connection) -> None:
        self.folder = folder
        self._connection = connection
        with closed_on_failure(connection):
            self.header = self._read_header()

    @classmethod
    def open(cls, folder: str | Path) -> Self:
        """Return the record of a study folder.

        Raises:
            JournalError: no study is there, or it is damaged or of a newer whydrop.
        """
        folder = Path(folder)
        return cls(folder, connect_for_reading(require_study(folder)))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self._connection.close()

    def study(self) -> Study:
        """Return the factors and the metric with all outcomes so far, by trial number."""
        outcomes = (outcome for wave in self.waves() for outcome in wave.outcomes if outcome)
        return Study(self.header.factors, self._metric(), tuple(outcomes))

    def has_results(self) -> bool:
        """Return whether any trial has given a metric."""
        return any(outcome.state == "ok" for outcome in self.study().outcomes)

    def waves(self) -> tuple[Wave, ...]:
        """Return all waves in the order they were proposed."""
        with reading(self.folder):
            rows = self._connection.execute(f"{_TRIAL}, wave FROM trials ORDER BY number")
            waves: dict[int, list[tuple[Trial, Outcome | None]]] = {}
            for *trial_row, wave in rows.fetchall():
                waves.setdefault(wave, []).append(self._trial_and_outcome(trial_row))
            return tuple(
                Wave(number, tuple(t for t, _ in pairs), tuple(o for _, o in pairs))
                for number, pairs in waves.items()
            )

    def trial(self, number: int) -> tuple[Trial, Outcome | None]:
        """Return one trial and what came of it.

        Raises:
            JournalError: the study has no such trial.
        """
        with reading(self.folder):
            found = self._connection.execute(f"{_TRIAL} FROM trials WHERE number = ?", (number,))
            row = found.fetchone()
            if row is None:
                (count,) = self._connection.execute("SELECT count(*) FROM trials").fetchone()
                raise JournalError(
                    f"this study has no trial {number}; it has {count} so far",
                    where=str(self.folder),
                    do="name one of its trials; the report lists them",
                )
            return self._trial_and_outcome(row)

    def decisions(self) -> tuple[Decision, ...]:
        """Return the decisions in the order they were taken."""
        with reading(self.folder):
            rows = self._connection.execute("SELECT wave, name, payload FROM decisions ORDER BY id")
            return tuple(Decision(wave, name, from_text(text)) for wave, name, text in rows)

    def _metric(self) -> Metric:
        units = [decision.payload for decision in self.decisions() if decision.name == UNIT]
        with reading(self.folder):
            unit = _one_of(units[-1], get_args(Unit)) if units else self.header.metric.unit
        return replace(self.header.metric, unit=unit)

    def _read_header(self) -> Header:
        with reading(self.folder):
            row = self._connection.execute(
                "SELECT factors, metric, identity, settings, command, versions, created FROM study"
            ).fetchone()
            factors, metric, identity, settings, command, versions, created = row
            return Header(
                factors=tuple(factor_from_json(item) for item in from_text(factors)),
                metric=metric_from_json(from_text(metric)),
                identity=_texts(from_text(identity)),
                settings=_a(dict, from_text(settings)),
                command=tuple(_a(str, word) for word in from_text(command)),
                versions=_texts(from_text(versions)),
                created=_a(str, created),
            )

    def _trial_and_outcome(self, row: Sequence[Any]) -> tuple[Trial, Outcome | None]:
        number, arm, seed, phase, state, value, curve, seconds, message, exit_status, log = row
        positions = {factor.name: i for i, factor in enumerate(self.header.factors)}
        trial = Trial(
            number=number,
            arm=arm_of([positions[name] for name in from_text(arm)]),
            seed=_a(int, seed),
            phase=_one_of(phase, get_args(Phase)),
        )
        if state is None:
            return trial, None
        return trial, Outcome(
            trial,
            state=_one_of(state, get_args(State)),
            value=value,
            curve=tuple(_a(float, step) for step in from_text(curve)),
            seconds=_a(float, seconds),
            message=_a(str, from_text(message)),
            exit_status=None if exit_status is None else _a(int, exit_status),
            log=_inside(_a(str, from_text(log))),
        )


def _a(kind: type[T], value: Any) -> T:
    """Return a value that must be of a kind: the file may be a stranger's."""
    if not isinstance(value, kind):
        raise ValueError(f"{value!r:.40} is not {kind.__name__}")
    return value


def _one_of(word: str, words: tuple[str, ...]) -> Any:
    if word not in words:
        raise ValueError(f"{word!r:.40} is not one of {', '.join(words)}")
    return word


def _texts(value: Any) -> dict[str, str]:
    return {_a(str, key): _a(str, text) for key, text in _a(dict, value).items()}


def _inside(log: str) -> str:
    """Return the path of a log; one that leads out of the study folder is none of ours."""
    path = PurePosixPath(log)
    if path.is_absolute() or ".." in path.parts:
        raise ValueError(f"the log {log!r:.200} is outside the study folder")
    return log
