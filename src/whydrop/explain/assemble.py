"""What a request is made into: a subject, a design and an executor, checked before any trial."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from whydrop.core.errors import UsageError
from whydrop.core.factor import Factor
from whydrop.explain.compare import PairedComparison
from whydrop.explain.constraints import forbidden, told_apart
from whydrop.explain.design import Design
from whydrop.explain.executor import Executor
from whydrop.explain.noise import GoodAgainstItself
from whydrop.explain.request import Request, Side
from whydrop.explain.subject import Subject
from whydrop.training.recipes.kind import TRAINER, is_recipe

if TYPE_CHECKING:
    from whydrop.explain.subjects.command import CommandSubject
    from whydrop.explain.subjects.function import FunctionSubject

AnyDesign = Design | PairedComparison | GoodAgainstItself


def understood(request: Request) -> Request:
    """Return a request with what its recipes themselves say, if it is about recipes.

    They are run by whydrop's own trainer, measured by the metric that they report, and rule out
    combinations that make no sense.

    Raises:
        UsageError: one side is a recipe and the other is none.
        DataError: a recipe with something wrong in it.
    """
    if request.function is None and request.run is None and is_recipe(request.good):
        request = replace(request, function=TRAINER)
    if request.function != TRAINER:
        return request
    subject = _of_function(request)
    declared = subject.impossible if request.question == "explain" else ()
    forbid = tuple(dict.fromkeys((*request.forbid, *declared)))
    return replace(request, metric=subject.metric.name, forbid=forbid)


def subject_of(request: Request) -> Subject:
    """Return what runs the trials of a request.

    Raises:
        UsageError: good and bad do not differ, a name is unknown, or a file is not there.
    """
    subject = _subject_of(request)
    if request.question != "explain":
        return subject
    return replace(subject, factors=told_apart(request.forbid, subject.factors))


def _subject_of(request: Request) -> "CommandSubject | FunctionSubject":
    return _of_function(request) if request.function is not None else _of_command(request)


def _of_function(request: Request) -> "FunctionSubject":
    from whydrop.explain.subjects.function import FunctionSubject

    assert request.function is not None  # noqa: S101
    made_of: Callable[..., FunctionSubject] = partial(FunctionSubject.of, request.function)
    if request.function == TRAINER:
        from whydrop.explain.subjects.recipe import recipe_subject

        made_of = recipe_subject
    return made_of(
        request.good,
        request.bad,
        request.metric or None,
        request.minimize,
        only=request.factor,
        without=request.without,
        groups=request.group,
    )


def _of_command(request: Request) -> "CommandSubject":
    from whydrop.explain.subjects.command import CommandSubject, Setup

    for side in (request.good, request.bad):
        if isinstance(side, Mapping):
            raise UsageError(
                "a mapping of settings needs a function that takes it",
                where="good and bad",
                do="give the function too; a study begun in Python goes on by the same call again",
            )
    setup = Setup(
        request.metric or None,
        request.minimize,
        only=request.factor,
        without=request.without,
        groups=request.group,
        env=request.env,
        cwd=request.cwd,
    )
    good, bad = str(request.good), None if request.bad is None else str(request.bad)
    if request.run is not None:
        return CommandSubject.from_configs(request.run, good, bad, setup)
    return CommandSubject.from_arguments(good, bad, setup)


def differences(good: Side | Path, bad: Side | Path) -> tuple[Factor, ...]:
    """Return what differs between two command lines, recipes, config files or mappings."""
    from whydrop.explain.sources import values
    from whydrop.explain.sources.arguments import ArgumentPair
    from whydrop.explain.sources.config_files import ConfigPair

    if is_recipe(good) and is_recipe(bad):
        from whydrop.explain.sources.recipes import RecipePair

        return RecipePair.read(good, bad).factors
    if isinstance(good, Mapping) and isinstance(bad, Mapping):
        return values.factors(good, bad)
    if isinstance(good, Mapping) or isinstance(bad, Mapping):
        raise UsageError(
            "a mapping and a text cannot be compared",
            where="good and bad",
            do="give two of one kind",
        )
    if Path(good).is_file() or Path(bad).is_file():
        return ConfigPair.read(Path(good), Path(bad)).factors
    return ArgumentPair.read(str(good), str(bad)).factors


def design_of(request: Request, factors: Sequence[Factor]) -> AnyDesign:
    """Return a fresh design for a request.

    Raises:
        UsageError: ``forbid`` names what is no factor.
    """
    if request.question == "noise":
        return GoodAgainstItself(request.settings)
    if request.question == "compare":
        whole = (1 << len(factors)) - 1
        return PairedComparison(
            request.settings, bad=whole, margin=request.margin, gate=request.gate
        )
    return Design(len(factors), request.settings, forbidden(request.forbid, factors))


def executor_of(request: Request, subject: Subject, folder: Path) -> Executor:
    """Return the executor that a request asks for.

    Raises:
        UsageError: there is none of that name.
    """
    from whydrop.explain.executors.local import LocalExecutor

    if request.executor != "local":
        raise UsageError(
            f"there is no executor {request.executor!r}", where="executor", do="use local"
        )
    return LocalExecutor(subject, folder, request.jobs, request.limits)


def require_sound(request: Request, subject: Subject) -> None:
    """Check all that can be wrong with a study before its first trial.

    Raises:
        UsageError: a budget, level or name that makes no sense, or trials that would get in each
            other's way.
    """
    settings = request.settings
    fewest = 3 if request.question == "noise" else 2
    for name, wrong, do in (
        ("max_trials", settings.max_trials < fewest, f"give at least {fewest}"),
        ("alpha", not 0 < settings.alpha <= 0.5, "give a chance between 0 and 0.5, such as 0.05"),
        (
            "min_effect",
            settings.min_effect is not None and settings.min_effect <= 0,
            "give points above 0",
        ),
        ("interactions", settings.interactions not in (1, 2, 3), "give 1, 2 or 3"),
    ):
        if wrong:
            raise UsageError(f"{getattr(settings, name)!r} cannot be used", where=name, do=do)
    design_of(request, subject.factors)
    require_apart(subject, request.jobs)


def require_apart(subject: Subject, jobs: int) -> None:
    """Check that trials side by side do not read one another's metric.

    Raises:
        UsageError: they would write it into one file.
    """
    if jobs > 1 and subject.shares_file:
        raise UsageError(
            f"{jobs} trials at once would all write {subject.shares_file}",
            where="jobs",
            do="put {out} into the command, a folder of each trial's own, or take jobs=1",
        )
