"""Whether probabilities mean what they say.

All take logits. For a model that ends in a softmax give the logarithm of its outputs, of which the
softmax is those outputs again.
"""

import numpy as np
from numpy.typing import ArrayLike

from whydrop.core.errors import UsageError
from whydrop.training.metrics.arrays import checked, log_probabilities, probabilities


def nll(labels: ArrayLike, logits: ArrayLike) -> float:
    """Return the mean of -log p(label); the cross-entropy, in nats."""
    ids, outputs = checked(labels, logits, where="nll")
    return float(-log_probabilities(outputs)[np.arange(len(ids)), ids].mean())


def ece(labels: ArrayLike, logits: ArrayLike, *, bins: int = 15) -> float:
    """Return the expected calibration error: mean distance of confidence and accuracy, in [0, 1].

    Args:
        labels, logits: as for all metrics.
        bins: of equal width, over the largest probability of each sample.

    Source: Guo et al. (2017), On calibration of modern neural networks, ICML, equation 3.
    """
    ids, outputs = checked(labels, logits, where="ece")
    if bins < 1:
        raise UsageError(f"bins is {bins}", where="ece", do="give 1 or more")
    confidence = probabilities(outputs).max(1)
    right = outputs.argmax(1) == ids
    place = np.minimum((confidence * bins).astype(np.int64), bins - 1)
    # the sum over a bin of (right - confidence) is its size times the distance of the two means
    distance = np.bincount(place, weights=right - confidence, minlength=bins)
    return float(np.abs(distance).sum() / len(ids))
