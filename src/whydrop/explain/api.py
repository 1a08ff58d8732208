"""explain, diff, noise and compare as functions: the Python side of the commands."""

from collections.abc import Callable
from pathlib import Path
from typing import Unpack

from whydrop.core.comparison import Comparison
from whydrop.core.errors import UsageError
from whydrop.core.factor import Factor
from whydrop.core.noise import Noise
from whydrop.core.result import Result
from whydrop.explain import assemble, conduct
from whydrop.explain.request import Function, Request, Side, StudyOptions
from whydrop.explain.run import Watcher
from whydrop.journal.store import Journal


def explain(
    function: Function | None = None,
    *,
    good: Side | Path,
    bad: Side | Path,
    study: str | Path | None = None,
    watch: Watcher | None = None,
    quiet: bool = False,
    **options: Unpack[StudyOptions],
) -> Result:
    """Return which differences between two runs cost how many points.

    Args:
        function: called as ``function(config, seed)`` with a mapping; returns a mapping that
            holds the metric. None when good and bad are command lines, recipes, or files for
            ``run``.
        good: mapping, config file, recipe or command line of the run that is as it should be.
        bad: of the run whose metric is lower.
        study: folder to keep everything in; one that holds this very study is taken up again,
            and one whose study has no result yet may be asked something else. None makes one
            under ``whydrop-studies``.
        watch: is told of the progress, in place of the display on standard error or in the
            notebook.
        quiet: show no progress.
        options: see ``StudyOptions``; the usual ones are ``metric``, ``min_effect`` (points),
            ``max_trials`` and ``jobs``.

    Raises:
        UsageError: nothing differs, a name is unknown, or the good run does not work.
        JournalError: the folder holds something else or cannot be written.

    Example:
        >>> import random, tempfile, whydrop
        >>> def train(config, seed):
        ...     noise = 0.005 * random.Random(f"{seed} {config}").gauss(0, 1)
        ...     return {"top1": 0.9 - 0.1 * config["softmax_twice"] + noise}
        >>> result = whydrop.explain(
        ...     train, good={"softmax_twice": False, "lr": 0.1},
        ...     bad={"softmax_twice": True, "lr": 0.2},
        ...     metric="top1", study=tempfile.mkdtemp())
        >>> result.verdict, [culprit.factors for culprit in result.culprits]
        ('explained', [('softmax_twice',)])
    """
    request = Request.of("explain", function=function, good=good, bad=bad, **options)
    answer = _studied(request, study, watch, quiet=quiet)
    assert isinstance(answer, Result)  # noqa: S101
    return answer


def compare(
    function: Function | None = None,
    *,
    good: Side | Path,
    bad: Side | Path,
    within: float | None = None,
    fail_if_worse: float | None = None,
    study: str | Path | None = None,
    watch: Watcher | None = None,
    quiet: bool = False,
    **options: Unpack[StudyOptions],
) -> Comparison:
    """Return whether bad is worse than good, better, or equal within some points.

    Args:
        within: differences up to this, in points, are equal; None takes 1 % of good's first
            result.
        fail_if_worse: ask only whether a drop exceeds this, in points; the answer is
            ``judgement.gate``.
        function, good, bad, study, watch, quiet, options: as for ``explain``.

    Raises:
        UsageError: both margins are given; otherwise as for ``explain``.
        JournalError: as for ``explain``.
    """
    if within is not None and fail_if_worse is not None:
        raise UsageError(
            "within and fail_if_worse ask two different questions",
            where="whydrop.compare()",
            do="give one of them",
        )
    request = Request.of(
        "compare",
        function=function,
        good=good,
        bad=bad,
        margin=within if fail_if_worse is None else fail_if_worse,
        gate=fail_if_worse is not None,
        **options,
    )
    answer = _studied(request, study, watch, quiet=quiet)
    assert isinstance(answer, Comparison)  # noqa: S101
    return answer


def noise(
    function: Function | None = None,
    *,
    good: Side | Path,
    study: str | Path | None = None,
    watch: Watcher | None = None,
    quiet: bool = False,
    **options: Unpack[StudyOptions],
) -> Noise:
    """Return how much the metric of one run moves by chance, and what a study would cost.

    Args:
        function, good, study, watch, quiet, options: as for ``explain``.

    Raises:
        UsageError, JournalError: as for ``explain``.
    """
    request = Request.of("noise", function=function, good=good, **options)
    answer = _studied(request, study, watch, quiet=quiet)
    assert isinstance(answer, Noise)  # noqa: S101
    return answer


def diff(good: Side | Path, bad: Side | Path) -> tuple[Factor, ...]:
    """Return what differs between two command lines, recipes, config files or mappings.

    Nothing is run.

    Text is a file when it names one that exists, otherwise a command line. Two recipes are
    compared with all their defaults filled in.

    Raises:
        UsageError: two sides of different kinds, or a command line that cannot be split.
        DataError: a file that does not hold a config.

    Example:
        >>> [(f.name, f.off, f.on) for f in diff("train.py --lr 0.1", "train.py --lr 0.1 --amp")]
        [('amp', (absent), True)]
    """
    return assemble.differences(good, bad)


def _studied(
    request: Request, study: str | Path | None, watch: Watcher | None, *, quiet: bool
) -> conduct.Answer:
    if quiet or watch is not None:
        return _run(request, study, watch)
    # How progress looks belongs to the report, beside this folder: the front door knows it.
    import whydrop

    with whydrop.Progress() as progress:
        return _run(request, study, progress, progress.say)


def _run(
    request: Request,
    study: str | Path | None,
    watch: Watcher | None,
    say: Callable[[str], None] | None = None,
) -> conduct.Answer:
    request = assemble.understood(request)
    subject = assemble.subject_of(request)
    folder = Path(study) if study is not None else conduct.free_folder(request)
    if not conduct.takes_up(request, subject, folder):
        with conduct.begin(request, subject, folder, say=say) as journal:
            return conduct.carry_on(request, subject, journal, watch)[0]
    with Journal.open(folder) as journal:
        conduct.require_same(request, journal)
        conduct.raise_budget(journal, request.settings.max_trials)
        return conduct.carry_on(request, subject, journal, watch)[0]
