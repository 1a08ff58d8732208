"""The arrays that metrics take, checked, and what is read from them more than once."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from whydrop.core.errors import DataError, UsageError

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


def checked(labels: ArrayLike, logits: ArrayLike, *, where: str) -> tuple[Ints, NDArray[Any]]:
    """Return labels and logits as arrays that fit each other.

    Raises:
        UsageError: other shapes; no sample; a label that is no class.
        DataError: logits that are not numbers.
    """
    ids, outputs = np.asarray(labels), np.asarray(logits)
    if ids.ndim != 1 or outputs.ndim != 2 or len(ids) != len(outputs) or not outputs.size:
        what = f"labels have shape {ids.shape}, logits {outputs.shape}"
        raise UsageError(what, where=where, do="give labels (n,) and logits (n, classes)")
    if ids.dtype.kind not in "iu":
        what = f"labels are {ids.dtype}"
        raise UsageError(what, where=where, do="give whole class numbers")
    if ids.min() < 0 or ids.max() >= outputs.shape[1]:
        raise UsageError(
            f"labels go from {ids.min()} to {ids.max()}, logits have {outputs.shape[1]} classes",
            where=where,
            do="give labels first, then the logits of all classes",
        )
    undefined = np.isnan(outputs).any(1)
    if undefined.any():
        raise DataError(
            f"the outputs of {undefined.sum():,} of {len(ids):,} samples are not numbers",
            where=where,
            do="look for NaN in weights and BatchNorm averages; lower the learning rate",
        )
    return ids.astype(np.int64), outputs


def probabilities(logits: ArrayLike) -> Floats:
    """Return the softmax of logits (n, classes), in float64."""
    return np.exp(log_probabilities(logits))


def log_probabilities(logits: ArrayLike) -> Floats:
    """Return the logarithm of the softmax of logits (n, classes), in float64."""
    z = np.asarray(logits, np.float64)
    z = z - z.max(1, keepdims=True)
    log_p: Floats = z - np.log(np.exp(z).sum(1, keepdims=True))
    return log_p
