"""Metrics by name: METRICS, and what a learner makes of a name or a function."""

import difflib
import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

from whydrop.core.errors import UsageError
from whydrop.core.metric import Metric
from whydrop.training.metrics import mistakes
from whydrop.training.metrics.accuracy import macro, top1, topk
from whydrop.training.metrics.calibration import ece, nll

Compute: TypeAlias = Callable[..., Any]  # (labels, logits) -> a number


@dataclass(frozen=True)
class Measure:
    """A number that is read off a model's outputs.

    Attributes:
        metric: its name, which way is better, and how it is shown.
        compute: the function of (labels, logits).
    """

    metric: Metric
    compute: Compute


def _share(name: str, compute: Compute, *, minimize: bool = False) -> Measure:
    return Measure(Metric(name, minimize=minimize, unit="points"), compute)


METRICS: dict[str, Measure] = {
    measure.metric.name: measure
    for measure in (
        _share("top1", top1),
        _share("top5", partial(topk, k=5)),
        _share("macro", macro),
        _share("ece", ece, minimize=True),
        Measure(Metric("nll", minimize=True, unit="raw"), nll),
        # what is often shown in their place
        _share("macro_all_classes", mistakes.macro_all_classes),
        _share("macro_seen_classes", mistakes.macro_seen_classes),
        _share("batch_mean_top1", mistakes.batch_mean_top1),
        _share("batch_mean_macro", mistakes.batch_mean_macro),
        _share("full_batches_top1", mistakes.full_batches_top1),
    )
}


def measure_for(metric: str | Compute, *, batch_size: int) -> Measure:
    """Return what a name or a function measures.

    Args:
        metric: a name of METRICS, or "top" and a number; or a function of (labels, logits) that
            has a name, larger being better.
        batch_size: for those metrics that depend on it.

    Raises:
        UsageError: there is no such metric.
    """
    if isinstance(metric, str):
        found = METRICS.get(metric)
        of_k = re.fullmatch(r"top([1-9]\d*)", metric)
        if found is None and of_k:
            found = _share(metric, partial(topk, k=int(of_k[1])))
        if found is None:
            near = difflib.get_close_matches(metric, METRICS, 1)
            do = f"did you mean {near[0]!r}?" if near else f"give one of {', '.join(METRICS)}"
            raise UsageError(f"there is no metric {metric!r}", where="Learner", do=do)
        if "batch_size" in inspect.signature(found.compute).parameters:
            return Measure(found.metric, partial(found.compute, batch_size=batch_size))
        return found
    name = getattr(metric, "__name__", "")
    if not callable(metric) or not name.isidentifier():
        do = "give a name, or a function made by def: its name is the column"
        raise UsageError(f"{metric!r} is no metric", where="Learner", do=do)
    return Measure(Metric(name), metric)
