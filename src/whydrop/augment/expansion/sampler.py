"""BalancedSampler: each class equally often in an epoch, every copy with fresh draws."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from whydrop.augment.checks import whole_number
from whydrop.augment.draws import uniforms
from whydrop.augment.expansion.balance import (
    Copies,
    Larger,
    at_least_one,
    balanced_copies,
    members_of,
    wanted,
)


class BalancedSampler:
    """The online equivalent of ``expand_to``: positions and copies, in a new order each epoch.

    An epoch has as many samples of each class as an expanded data set, so that both train the
    same number of steps on the same class shares. But the copies are made anew in each epoch,
    not once, and which samples are used once more than others changes as well.

    What it yields, (index, view), is what a data set is asked for by PyTorch's ``DataLoader`` with
    ``sampler=BalancedSampler(...)``; a pipeline takes both. ``set_epoch`` is called before each
    epoch, as for PyTorch's ``DistributedSampler``; Lightning does so itself. A plain loop takes
    ``batches``.

    Args:
        labels: (n,) whole numbers: the class of each sample of the data set.
        n_per_class: samples a class and epoch.
        seed: with the epoch, all that the order depends on; the seed of the pipeline makes the
            first epoch the images of ``expand_to``.
        larger: what a class with more samples gives: a "subset" of n_per_class, a new one each
            epoch, or "keep".
        among: positions of the training part; None is all. No other is ever yielded.

    Attributes:
        epoch: the one that is iterated over, from 0.

    Raises:
        UsageError: a value outside its range.

    Example:
        >>> sampler = BalancedSampler([0, 0, 0, 1], 4, seed=1)
        >>> len(sampler)
        8
        >>> sorted(sampler.copies(epoch=3).pairs())[-4:]  # the only image of class 1
        [(3, 0), (3, 1), (3, 2), (3, 3)]
    """

    def __init__(
        self,
        labels: Any,
        n_per_class: int,
        *,
        seed: int = 0,
        larger: Larger = "subset",
        among: Any = None,
    ) -> None:
        self._members = members_of(labels, among)
        self._length = int(wanted(self._members, n_per_class, larger).sum())
        self.n_per_class = int(n_per_class)
        self.seed = seed
        self.larger = larger
        self.set_epoch(0)

    def set_epoch(self, epoch: int) -> None:
        """Choose the epoch that is iterated over next."""
        self.epoch = whole_number(epoch, "epoch", where="BalancedSampler")

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return iter(self.copies(self.epoch).pairs())

    def copies(self, epoch: int) -> Copies:
        """Return index and view, int64 (len,) each, in the order of an epoch."""
        key: dict[str, int] = {"seed": self.seed, "epoch": epoch}
        copies = balanced_copies(self._members, self.n_per_class, larger=self.larger, **key)
        place = uniforms(["balance.place"], index=copies.index, view=copies.view, **key)
        return copies[np.argsort(place[0], kind="stable")]

    def batches(self, batch_size: int, *, epoch: int, drop_last: bool = False) -> Iterator[Copies]:
        """Yield index and view, int64 (batch,) each, for the batches of an epoch.

        Args:
            batch_size: samples a batch; the last one may have fewer.
            epoch: from 0.
            drop_last: leave out a last batch that is smaller.
        """
        size = at_least_one(batch_size, "batch_size")
        copies = self.copies(epoch)
        whole = len(copies) - len(copies) % size if drop_last else len(copies)
        for first in range(0, whole, size):
            yield copies[first : first + size]

    def batch_sampler(self, batch_size: int, *, drop_last: bool = False) -> "BalancedBatches":
        """Return what ``DataLoader`` takes as ``batch_sampler``: lists of (index, view)."""
        return BalancedBatches(self, at_least_one(batch_size, "batch_size"), drop_last)


class BalancedBatches:
    """Batches of a sampler's present epoch.

    Args:
        sampler: whose epoch is iterated over.
        batch_size: samples a batch.
        drop_last: leave out a last batch that is smaller.
    """

    def __init__(self, sampler: BalancedSampler, batch_size: int, drop_last: bool) -> None:
        self.sampler = sampler
        self.batch_size = batch_size
        self.drop_last = drop_last

    def set_epoch(self, epoch: int) -> None:
        """Choose the epoch that is iterated over next."""
        self.sampler.set_epoch(epoch)

    def __len__(self) -> int:
        n = len(self.sampler)
        return n // self.batch_size if self.drop_last else -(-n // self.batch_size)

    def __iter__(self) -> Iterator[list[tuple[int, int]]]:
        present = self.sampler.batches(
            self.batch_size, epoch=self.sampler.epoch, drop_last=self.drop_last
        )
        return (copies.pairs() for copies in present)
