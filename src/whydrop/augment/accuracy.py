"""Training accuracy under mixing, in which the prediction of either label is partly right."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whydrop.augment.arrays import Array, to_numpy
from whydrop.augment.targets import Labels, Mixed, check_range
from whydrop.core.errors import UsageError


@dataclass(frozen=True)
class MixedAccuracy:
    """Top-1 of a mixed batch, in points.

    Attributes:
        weighted_points: lam where label a is predicted, 1 - lam where b is, averaged.
        highest_points: what the best prediction would get; less than 100 in a mixed batch.
        clean_share: of the samples, from 0 to 1, those whose lam is 1.
        clean_points: accuracy of these alone; None where there are none.
    """

    weighted_points: float
    highest_points: float
    clean_share: float
    clean_points: float | None


def mixed_accuracy(
    logits: Array, mixed: Mixed, *, ignore_index: int | None = None
) -> MixedAccuracy:
    """Return the top-1 accuracy of a mixed batch.

    Comparing predictions with the unmixed labels is the usual mistake: it shows a training
    accuracy far below that of validation.

    Args:
        logits: (n, classes).
        mixed: ids, or rows that add up to 1, of which the largest class counts.
        ignore_index: label that counts neither way.

    Raises:
        UsageError: labels do not fit the logits, or all are to be ignored.

    Example:
        >>> mixed = Mixed(np.array([0, 2]), np.array([1, 1]), np.float32([0.75, 1]))
        >>> seen = mixed_accuracy(np.array([[0.0, 9.0, 0.0], [0.0, 0.0, 9.0]]), mixed)
        >>> seen.weighted_points, seen.highest_points, seen.clean_share, seen.clean_points
        (62.5, 87.5, 0.5, 100.0)
    """
    if len(logits.shape) != 2 or len(logits) != len(mixed):
        what = f"logits have shape {tuple(logits.shape)}, targets {len(mixed)} samples"
        raise UsageError(what, where="mixed_accuracy", do="give logits (n, classes) of that batch")
    classes = logits.shape[1]
    a, b = (_ids(labels, classes, ignore_index) for labels in (mixed.a, mixed.b))
    predicted = to_numpy(logits.argmax(1))
    lam = to_numpy(mixed.lam).astype(np.float64)
    of_a, of_b = lam * (a != ignore_index), (1 - lam) * (b != ignore_index)
    counted = float((of_a + of_b).sum())
    if counted == 0:
        raise UsageError(
            f"all labels are {ignore_index}, which is to be ignored",
            where="mixed_accuracy",
            do="leave out batches without a label",
        )
    right = of_a * (predicted == a) + of_b * (predicted == b)
    most = np.where(a == b, of_a + of_b, np.maximum(of_a, of_b))
    clean = (lam == 1) & (a != ignore_index)
    return MixedAccuracy(
        weighted_points=100 * float(right.sum()) / counted,
        highest_points=100 * float(most.sum()) / counted,
        clean_share=float(clean.mean()),
        clean_points=100 * float(right[clean].mean()) if clean.any() else None,
    )


def _ids(labels: Labels, classes: int, ignore_index: int | None) -> NDArray[np.int64]:
    if len(labels.shape) == 1:
        check_range(labels, classes, where="mixed_accuracy", ignore_index=ignore_index)
        return to_numpy(labels)
    rows = to_numpy(labels).astype(np.float64)
    if rows.shape[1] != classes or np.any(np.abs(rows.sum(1) - 1) > 0.01):
        raise UsageError(
            f"label rows of {rows.shape[1]} classes, for {classes} logits, add up to "
            f"{rows.sum(1).min():g} to {rows.sum(1).max():g}",
            where="mixed_accuracy",
            do="give rows that add up to 1; several labels a sample have no top-1",
        )
    top: NDArray[np.int64] = rows.argmax(1)
    return top
