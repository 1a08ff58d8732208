"""Training accuracy: how many training samples were predicted rightly while the model changed."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from whydrop.augment.targets import Mixed

OF_MIXING = ("train_top1_highest", "train_top1_clean", "train_clean_share")
Sums = NDArray[np.float64]  # (6,): see TrainingAccuracy.sums


class TrainingAccuracy:
    """Top-1 over the steps of an epoch, told honestly where samples are mixed.

    What a step predicted is only kept; it is read at the end, so that no step waits for a device.
    The same numbers as ``whydrop.augment.accuracy``, over all batches together.
    """

    def __init__(self) -> None:
        self._steps: list[tuple[Any, Any]] = []

    def add(self, logits: Any, targets: Any) -> None:
        """Take the outputs and targets of a step.

        Args:
            logits: (n, classes) tensor.
            targets: ids (n,), rows (n, classes), or Mixed, as tensors.
        """
        predicted = logits.detach().argmax(1)
        if isinstance(targets, Mixed) and not targets.are_ids:
            targets = targets.soft(logits.shape[1])
        if not isinstance(targets, Mixed) and targets.ndim == 2:  # all that counts of soft rows
            targets = (targets.gather(1, predicted[:, None])[:, 0], targets.amax(1))
        self._steps.append((predicted, targets))

    def sums(self) -> Sums:
        """Return what processes add up before ``accuracy_columns``.

        Returns:
            Samples; right ones, by the weight of the predicted label; the same of the best
            prediction; unmixed samples; right ones of these; samples of batches with mixed
            targets, whether mixed themselves or not.
        """
        total = np.zeros(6)
        for predicted, targets in self._steps:
            right, highest, clean, is_mixed = _of_step(_array(predicted), targets)
            n = len(right)
            own = (n, right.sum(), highest.sum(), clean.sum(), right[clean].sum(), n * is_mixed)
            total += np.array(own, np.float64)
        return total


def accuracy_columns(sums: Sums) -> dict[str, float]:
    """Return the columns of an epoch, shares from 0 to 1; those of mixing only where it was."""
    n, right, highest, clean, clean_right, mixed = map(float, sums)
    columns = {"train_top1": right / n}
    if mixed:
        shares = (highest / n, clean_right / clean if clean else float("nan"), clean / n)
        columns |= zip(OF_MIXING, shares, strict=True)
    return columns


def _of_step(predicted: NDArray[Any], targets: Any) -> tuple[Any, Any, Any, bool]:
    """Return of each sample how right it is, how right it could be, and whether it is unmixed."""
    if isinstance(targets, tuple):
        right, highest = map(_array, targets)
        return right, highest, highest == 1, True
    if isinstance(targets, Mixed):
        a, b, lam = _array(targets.a), _array(targets.b), _array(targets.lam).astype(np.float64)
        right = lam * (predicted == a) + (1 - lam) * (predicted == b)
        return right, np.where(a == b, 1.0, np.maximum(lam, 1 - lam)), lam == 1, True
    right = predicted == _array(targets)
    return right, np.ones(len(right)), np.ones(len(right), np.bool_), False


def _array(tensor: Any) -> NDArray[Any]:
    array: NDArray[Any] = tensor.cpu().numpy()
    return array
