"""The plan of a study, before it runs: what is varied, what it costs and what it can show."""

import math
import sys
from collections.abc import Iterator
from typing import Any

from rich.console import Console

from whydrop.cli.show import Page, reader_may_leave
from whydrop.core.redaction import redacted_factor
from whydrop.explain.constraints import never_parted
from whydrop.explain.cost import expected_trials, smallest_provable
from whydrop.explain.request import Request
from whydrop.explain.subject import Subject
from whydrop.report import amounts, json_file, terminal
from whydrop.report.sheet import Sheet

GAPS = (2, 4, 8)  # drops, in standard deviations between seeds, whose cost is told


def plan_shown(request: Request, subject: Subject, *, output: str) -> None:
    """Print what a study would do to standard output."""
    with reader_may_leave():
        if output == "json":
            sys.stdout.write(json_file.text(_document(request, subject)))
        else:
            plan_printed(request, subject, Page())


def plan_printed(
    request: Request, subject: Subject, console: Console, *, trial_seconds: float = math.nan
) -> None:
    """Print what a study is about to do: its factors, and what they will cost.

    Args:
        trial_seconds: of one training, where it is known from a study that goes on.
    """
    sheet = Sheet(console)
    if subject.factors:
        terminal.show_factors(subject.factors, sheet)
    sheet.lines(_conditions(request, subject))
    if request.question == "explain":
        rows = (
            (f"{gap} times the noise", f"{trials:.0f}", _time(trials / request.jobs, trial_seconds))
            for gap, trials in _costs(request, subject)
        )
        sheet.show(sheet.table(rows, headers=("if the drop is", "trials", "time")))
    sheet.lines(_limits(request, subject))


def _conditions(request: Request, subject: Subject) -> Iterator[str]:
    yield from (f"note: {note}" for note in subject.notes)
    yield from (f"never tried: {names}" for names in request.forbid)
    for name in never_parted(request.forbid, subject.factors):
        yield f"one factor: {name}; no trial that is allowed has only a part of it"
    if subject.seeded_by == "environment":
        yield (
            "seed: the environment variable WHYDROP_SEED, if the program reads it; otherwise put "
            "{seed} into the command"
        )


def _limits(request: Request, subject: Subject) -> Iterator[str]:
    settings = request.settings
    budget = f"{amounts.count(settings.max_trials, 'trial')} at most, {request.jobs} at once"
    if request.max_time_s is not None:
        budget += f", for {amounts.duration(request.max_time_s)}"
    if request.question == "noise":
        yield f"plan: good on fresh seeds, some of them twice; {budget}"
    elif request.question == "compare":
        yield f"plan: good and bad in pairs of one seed until a verdict; {budget}"
    else:
        yield f"plan: {budget}"
        least = smallest_provable(len(subject.factors), settings.max_trials, alpha=settings.alpha)
        if math.isinf(least):
            yield "this budget is too small to show any drop: raise --max-trials"
            return
        yield (
            f"smallest drop that this budget can show: {least:.1f} times the noise, the standard "
            "deviation between seeds; `whydrop noise` measures it"
        )


def _costs(request: Request, subject: Subject) -> list[tuple[int, float]]:
    """Return drops, in standard deviations, with the expected trials when it is one culprit."""
    k, alpha = len(subject.factors), request.settings.alpha
    return [(gap, expected_trials(k, gap, alpha=alpha)) for gap in GAPS]


def _time(trainings: float, trial_seconds: float) -> str:
    if math.isnan(trial_seconds):
        return f"{trainings:.0f} x one training"
    return amounts.duration(trainings * trial_seconds)


def _document(request: Request, subject: Subject) -> dict[str, Any]:
    """Return the plan as JSON has it."""
    settings = request.settings
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
        least = smallest_provable(len(subject.factors), settings.max_trials, alpha=settings.alpha)
        plan["expected"] = [
            {"drop_sigmas": gap, "trials": round(trials)}
            for gap, trials in _costs(request, subject)
        ]
        plan["smallest_provable_sigmas"] = json_file.plain(least)
    return plan
