"""Measure: a metric and which way is better; METRICS: those by name."""

import contextlib
import difflib
import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeAlias, get_args

from whydrop.core.errors import UsageError
from whydrop.core.metric import Metric, Unit
from whydrop.training.metrics import mistakes
from whydrop.training.metrics.accuracy import macro, top1, topk
from whydrop.training.metrics.calibration import ece, nll

Compute: TypeAlias = Callable[..., Any]  # (labels, logits) -> a number


@dataclass(frozen=True)
class Measure:
    """A number that is read off a model's outputs: a function, and which way it is better.

    Args:
        name: of its column.
        compute: the function of NumPy arrays: labels (n,) and logits (n, classes).
        minimize: True for losses and errors, of which the smallest is best.
        unit: "points" shows a share of 0..1 as 0..100, "raw" shows the number itself; "auto" takes
            numbers of 0..1 that should rise for shares.

    Raises:
        UsageError: a name that is none, or no function.

    Example:
        >>> def error(labels, logits):
        ...     return (labels != logits.argmax(1)).mean()
        >>> Measure("error", error, minimize=True, unit="points").metric.direction
        'minimize'
    """

    name: str
    compute: Compute
    minimize: bool = False
    unit: Unit = "auto"

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not self.name.isidentifier():
            do = "give one word, such as error_rate: it is the column"
            raise UsageError(f"the name of a metric is {self.name!r}", where="Measure", do=do)
        if not callable(self.compute):
            what = f"{self.name} is computed by {self.compute!r}"
            raise UsageError(what, where="Measure", do="give a function of (labels, logits)")
        if not isinstance(self.minimize, bool) or self.unit not in get_args(Unit):
            what = f"minimize is {self.minimize!r}, unit {self.unit!r}"
            do = f"minimize is True or False, unit one of {', '.join(get_args(Unit))}"
            raise UsageError(what, where="Measure", do=do)

    def __call__(self, labels: Any, logits: Any) -> float:
        """Return the number.

        Raises:
            UsageError: the function returns something else.
        """
        value = self.compute(labels, logits)
        shape = tuple(getattr(value, "shape", ()))
        if not shape and not isinstance(value, str):
            with contextlib.suppress(TypeError, ValueError):
                return float(value)
        of_shape = f" of shape {shape}" if shape else ""
        raise UsageError(
            f"the metric {self.name} returns a {type(value).__name__}{of_shape}",
            where=f"metric {self.name}",
            do="return one number, over all samples",
        )

    @property
    def metric(self) -> Metric:
        """Its name, which way is better, and how it is shown."""
        return Metric(self.name, minimize=self.minimize, unit=self.unit)


OneMetric: TypeAlias = str | Compute | Measure


def _share(name: str, compute: Compute, *, minimize: bool = False) -> Measure:
    return Measure(name, compute, minimize=minimize, unit="points")


METRICS: dict[str, Measure] = {
    measure.name: measure
    for measure in (
        _share("top1", top1),
        _share("top5", partial(topk, k=5)),
        _share("macro", macro),
        _share("ece", ece, minimize=True),
        Measure("nll", nll, minimize=True, unit="raw"),
        # what is often shown in their place
        _share("macro_all_classes", mistakes.macro_all_classes),
        _share("macro_seen_classes", mistakes.macro_seen_classes),
        _share("batch_mean_top1", mistakes.batch_mean_top1),
        _share("batch_mean_macro", mistakes.batch_mean_macro),
        _share("full_batches_top1", mistakes.full_batches_top1),
    )
}


def measure_for(metric: OneMetric, *, batch_size: int, classes: int | None = None) -> Measure:
    """Return what a name or a function measures.

    Args:
        metric: a name of METRICS, or "top" and a number; a function of (labels, logits) that has
            a name, larger being better; or a Measure, which says how it is.
        batch_size: for those metrics that depend on it.
        classes: how many there are, where that is known.

    Raises:
        UsageError: there is no such metric, or not for so few classes.
    """
    if isinstance(metric, Measure):
        return metric
    if isinstance(metric, str):
        found = METRICS.get(metric)
        of_k = re.fullmatch(r"top([1-9]\d*)", metric)
        if of_k and classes is not None and int(of_k[1]) > classes:
            what = f"{metric} of {classes} classes would count every sample"
            raise UsageError(what, where="Learner", do="give a smaller number, or top1")
        if found is None and of_k:
            found = _share(metric, partial(topk, k=int(of_k[1])))
        if found is None:
            near = difflib.get_close_matches(metric, METRICS, 1)
            do = f"did you mean {near[0]!r}?" if near else f"give one of {', '.join(METRICS)}"
            raise UsageError(f"there is no metric {metric!r}", where="Learner", do=do)
        if "batch_size" in inspect.signature(found.compute).parameters:
            return replace(found, compute=partial(found.compute, batch_size=batch_size))
        return found
    name = getattr(metric, "__name__", "")
    if not callable(metric) or not name.isidentifier():
        do = 'give a name, a function made by def, or Measure("error_rate", function)'
        raise UsageError(f"{metric!r} is no metric", where="Learner", do=do)
    return Measure(name, metric)
