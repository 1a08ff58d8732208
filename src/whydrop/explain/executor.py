"""Executor: where trials run. A cluster engine is one more file in ``executors/``."""

from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

from whydrop.core.trial import Outcome, Trial


@dataclass(frozen=True)
class Limits:
    """What one trial may use; None is no limit.

    Attributes:
        timeout_s: wall time.
        memory_mib: resident memory of the trial with its children.
        threads: numeric threads (OMP_NUM_THREADS and its kin); None shares the cores
            between the jobs.
    """

    timeout_s: float | None = None
    memory_mib: int | None = None
    threads: int | None = None


class Executor(Protocol):
    """Runs trials side by side; a submitted trial yields exactly one outcome or dies with it."""

    @property
    def places(self) -> int:
        """How many trials run at once."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Kill what still runs, with its children."""
        ...

    def submit(self, trial: Trial) -> None:
        """Queue a trial; as many run at once as there are places."""
        ...

    def next_outcome(self, timeout_s: float | None = None) -> Outcome | None:
        """Return the next finished outcome, in order of finishing; None when time is up."""
        ...

    def cancel(self) -> None:
        """Drop the queue and kill what runs; no outcome is given for those."""
        ...
