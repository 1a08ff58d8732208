"""Second bodies for skeletons of one person, so that networks for two can be studied."""

import numpy as np

from whydrop.core.errors import UsageError
from whydrop.training.samples import Samples
from whydrop.training.split import first_of_each_class, ranks, rounded_share


def with_second_body(samples: Samples, *, empty_share: float, seed: int) -> Samples:
    """Return sequences (n, c, t, v, 2): each with a second body of its class, or an empty one.

    The second body is another sequence of the same samples and class, all of them equally likely,
    so the label stays true; an empty one is all zeros, as where a camera sees nobody. Split first
    and then add bodies to each part, so that no part shows bodies of another.

    Args:
        samples: sequences of one body, (n, c, t, v, 1) float32.
        empty_share: of the sequences whose second body is empty, from 0 to 1; of each class the
            count is less than one away from it.
        seed: 0 or larger; with one seed, a smaller share leaves a part of the same bodies empty.

    Raises:
        UsageError: another shape or share; a class whose one sequence has no other beside it.

    Example:
        >>> one = Samples(np.ones((8, 3, 4, 5, 1), np.float32), [0, 1] * 4, ("bow", "wave"))
        >>> two = with_second_body(one, empty_share=0.75, seed=0)
        >>> two.inputs.shape, int((two.inputs[..., 1] == 0).all(axis=(1, 2, 3)).sum())
        ((8, 3, 4, 5, 2), 6)
    """
    if samples.inputs.ndim != 5 or samples.inputs.shape[4] != 1:
        raise UsageError(
            f"a sample has shape {samples.inputs.shape[1:]}",
            where="with_second_body",
            do="give skeletons of one body: (n, c, t, v, 1)",
        )
    if not 0.0 <= empty_share <= 1.0:
        what = f"empty_share is {empty_share:g}"
        raise UsageError(what, where="with_second_body", do="give it from 0 to 1")
    labels, counts = samples.labels, samples.counts
    wanted = rounded_share(counts, empty_share, seed)
    empty = first_of_each_class(labels, wanted, seed=seed, purpose="empty body")
    alone = np.flatnonzero((counts == 1) & (wanted == 0))
    if len(alone):
        raise UsageError(
            f"the class {samples.classes[alone[0]]!r} has one sequence, and no other to put beside",
            where="with_second_body",
            do="give more sequences of it, or leave the class out",
        )
    # The partner is the next in a random order of the class, in which the last meets the first.
    place = ranks(labels, len(counts), seed=seed, purpose="second body")
    start = (np.cumsum(counts) - counts)[labels]
    by_place = np.empty(len(labels), dtype=np.int64)
    by_place[start + place] = np.arange(len(labels))
    partner = by_place[start + (place + 1) % counts[labels]]
    bodies = np.zeros((*samples.inputs.shape[:4], 2), dtype=np.float32)
    bodies[..., 0] = samples.inputs[..., 0]
    bodies[~empty, ..., 1] = samples.inputs[partner[~empty], ..., 0]
    return Samples(bodies, labels, samples.classes)
