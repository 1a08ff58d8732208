"""What the report of a trial means: its outcome, or an error of the whole setup."""

import signal
from pathlib import Path

from whydrop.core.errors import DataError, UsageError
from whydrop.core.trial import Outcome, State, Trial
from whydrop.explain.executor import Limits
from whydrop.explain.executors.last_words import last_lines, ran_out_of_memory, told, told_error
from whydrop.explain.executors.order import Report
from whydrop.explain.subject import Ended, Subject


def judged(
    report: Report, subject: Subject, trial: Trial, folder: Path, *, log: Path, limits: Limits
) -> Outcome:
    """Return the outcome of a trial; its subject reads the metric of one that ended well.

    Raises:
        UsageError: the program cannot be started.
        DataError: its output could not be kept, so that a missing metric would prove nothing.
    """
    if report.end == "unstartable":
        raise UsageError(
            f"a trial cannot be started: {report.detail}",
            where=str(folder),
            do="correct the command; no shell is involved",
        )
    if report.end == "unwritable":
        raise DataError(
            f"the output of a trial could not be kept: {report.detail}",
            where=str(log),
            do="make room, then resume",
        )
    if report.end == "unreadable":
        what = f"the function returned no metric: {report.detail}"
        return Outcome.failed(trial, "no-metric", what)
    if report.end == "memory":
        allowed = "" if limits.memory_mib is None else f"; {limits.memory_mib:,} MiB are allowed"
        return Outcome.failed(trial, "memory", f"out of memory: {report.detail}{allowed}")
    lines = last_lines(log)
    if report.end == "timeout":
        return Outcome.failed(
            trial, "timeout", told(f"no result within {limits.timeout_s:g} s", lines)
        )
    if report.status != 0 or report.detail:
        state: State = "memory" if ran_out_of_memory(lines) else "crashed"
        what = report.detail or ending(report.status)
        return Outcome.failed(trial, state, told_error(what, lines))
    ended = Ended(exit_status=0, output=log, returned=report.returned)
    return subject.outcome(trial, folder, ended)


def ending(status: int | None) -> str:
    """Return an exit status in words, such as "killed by SIGSEGV"."""
    if status is None or status >= 0:
        return f"exit status {status}"
    try:
        return f"killed by {signal.Signals(-status).name}"
    except ValueError:  # a real-time signal
        return f"killed by signal {-status}"
