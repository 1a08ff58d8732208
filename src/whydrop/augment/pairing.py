"""Pairing: which other sample of the batch each sample is mixed with."""

from typing import Literal

import numpy as np

from whydrop.augment.op import Floats, Ints

Pairing = Literal["cycle", "permutation", "roll", "flip"]
PAIRINGS = ("cycle", "permutation", "roll", "flip")


def partners(pairing: Pairing, order: Floats, second: Floats) -> Ints:
    """Return (n,) positions in the batch: each sample's partner; each is partner once.

    "cycle": the next sample in the order of the drawn numbers. Nobody is their own partner, and
        who meets whom depends on the set of samples, not on their order in the batch.
    "permutation": a random one, in which a batch has one sample that meets itself, on average;
        as fastai does, but here too the order of the batch does not matter.
    "roll": the sample before, as torchvision does.
    "flip": the batch backwards, as timm does; the middle of an odd batch meets itself.

    Args:
        order, second: (n,) numbers drawn for the samples.

    Example:
        >>> partners("cycle", np.array([0.5, 0.1, 0.9]), np.zeros(3)).tolist()
        [2, 0, 1]
    """
    n = len(order)
    if pairing == "roll":
        return np.roll(np.arange(n), 1)
    if pairing == "flip":
        return np.arange(n)[::-1].copy()
    ranked = np.argsort(order, kind="stable")
    partner = np.empty(n, np.int64)
    partner[ranked] = (
        np.roll(ranked, -1) if pairing == "cycle" else np.argsort(second, kind="stable")
    )
    return partner
