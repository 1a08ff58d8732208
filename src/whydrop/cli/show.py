"""What commands print: plans, answers and factors, as text or JSON."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console

from whydrop.core.comparison import Comparison
from whydrop.core.errors import JournalError
from whydrop.core.factor import Factor
from whydrop.core.noise import Noise
from whydrop.core.redaction import redacted_factor
from whydrop.core.result import Result
from whydrop.explain.cost import expected_trials, smallest_provable
from whydrop.explain.request import Request
from whydrop.explain.subject import Subject
from whydrop.report import json_file, terminal
from whydrop.report.sheet import Sheet

Answer = Result | Comparison | Noise
GAPS = (2, 4, 8)  # drops, in standard deviations between seeds, whose cost a plan tells
REPORT, RESULT = "report.html", "result.json"


class Page(Console):
    """A console that says when its reader has left; Rich itself would end the program."""

    def on_broken_pipe(self) -> None:
        raise


def answer_shown(answer: Answer, *, output: str) -> None:
    """Print an answer to standard output."""
    with reader_may_leave():
        if output == "json":
            sys.stdout.write(answer_json(answer))
        else:
            answer_printed(answer, Page())


def answer_printed(answer: Answer, console: Console) -> None:
    if isinstance(answer, Comparison):
        terminal.print_comparison(answer, console)
    elif isinstance(answer, Noise):
        terminal.print_noise(answer, console)
    else:
        terminal.print_result(answer, console)


def answer_json(answer: Answer) -> str:
    if isinstance(answer, Comparison):
        return json_file.comparison_to_json(answer)
    if isinstance(answer, Noise):
        return json_file.noise_to_json(answer)
    return json_file.to_json(answer)


def files_written(answer: Answer, folder: Path) -> list[Path]:
    """Write what an answer leaves in its study's folder, and return the paths."""
    from whydrop.report.html_page import write_html

    path = folder / RESULT
    try:
        path.write_text(answer_json(answer), encoding="utf-8")
    except OSError as error:
        raise JournalError(
            f"the answer cannot be written: {error.strerror}",
            where=str(path),
            do=f"make room, then `whydrop report {folder}`; no trial is lost",
        ) from error
    if isinstance(answer, Result):
        return [write_html(answer, folder / REPORT), path]
    return [path]


def factors_shown(factors: Sequence[Factor], *, output: str) -> None:
    """Print factors to standard output."""
    with reader_may_leave():
        if output == "json":
            sys.stdout.write(
                json_file.text({"factors": [json_file.plain(redacted_factor(f)) for f in factors]})
            )
        elif factors:
            terminal.show_factors(factors, Sheet(Page()))
        else:
            print("no difference")


@contextmanager
def reader_may_leave() -> Iterator[None]:
    """Print as long as somebody reads; `| head` is no error of the command before it."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        silence()


def silence() -> None:
    """Send standard output and error nowhere, so that nothing fails for want of a reader."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(nowhere, stream.fileno())


def plan_shown(request: Request, subject: Subject, *, output: str) -> None:
    """Print what a study would do to standard output."""
    with reader_may_leave():
        if output == "json":
            sys.stdout.write(json_file.text(plan_json(request, subject)))
        else:
            plan_printed(request, subject, Page())


def plan_printed(request: Request, subject: Subject, console: Console) -> None:
    """Print what a study is about to do: its factors, and what they will cost."""
    sheet = Sheet(console)
    if subject.factors:
        terminal.show_factors(subject.factors, sheet)
    sheet.lines(plan_lines(request, subject))


def plan_lines(request: Request, subject: Subject) -> list[str]:
    """Return the plan of a study, less its factors, as sentences."""
    settings = request.settings
    lines = [f"note: {note}" for note in subject.notes]
    lines += [f"never tried: {names}" for names in request.forbid]
    if subject.seeded_by == "environment":
        lines.append(
            "seed: the environment variable WHYDROP_SEED, if the program reads it; otherwise put "
            "{seed} into the command"
        )
    k, budget = len(subject.factors), f"{settings.max_trials:,} trials at most"
    if request.question == "noise":
        return [
            *lines,
            f"plan: good on fresh seeds, two of them twice: {settings.max_trials} trials",
        ]
    if request.question == "compare":
        return [*lines, f"plan: good and bad in pairs of one seed until a verdict: {budget}"]
    cost = ", ".join(
        f"{expected_trials(k, gap, alpha=settings.alpha):.0f} trials if it is {gap} times as large"
        for gap in GAPS
    )
    least = smallest_provable(k, settings.max_trials, alpha=settings.alpha)
    return [
        *lines,
        f"plan: {budget}, {request.jobs} at once",
        f"expected, by the size of the drop against the noise between seeds: {cost}",
        f"smallest drop that this budget can prove: {least:.1f} times that noise "
        "(`whydrop noise` measures it, and the seconds a trial takes)",
    ]


def plan_json(request: Request, subject: Subject) -> dict[str, Any]:
    """Return the plan of a study as JSON has it; numbers of trials are for one culprit."""
    settings, k = request.settings, len(subject.factors)
    plan: dict[str, Any] = {
        "question": request.question,
        "factors": [json_file.plain(redacted_factor(factor)) for factor in subject.factors],
        "notes": list(subject.notes),
        "forbid": list(request.forbid),
        "max_trials": settings.max_trials,
        "jobs": request.jobs,
        "alpha": settings.alpha,
    }
    if request.question == "explain":
        plan["expected_trials"] = [
            {"sigmas": gap, "trials": round(expected_trials(k, gap, alpha=settings.alpha))}
            for gap in GAPS
        ]
        least = smallest_provable(k, settings.max_trials, alpha=settings.alpha)
        plan["smallest_provable_sigmas"] = json_file.plain(least)
    return plan
