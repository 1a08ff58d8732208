"""Subject: anything that can run trials. The executor decides where it runs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from whydrop.core.factor import Factor
from whydrop.core.metric import Metric
from whydrop.core.trial import Outcome, Trial


@dataclass(frozen=True)
class ProcessTask:
    """A trial that is a program of its own.

    Attributes:
        argv: the program and its arguments; no shell is involved.
        env: variables set on top of the coordinator's environment.
        cwd: working directory.
    """

    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: str = "."


@dataclass(frozen=True)
class CallTask:
    """A trial that is a call of a Python function in a forked process.

    Attributes:
        function: ``"module:name"``, ``"path/to/script.py:name"``, or the function itself when
            it lives in the running interpreter (a notebook cell).
        config: first argument, a JSON-like mapping.
        seed: second argument.
        ahead: configs that the function's own ``prepare``, where it has one, is called with
            before the first trial is forked: what it loads then, all trials share.
    """

    function: str | Callable[..., Any]
    config: Mapping[str, Any]
    seed: int
    ahead: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True)
class Ended:
    """How a task ended cleanly, as the executor saw it.

    Attributes:
        exit_status: 0 for a function that returned.
        output: file with everything it printed (standard output and error together).
        returned: what the function returned, JSON-like; None for a program.
    """

    exit_status: int
    output: Path
    returned: Any = None


class Subject(Protocol):
    """Knows the factors, how to run an arm, and where the metric is."""

    @property
    def factors(self) -> tuple[Factor, ...]: ...

    @property
    def metric(self) -> Metric: ...

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences that a reader of the plan must know."""
        ...

    @property
    def seeded_by(self) -> Literal["argument", "environment"]:
        """How the program learns its seed: it is handed it, or may read WHYDROP_SEED."""
        ...

    @property
    def shares_file(self) -> str:
        """A file that trials side by side would overwrite for each other, or empty."""
        ...

    def task(self, trial: Trial, folder: Path) -> ProcessTask | CallTask:
        """Return what to run; files it needs are written into the trial's own folder."""
        ...

    def outcome(self, trial: Trial, folder: Path, ended: Ended) -> Outcome:
        """Read the metric of a task that ended by itself; a non-zero exit is a crash."""
        ...

    def identity(self) -> dict[str, str]:
        """Return, flat, all that must be unchanged for a study to be resumed."""
        ...

    def versions(self) -> dict[str, str]:
        """Return the versions of what trains, by name; empty where that cannot be known."""
        ...

    def by_hand(self, trial: Trial, folder: Path) -> str:
        """Return the shell line or Python call that repeats this trial outside whydrop."""
        ...
