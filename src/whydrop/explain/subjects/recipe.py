"""Two recipes as a subject: a trial is a training by whydrop's own trainer."""

from collections.abc import Iterable

from whydrop.core.metric import Metric
from whydrop.explain.sources.grouping import require_difference, selected
from whydrop.explain.sources.impossible import impossible
from whydrop.explain.sources.recipes import RecipePair, mixed
from whydrop.explain.subjects.function import Config, FunctionSubject, label
from whydrop.training.recipes.kind import TRAINER


def recipe_subject(
    good: Config,
    bad: Config | None,
    metric: str | None = None,
    minimize: bool = False,
    *,
    only: Iterable[str] = (),
    without: Iterable[str] = (),
    groups: Iterable[str] = (),
) -> FunctionSubject:
    """Return the subject of two recipes.

    Args:
        good, bad: mappings or files; bad is None for a subject without factors.
        metric: the name of a metric or a loss; what both report, when it is None.
        minimize: smaller is better; known of itself for the metrics that whydrop has.
        only, without, groups: see ``selected``.

    Raises:
        UsageError: no difference, an unknown name, no such file, or one of them is no recipe.
        DataError: a recipe with something wrong in it.
    """
    pair = RecipePair.read(good, good if bad is None else bad)
    if bad is not None:
        require_difference(pair.factors, label(good, "good"), label(bad, "bad"))
    factors = selected(pair.factors, only, without, groups)
    ruled_out = impossible(pair, factors)
    key = metric or pair.report
    pair = pair.telling(key)
    return FunctionSubject(
        TRAINER,
        pair.good,
        pair.bad,
        factors,
        Metric(key, minimize or pair.is_minimised(key)),
        key,
        mix=mixed,
        impossible=tuple(names for names, _ in ruled_out),
        notes=tuple(f"{names} is never tried: {reason}" for names, reason in ruled_out),
    )
