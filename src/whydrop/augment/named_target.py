"""NamedTarget: the target of one sample as classes with weights, by their names."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from whydrop.augment.arrays import to_numpy
from whydrop.augment.targets import Labels, Mixed

LEAST = 1e-6  # a weight that counts as none, or two that count as equal


class NamedTarget(NamedTuple):
    """What a model is to answer for one sample.

    Attributes:
        weights: the classes that stand out with their weights, the largest first.
        others: the weight of each class that is not among them.
    """

    weights: tuple[tuple[str, float], ...]
    others: float


NO_TARGET = NamedTarget((), 0.0)


def target_of(targets: Any, i: int, classes: Sequence[str] | None) -> NamedTarget:
    """Return the target of a sample.

    Args:
        targets: ids (n,), rows (n, classes) or ``Mixed``.
        i: position in the batch.
        classes: their names; numbers without.

    Example:
        >>> mixed = Mixed(np.array([0]), np.array([1]), np.float32([0.75]))
        >>> target_of(mixed, 0, ["cat", "dog"])
        NamedTarget(weights=(('cat', 0.75), ('dog', 0.25)), others=0.0)
    """
    total = _total(targets, i)
    ranked = sorted(total.items(), key=lambda item: -item[1])  # stable: of equals the first
    floor = ranked[-1][1] if len(ranked) > 2 else 0.0
    named = [item for item in ranked if item[1] > floor + LEAST] or ranked[:1]
    if len(ranked) - len(named) == 1 and floor > LEAST:
        named = ranked
    others = floor if len(named) < len(ranked) and floor > LEAST else 0.0
    return NamedTarget(tuple((_name(one, classes), weight) for one, weight in named), others)


def label_of(labels: Labels | None, i: int, classes: Sequence[str] | None) -> str:
    """Return the name of a sample's label; several names of a row with several; or nothing."""
    if labels is None:
        return ""
    return ", ".join(name for name, _ in target_of(labels, i, classes).weights[:3])


def _total(targets: Any, i: int) -> dict[int, float]:
    """Return weights by class, zeros of rows included."""
    if isinstance(targets, Mixed):
        lam = float(targets.lam[i])
        parts = [(targets.a[i], lam), (targets.b[i], 1 - lam)]
    else:
        parts = [(targets[i], 1.0)]
    total: dict[int, float] = {}
    for label, weight in parts:
        values = to_numpy(label).astype(np.float64)
        row = enumerate(values.tolist()) if values.ndim else [(int(values), 1.0)]
        for one, share in row:
            total[one] = total.get(one, 0.0) + weight * share
    return total


def _name(one: int, classes: Sequence[str] | None) -> str:
    return classes[one] if classes and 0 <= one < len(classes) else str(one)
