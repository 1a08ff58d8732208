"""Accuracies as they are often got wrong, by name, so that a study can say what each one costs.

None of them should judge a model. They repeat, on the same predictions, what other code shows.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from whydrop.core.errors import UsageError
from whydrop.training.metrics.accuracy import per_class, top1
from whydrop.training.metrics.arrays import checked


def macro_all_classes(labels: ArrayLike, logits: ArrayLike) -> float:
    """Return the mean of the classes' recalls, where a class without samples counts 0.

    So a batch of one class of four, all of it right, gets 0.25.
    """
    return float(np.nan_to_num(per_class(labels, logits)).mean())


def macro_seen_classes(labels: ArrayLike, logits: ArrayLike) -> float:
    """Return the mean recall of the classes that occur in labels or predictions.

    A class that is predicted and never there counts 0. This is the default of
    ``torchmetrics.classification.MulticlassAccuracy``, version 1.
    """
    ids, outputs = checked(labels, logits, where="macro_seen_classes")
    seen = np.union1d(ids, outputs.argmax(1))
    return float(np.nan_to_num(per_class(ids, outputs))[seen].mean())


def batch_mean_top1(labels: ArrayLike, logits: ArrayLike, *, batch_size: int) -> float:
    """Return the mean of the batches' accuracies: samples of a short last batch count more."""
    return _mean_over_batches(top1, labels, logits, batch_size)


def batch_mean_macro(labels: ArrayLike, logits: ArrayLike, *, batch_size: int) -> float:
    """Return the mean of the batches' ``macro_seen_classes``: each batch has classes of its own."""
    return _mean_over_batches(macro_seen_classes, labels, logits, batch_size)


def full_batches_top1(labels: ArrayLike, logits: ArrayLike, *, batch_size: int) -> float:
    """Return the accuracy without the samples of a short last batch, as with ``n // batch_size``.

    Raises:
        UsageError: there is no full batch.
    """
    ids, outputs = checked(labels, logits, where="full_batches_top1")
    kept = len(ids) // batch_size * batch_size
    if not kept:
        what = f"there are {len(ids):,} samples, a batch has {batch_size:,}"
        raise UsageError(what, where="full_batches_top1", do="give a smaller batch size")
    return top1(ids[:kept], outputs[:kept])


def _mean_over_batches(
    metric: Callable[[ArrayLike, ArrayLike], float],
    labels: ArrayLike,
    logits: ArrayLike,
    batch_size: int,
) -> float:
    ids, outputs = checked(labels, logits, where=f"batch mean of {metric.__name__}")
    starts = range(0, len(ids), batch_size)
    batches = [slice(start, start + batch_size) for start in starts]
    return float(np.mean([metric(ids[batch], outputs[batch]) for batch in batches]))
