"""Splits and subsets by class, that depend on the seed and the positions alone."""

import numpy as np
from numpy.typing import NDArray

from whydrop.augment.draws import uniforms
from whydrop.core.errors import UsageError
from whydrop.training.samples import Samples


def stratified(samples: Samples, share: float, *, seed: int) -> tuple[Samples, Samples]:
    """Return the samples in two parts (rest, taken), both in the order of the data.

    Of each class with n samples the taken part has less than one more or fewer than share * n, and
    the rest keeps at least one. With one seed, a smaller taken part is contained in a larger one.

    Args:
        share: of each class, in (0, 1); 0.2 for an 80/20 split.
        seed: 0 or larger.

    Raises:
        UsageError: a share outside its range, or of so few samples that none is taken.

    Example:
        >>> points = Samples(np.zeros((20, 1), np.float32), [0] * 10 + [1] * 10, ("a", "b"))
        >>> rest, taken = stratified(points, 0.2, seed=0)
        >>> rest.counts.tolist(), taken.counts.tolist()
        ([8, 8], [2, 2])
    """
    if not 0.0 < share < 1.0:
        raise UsageError(f"share is {share:g}", where="stratified", do="give it from 0 to 1")
    wanted = np.minimum(
        rounded_share(samples.counts, share, seed), np.maximum(samples.counts - 1, 0)
    )
    taken = first_of_each_class(samples.labels, wanted, seed=seed, purpose="split")
    if not taken.any():
        raise UsageError(
            f"a share of {share:g} of {samples} is no sample",
            where="stratified",
            do="give a larger share",
        )
    return samples.part(~taken), samples.part(taken)


def fraction(samples: Samples, share: float, *, seed: int) -> Samples:
    """Return a share of each class, in the order of the data.

    With one seed, a smaller fraction is contained in a larger one. Of each class with n samples it
    has less than one more or fewer than share * n, and at least one.

    Args:
        share: of each class, above 0 up to 1.
        seed: 0 or larger.

    Raises:
        UsageError: a share outside its range.

    Example:
        >>> points = Samples(np.zeros((20, 1), np.float32), [0] * 10 + [1] * 10, ("a", "b"))
        >>> fraction(points, 0.5, seed=0).counts.tolist()
        [5, 5]
    """
    if not 0.0 < share <= 1.0:
        raise UsageError(
            f"share is {share:g}", where="fraction", do="give it above 0, at most 1 for all"
        )
    wanted = np.maximum(rounded_share(samples.counts, share, seed), np.minimum(samples.counts, 1))
    chosen = first_of_each_class(samples.labels, wanted, seed=seed, purpose="fraction")
    return samples.part(chosen)


def first_of_each_class(
    labels: NDArray[np.int64], wanted: NDArray[np.int64], *, seed: int, purpose: str
) -> NDArray[np.bool_]:
    """Return (n,) flags of so many samples of each class, the first in a random order.

    Args:
        labels: (n,) class numbers.
        wanted: (classes,) how many of each.
        seed: with the purpose and a sample's position it settles the order.
        purpose: draws for one purpose say nothing about those for another.
    """
    return ranks(labels, len(wanted), seed=seed, purpose=purpose) < wanted[labels]


def ranks(labels: NDArray[np.int64], classes: int, *, seed: int, purpose: str) -> NDArray[np.int64]:
    """Return (n,) the place of each sample in a random order of its class, from 0."""
    index = np.arange(len(labels))
    u = uniforms([f"{purpose}.order"], seed=seed, epoch=0, index=index)[0]
    by_class = np.lexsort((u, labels))
    counts = np.bincount(labels, minlength=classes)
    places = np.empty(len(labels), dtype=np.int64)
    places[by_class] = index - np.repeat(np.cumsum(counts) - counts, counts)
    return places


def rounded_share(counts: NDArray[np.int64], share: float, seed: int) -> NDArray[np.int64]:
    """Return (classes,) share * counts in whole numbers, whose sum is right on average.

    Each class rounds up from a point of its own; the points are spread evenly over (0, 1), so that
    as many classes round up as the total asks for. They are fixed, so a larger share never takes
    fewer; and they are inside (0, 1), so what is whole already stays.
    """
    classes = len(counts)
    u = uniforms(["split.rounding"], seed=seed, epoch=0, index=np.arange(classes))[0]
    points = (np.argsort(np.argsort(u)) + 0.5) / classes
    return np.ceil(share * counts - points).astype(np.int64)
