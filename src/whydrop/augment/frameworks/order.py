"""EpochOrder: in which order an epoch shows the samples."""

from collections.abc import Iterator

import numpy as np

from whydrop.augment.draws import uniforms
from whydrop.augment.op import Ints
from whydrop.core.errors import UsageError


class EpochOrder:
    """The positions of all samples, shuffled by (seed, epoch); a sampler for a DataLoader.

    The order is the same on any machine, in any framework, and after a resume.

    Args:
        n: how many samples there are.
        seed: of the order; draws of a pipeline with the same seed are other draws.

    Raises:
        UsageError: a negative number.

    Example:
        >>> order = EpochOrder(6, seed=1)
        >>> order.set_epoch(3)
        >>> list(order)
        [2, 1, 3, 4, 0, 5]
        >>> order.set_epoch(3, start=4)
        >>> list(order)
        [0, 5]
    """

    def __init__(self, n: int, *, seed: int = 0) -> None:
        if n < 0:
            raise UsageError(f"n is {n}", where="EpochOrder", do="give the length of the data set")
        self.n = n
        self.seed = seed
        self.set_epoch(0)

    def set_epoch(self, epoch: int, *, start: int = 0) -> None:
        """Choose the epoch that the next pass shows; Lightning does so by itself.

        Args:
            epoch: from 0.
            start: samples that are left out because they were seen before an interruption.
        """
        if epoch < 0 or not 0 <= start <= self.n:
            what = f"epoch is {epoch}, start {start}"
            do = f"give an epoch from 0 and a start from 0 to {self.n}"
            raise UsageError(what, where="EpochOrder.set_epoch", do=do)
        self.epoch = epoch
        self.start = start

    def __len__(self) -> int:
        return self.n - self.start

    def __iter__(self) -> Iterator[int]:
        return iter(self.positions().tolist())

    def positions(self) -> Ints:
        """Return int64 (len,): the positions in their order."""
        drawn = uniforms(["EpochOrder"], seed=self.seed, epoch=self.epoch, index=np.arange(self.n))
        return np.argsort(drawn[0], kind="stable")[self.start :]
