"""Accuracy, counted over samples, over classes, and class by class."""

import numpy as np
from numpy.typing import ArrayLike

from whydrop.core.errors import UsageError
from whydrop.training.metrics.arrays import Floats, Ints, checked


def top1(labels: ArrayLike, logits: ArrayLike) -> float:
    """Return the share of samples whose largest logit is that of their label; micro-averaged.

    Of equal logits the first counts, as for ``argmax``.

    Example:
        >>> top1([0, 1, 1], [[2.0, 1.0], [0.0, 3.0], [1.0, 0.0]])
        0.6666666666666666
    """
    ids, outputs = checked(labels, logits, where="top1")
    return float((outputs.argmax(1) == ids).mean())


def topk(labels: ArrayLike, logits: ArrayLike, *, k: int = 5) -> float:
    """Return the share of samples whose label is among the k largest logits.

    Of equal logits the first counts, so that k=1 is ``top1``.

    Raises:
        UsageError: k is not from 1 to the number of classes; arrays do not fit.

    Example:
        >>> topk([2, 0], [[3.0, 2.0, 1.0], [1.0, 3.0, 2.0]], k=2)
        0.0
    """
    ids, outputs = checked(labels, logits, where=f"top{k}")
    if not 1 <= k <= outputs.shape[1]:
        what = f"k is {k}, logits have {outputs.shape[1]} classes"
        raise UsageError(what, where=f"top{k}", do="give k from 1 to the number of classes")
    own = outputs[np.arange(len(ids)), ids][:, None]
    before = np.arange(outputs.shape[1]) < ids[:, None]
    rank = (outputs > own).sum(1) + ((outputs == own) & before).sum(1)
    return float((rank < k).mean())


def macro(labels: ArrayLike, logits: ArrayLike) -> float:
    """Return the mean of the classes' recalls, over the classes that occur in the labels.

    Also called balanced accuracy; scikit-learn's ``balanced_accuracy_score``.
    """
    return float(np.nanmean(per_class(labels, logits)))


def per_class(labels: ArrayLike, logits: ArrayLike) -> Floats:
    """Return float64 (classes,): the recall of each class, NaN where it has no sample."""
    table = confusion(labels, logits)
    samples = table.sum(1)
    recall = np.full(len(samples), np.nan)
    np.divide(table.diagonal(), samples, out=recall, where=samples > 0)
    return recall


def confusion(labels: ArrayLike, logits: ArrayLike) -> Ints:
    """Return int64 (classes, classes): samples by their label (row) and prediction (column).

    Example:
        >>> confusion([0, 1, 1], [[2.0, 1.0], [0.0, 3.0], [1.0, 0.0]])
        array([[1, 0],
               [1, 1]])
    """
    ids, outputs = checked(labels, logits, where="confusion")
    classes = outputs.shape[1]
    pairs = ids * classes + outputs.argmax(1)
    return np.bincount(pairs, minlength=classes**2).reshape(classes, classes)
