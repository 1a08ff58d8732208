"""Soften: a label counts less, the less of its image is to be seen."""

import math
from typing import Any, NamedTuple

import numpy as np

from whydrop.augment.arrays import Array, in_library_of
from whydrop.augment.op import Floats
from whydrop.augment.targets import Labels, Mixed
from whydrop.core.errors import UsageError


class Softened(NamedTuple):
    """Labels after softening.

    Attributes:
        rows: float32 (n, classes), in the library and on the device of the labels.
        spread: mean share, from 0 to 1, of the rows that went to all classes alike.
    """

    rows: Array
    spread: float


def check_soften(power: Any, classes: int | None) -> None:
    """Check the power by which labels are softened; None is off.

    Raises:
        UsageError: it is no number above 0, or the number of classes is missing.
    """
    if power is None:
        return
    number = isinstance(power, int | float) and not isinstance(power, bool)
    if not (number and 0 < power < math.inf):
        raise UsageError(
            f"soften is {power!r}",
            where="Pipeline",
            do="give the power of the hidden share: 1 for a straight line, more to soften less",
        )
    if not classes:
        what = "softened labels are rows of all classes"
        raise UsageError(what, where="Pipeline", do="give classes=10, say")


def softened(
    labels: Labels, visible: Floats, *, classes: int, power: float, smoothing: float = 0.0
) -> Softened:
    """Return labels brought towards "all classes alike" by what is hidden of their images.

    With v the visible share, a row is (1 - e) * label + e / classes, where e = (1 - v) ** power.
    So the label's own class has 1 - (1 - 1 / classes) * (1 - v) ** power. At power 1 that is a
    straight line from 1, with all of the image in sight, to chance, with none of it.

    Args:
        labels: (n,) class ids, or (n, classes) rows, which keep their sums.
        visible: (n,) shares from 0 to 1.
        classes: how many there are.
        power: above 0; the paper's k.
        smoothing: share of the result that is spread over all classes besides.

    Example:
        >>> softened(np.array([0, 1]), np.array([1.0, 0.5]), classes=2, power=1).rows
        array([[1.  , 0.  ],
               [0.25, 0.75]], dtype=float32)

    Source: Liu et al. (2023), Soft augmentation for image classification, CVPR: softening of
    targets, with p_min at chance, 1 / classes.
    """
    whole = in_library_of(labels, np.ones(len(labels), np.float32))
    rows = Mixed(labels, labels, whole).soft(classes)
    spread = 1 - (1 - smoothing) * (1 - (1 - visible) ** power)
    share = in_library_of(rows, spread.astype(np.float32))[:, None]
    rows = (1 - share) * rows + share * rows.sum(1)[:, None] / classes
    # At 1 there would be no label left, which Mixed does not take for smoothing.
    return Softened(rows, min(float(spread.mean()), 1 - 1e-6))
