"""A study from its request to its answer: begun, taken up again, or only looked at."""

import datetime
import itertools
import platform
import re
import shlex
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

import whydrop
from whydrop.core.comparison import Comparison
from whydrop.core.errors import UsageError
from whydrop.core.noise import Noise
from whydrop.core.result import Result
from whydrop.core.study import Study
from whydrop.core.trial import Trial
from whydrop.explain.assemble import (
    AnyDesign,
    design_of,
    executor_of,
    require_apart,
    require_sound,
)
from whydrop.explain.compare import PairedComparison, conclude_comparison
from whydrop.explain.design import Design
from whydrop.explain.first_trials import FirstTrials
from whydrop.explain.noise import GoodAgainstItself, conclude_noise
from whydrop.explain.replay import BUDGET, replay, require_unchanged
from whydrop.explain.request import Function, Request
from whydrop.explain.run import Watcher, run
from whydrop.explain.subject import Subject
from whydrop.journal.record import STUDY_FILE, Header, Record
from whydrop.journal.store import Journal
from whydrop.training.recipes.kind import TRAINER

Answer = Result | Comparison | Noise
JOBS = "jobs"  # the decision that other trials side by side are run than before


def fresh_design(record: Record) -> AnyDesign:
    """Return the design of a study as it was at the beginning; a replay brings it up to date."""
    return design_of(Request.from_json(record.header.settings), record.header.factors)


def free_folder(request: Request, name: str | None = None) -> Path:
    """Return ``whydrop-studies/NAME-DATE``, with a number if that is taken."""
    now = datetime.datetime.now().astimezone()
    base = Path("whydrop-studies") / f"{name or name_of(request)}-{now:%Y-%m-%d-%H%M%S}"
    numbered = (base.with_name(f"{base.name}-{n}") for n in itertools.count(2))
    return next(folder for folder in itertools.chain([base], numbered) if not folder.exists())


def name_of(request: Request) -> str:
    """Return a short name for a study: its function, script or program.

    Example:
        >>> name_of(Request.of("noise", good="python -u train/main.py --lr 1"))
        'main'
        >>> name_of(Request.of("noise", good="a.yaml", function="package.models:fit"))
        'fit'
    """
    if request.function is not None:
        named = request.function
        name = named if isinstance(named, str) else getattr(named, "__name__", "function")
        name = name.rpartition(":")[2]
    else:
        words = str(request.run or request.good).split()
        scripts = [word for word in words if word.endswith((".py", ".sh"))]
        name = Path((scripts or words or [""])[0]).stem
    return re.sub(r"[^\w.-]+", "-", name).strip("-.") or "study"


def begin(
    request: Request,
    subject: Subject,
    folder: Path,
    *,
    command: Sequence[str] = (),
    say: Callable[[str], None] | None = None,
) -> Journal:
    """Begin a study in a folder: a new or empty one, or one whose study has no result yet.

    Such a study most often has a wrong metric or a program that cannot run, and is asked again
    with that corrected. It is kept, in a folder inside.

    Args:
        say: is told, in one line, that a study was set aside.

    Raises:
        UsageError: as ``require_sound``.
        JournalError: the folder holds results or something else, or cannot be written.
    """
    require_sound(request, subject)
    header = Header(
        factors=subject.factors,
        metric=subject.metric,
        identity=subject.identity(),
        settings=request.to_json(),
        command=tuple(command),
        versions={
            "whydrop": whydrop.__version__,
            "python": platform.python_version(),
            **subject.versions(),
        },
    )
    if not (folder / STUDY_FILE).exists() or has_results(folder):
        return Journal.create(folder, header)
    journal, aside = Journal.create_instead(folder, header)
    if say:
        say(f"begun anew: no trial of the study in {folder} gave a metric; it is kept in {aside}")
    return journal


def has_results(folder: Path) -> bool:
    """Return whether any trial of the study in a folder has given a metric."""
    with Record.open(folder) as record:
        return record.has_results()


def takes_up(request: Request, subject: Subject, folder: Path) -> bool:
    """Return whether a call goes on with the study in a folder, or else begins one there.

    It goes on with a study that has results, which must then be the one that is asked for, and
    with one that has none if it is.
    """
    if not (folder / STUDY_FILE).exists():
        return False
    with Record.open(folder) as record:
        if record.has_results():
            return True
        try:
            require_same(request, record)
            require_unchanged(subject, record)
        except UsageError:
            return False
        return True


