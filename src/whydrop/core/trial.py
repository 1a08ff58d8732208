"""Trial: one training to make. Outcome: what came of it."""

import math
from dataclasses import dataclass, replace
from typing import Literal

from whydrop.core.factor import Arm

State = Literal["ok", "nan", "crashed", "timeout", "memory", "no-metric"]
Phase = Literal["gap", "screen", "verify", "noise", "compare"]


@dataclass(frozen=True)
class Trial:
    """One training of one arm with one seed.

    Attributes:
        number: 1, 2, ... in the order of proposal; unique in a study.
        arm: the factors that are on.
        seed: what the program is seeded with; trials of different arms may share it.
        phase: the part of the experiment that asked for it.
    """

    number: int
    arm: Arm
    seed: int
    phase: Phase


@dataclass(frozen=True)
class Outcome:
    """The result of a trial: a metric, or a failure with its meaning.

    Attributes:
        trial: what was run.
        state: "ok", or why there is no metric.
        value: the metric in the program's own unit; None unless state is "ok".
        curve: the metric by epoch where the program told it, in its own unit.
        seconds: wall time of the training.
        message: for a failure, one short text a person can act on.
        exit_status: of the process, where there was one.
        log: path of the captured output, relative to the study folder.
    """

    trial: Trial
    state: State
    value: float | None = None
    curve: tuple[float, ...] = ()
    seconds: float = 0.0
    message: str = ""
    exit_status: int | None = None
    log: str = ""

    def __post_init__(self) -> None:
        if (self.state == "ok") != (self.value is not None and math.isfinite(self.value)):
            raise ValueError(f"state {self.state!r} does not go with value {self.value!r}")

    @classmethod
    def measured(cls, trial: Trial, value: float, curve: tuple[float, ...] = ()) -> "Outcome":
        """Return the outcome of a finished training; a value that is not finite is a "nan"."""
        if math.isfinite(value):
            return cls(trial, "ok", float(value), curve)
        return cls(trial, "nan", None, curve, message=f"the metric is {value}")

    @classmethod
    def failed(cls, trial: Trial, state: State, message: str) -> "Outcome":
        return cls(trial, state, None, message=message)

    def timed(self, seconds: float, *, exit_status: int | None, log: str) -> "Outcome":
        """Return the same outcome with what only the executor knows."""
        return replace(self, seconds=seconds, exit_status=exit_status, log=log)
