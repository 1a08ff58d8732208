"""A study from the command line: its plan, its progress, its answer and its exit status."""

import functools
import os
import shlex
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from whydrop.cli.plan import plan_printed, plan_shown
from whydrop.cli.show import (
    Page,
    answer_printed,
    answer_shown,
    files_written,
    reader_may_leave,
    silence,
)
from whydrop.cli.sides import Sides
from whydrop.core.comparison import Comparison
from whydrop.core.errors import Interrupted, UsageError
from whydrop.explain import assemble, conduct
from whydrop.explain.request import Question, Request
from whydrop.explain.subject import Subject
from whydrop.explain.tally import median_seconds
from whydrop.journal.store import Journal

DONE, GATE_FAILED, STOPPED_EARLY = 0, 1, 3


def start(
    question: Question,
    sides: Sides,
    *,
    output: str,
    quiet: bool,
    study: str | None,
    dry_run: bool,
    name: str | None = None,
    **options: Any,
) -> int:
    """Begin a study and run it; return the exit status of the command."""
    request = Request.of(
        question, good=sides.good, bad=sides.bad, function=sides.function, **options
    )
    request = assemble.understood(request)
    subject = assemble.subject_of(request)
    assemble.require_sound(request, subject)
    if dry_run:
        plan_shown(request, subject, output=output)
        return DONE
    folder = Path(study) if study else conduct.free_folder(request, name)
    command = click.get_current_context().obj
    say = None if quiet else functools.partial(click.echo, err=True)
    with conduct.begin(request, subject, folder, command=command, say=say) as journal:
        return run_and_show(request, subject, journal, output=output, quiet=quiet)


def run_and_show(
    request: Request, subject: Subject, journal: Journal, *, output: str, quiet: bool
) -> int:
    """Run a study from wherever it is, and show what came of it."""
    from whydrop.report.progress import Progress

    console = Page(stderr=True, quiet=quiet)
    with stopped_by_hangup():
        try:
            if not quiet:
                seconds = median_seconds(journal.study())
                plan_printed(request, subject, console, trial_seconds=seconds)
            with Progress(console) as progress:
                answer, finished = conduct.carry_on(request, subject, journal, progress)
        except Interrupted:
            answer, _ = conduct.answer_of(journal)
            with reader_may_leave():
                answer_printed(answer, console)
            raise
        except BrokenPipeError:
            silence()
            return STOPPED_EARLY
    paths = files_written(answer, journal.folder)
    answer_shown(answer, output=output)
    if not quiet:
        for path in paths:
            console.print(f"written: {path}", markup=False, highlight=False)
    if not finished:
        how = f"whydrop resume {shlex.quote(str(journal.folder))}"
        click.echo(
            f"stopped early: go on by `{how}`, with more --max-trials or --max-time", err=True
        )
        return STOPPED_EARLY
    if isinstance(answer, Comparison) and answer.judgement.gate == "failed":
        return GATE_FAILED
    return DONE


def go_to_base(request: Request) -> None:
    """Work where a study was begun, so that its relative paths and modules are what they were.

    Raises:
        UsageError: that folder is no more.
    """
    try:
        os.chdir(request.base)
    except OSError as error:
        raise UsageError(
            f"the folder this study was begun in cannot be entered: {error.strerror}",
            where=request.base,
            do="put it back; a study runs where it was begun",
        ) from error


@contextmanager
def stopped_by_hangup() -> Iterator[None]:
    """Treat a closed terminal and a polite kill as Ctrl-C: the study stays resumable."""

    def stop(number: int, _: object) -> None:
        if number == signal.SIGHUP:
            silence()  # the terminal has gone; writing to it fails
        raise KeyboardInterrupt

    before = {}
    for number in (signal.SIGHUP, signal.SIGTERM):
        if signal.getsignal(number) != signal.SIG_IGN:  # as nohup has it
            before[number] = signal.signal(number, stop)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