def asked_in(record: Record, function: Function | None = None) -> Request:
    """Return what a study was asked, with the budget and the jobs it was last given.

    Args:
        function: of a study whose function was given as itself, which no file can hold.
    """
    request = Request.from_json(record.header.settings)
    last = {decision.name: decision.payload for decision in record.decisions()}
    settings = replace(request.settings, max_trials=last.get(BUDGET, request.settings.max_trials))
    return replace(
        request,
        settings=settings,
        jobs=last.get(JOBS, request.jobs),
        function=function or request.function,
    )


def require_same(request: Request, record: Record) -> None:
    """Check that a study in a folder is the one that is asked for now.

    Where and how fast it runs may differ, and its budget; what it finds must not depend on them.

    Raises:
        UsageError: it asks something else; names the first thing.
    """
    before, now = asked_in(record).to_json(), request.to_json()
    for side in (before, now):
        side.update(side.pop("settings"))
        for free in ("base", "jobs", "executor", "max_time_s", "limits", "max_trials", "wave"):
            side.pop(free)
    for key, old in before.items():
        if old != now[key]:
            raise UsageError(
                f"this study was begun with another {key}: {old!r}, now {now[key]!r}",
                where=str(record.folder),
                do="ask the same to go on with it, or name another study folder",
            )


def raise_budget(journal: Journal, max_trials: int) -> None:
    """Let a study run more trials in all than it was allowed before.

    Raises:
        UsageError: fewer than before.
    """
    before = asked_in(journal).settings.max_trials
    if max_trials < before:
        raise UsageError(
            f"a study's budget can only grow; it was {before} trials, not {max_trials}",
            where="max_trials",
            do=f"give at least {before}, or stop the study with Ctrl-C",
        )
    if max_trials > before:
        journal.decide(BUDGET, max_trials)


def carry_on(
    request: Request, subject: Subject, journal: Journal, watch: Watcher | None = None
) -> tuple[Answer, bool]:
    """Run a study from wherever it is, and return its answer and whether it is finished.

    It is not finished when its time or its trials ran out before its question was answered.

    Raises:
        UsageError: the study is about something that has changed since, or no trial works.
        Interrupted: the user stopped it.
    """
    require_unchanged(subject, journal)
    require_apart(subject, request.jobs)
    if request.jobs != asked_in(journal).jobs:
        journal.decide(JOBS, request.jobs)
    design = fresh_design(journal)
    executor = executor_of(request, subject, journal.folder)
    alone = partial(_alone, request, journal.folder)
    watch = FirstTrials(journal.folder, journal.study(), watch, alone)
    study = run(design, executor, journal, max_time_s=request.max_time_s, watch=watch)
    return _concluded(study, design, journal), finished(design)


def _alone(request: Request, folder: Path, trial: Trial) -> str:
    """Return how a user runs a trial of good without the study."""
    if request.function is None:
        return "the command by hand"
    if not isinstance(request.function, str):
        return f"{name_of(request)}(config, {trial.seed}) with the config of good"
    if request.function == TRAINER and isinstance(request.good, str):
        return f"`whydrop train {shlex.quote(request.good)} --seed {trial.seed}`"
    return f"`whydrop rerun {shlex.quote(str(folder))} {trial.number}`"


def answer_of(record: Record) -> tuple[Answer, bool]:
    """Return what a study's outcomes say now, and whether it is finished; runs nothing."""
    design = fresh_design(record)
    study = replay(design, record)
    return _concluded(study, design, record), finished(design)


def finished(design: AnyDesign) -> bool:
    """Whether a study has its answer; False when time or budget ended first."""
    if not design.done:
        return False
    if isinstance(design, Design):
        return design.stopped != "budget"
    if isinstance(design, PairedComparison):
        return design.decided or design.stuck
    return True


def _concluded(study: Study, design: AnyDesign, record: Record) -> Answer:
    values = [outcome.value for outcome in study.outcomes if outcome.value is not None]
    if values:  # of a first wave that is not complete yet
        study = replace(study, metric=study.metric.settled(values))
    origin: dict[str, Any] = {
        "versions": record.header.versions,
        "command": shlex.join(record.header.command),
        "folder": str(record.folder),
    }
    if isinstance(design, PairedComparison):
        answer: Answer = conclude_comparison(study, design)
        return replace(answer, plan=asdict(design.settings), **origin)
    if isinstance(design, GoodAgainstItself):
        answer = conclude_noise(study, design)
        return replace(answer, plan=asdict(design.settings), **origin)
    from whydrop.explain.conclude import conclude

    return replace(conclude(study, design), **origin)
