"""Balance: which samples are used how often, so that each class has the same number."""

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np

from whydrop.augment.arrays import to_numpy
from whydrop.augment.checks import whole_number
from whydrop.augment.draws import uniforms
from whydrop.augment.op import Ints
from whydrop.core.errors import UsageError

Larger = Literal["subset", "keep"]


@dataclass(frozen=True, eq=False)
class Copies:
    """Which samples are used, and which copy of each; a slice of them is of the same kind.

    Attributes:
        index: int64 (n,), positions in the data set.
        view: int64 (n,), number of the copy of a sample, from 0.
    """

    index: Ints
    view: Ints

    def __len__(self) -> int:
        return len(self.index)

    def __getitem__(self, part: slice | Ints) -> "Copies":
        return Copies(self.index[part], self.view[part])

    def pairs(self) -> list[tuple[int, int]]:
        """Return (index, view) of each copy, as whole numbers of Python."""
        return list(zip(self.index.tolist(), self.view.tolist(), strict=True))


class Members(NamedTuple):
    """The samples of each class that may be used.

    Attributes:
        labels: int64 (n,) of the whole data set.
        positions: int64 (m,), those that may be used, sorted.
        classes: int64 (k,), the classes among them, sorted.
        counts: int64 (k,), how many each has.
    """

    labels: Ints
    positions: Ints
    classes: Ints
    counts: Ints


def members_of(labels: Any, among: Any = None) -> Members:
    """Return the samples of each class.

    Args:
        labels: (n,) whole numbers: the class of each sample of the data set.
        among: positions that may be used, such as those of the training part; None is all.

    Raises:
        UsageError: labels or positions are not so, or there are none.
    """
    where = "labels"
    all_labels = as_integers(labels, where)
    if among is None:
        positions = np.arange(len(all_labels))
    else:
        positions = np.unique(as_integers(among, "among"))
        if len(positions) != len(np.asarray(among)):
            what = "a position occurs more than once"
            raise UsageError(what, where="among", do="give each position once")
        if len(positions) and not (positions[0] >= 0 and positions[-1] < len(all_labels)):
            raise UsageError(
                f"positions go from {positions[0]} to {positions[-1]}",
                where="among",
                do=f"give positions from 0 to {len(all_labels) - 1}: there are so many labels",
            )
    own = all_labels[positions]
    if not len(own):
        raise UsageError("there are no samples", where=where, do="give one label a sample")
    if own.min() < 0:
        what = f"label {own.min()} is no class"
        raise UsageError(what, where=where, do="leave samples without a class out, by among=")
    classes, counts = np.unique(own, return_counts=True)
    return Members(all_labels, positions, classes, counts.astype(np.int64))


def wanted(members: Members, n_per_class: int, larger: Larger) -> Ints:
    """Return (k,): how many of each class are used.

    Raises:
        UsageError: n_per_class is no whole number above 0, or larger is another word.
    """
    each = at_least_one(n_per_class, "n_per_class")
    if larger not in ("subset", "keep"):
        raise UsageError(
            f"larger is {larger!r}",
            where="expansion of classes",
            do=f'give "subset" for {n_per_class} of a larger class, or "keep" for all of them',
        )
    least = np.full_like(members.counts, each)
    return np.maximum(members.counts, least) if larger == "keep" else least


def balanced_copies(
    members: Members, n_per_class: int, *, seed: int, epoch: int = 0, larger: Larger = "subset"
) -> Copies:
    """Return n_per_class copies a class, sorted by class, position and copy.

    The samples of a class take turns, in an order that is drawn for each epoch, so that they are
    used equally often or one differs from another by one. A class with more samples than that
    gives those that come first in the order, or all with larger="keep"; each is then used once.

    Args:
        members: of ``members_of``.
        n_per_class: copies a class.
        seed: of the order in which samples take turns.
        epoch: likewise.
        larger: what a class with more samples than n_per_class gives.
    """
    each = wanted(members, n_per_class, larger)
    positions, counts = members.positions, members.counts
    turn = uniforms(["balance.turn"], seed=seed, epoch=epoch, index=positions)[0]
    ranked = positions[np.lexsort((turn, members.labels[positions]))]
    place = np.arange(each.sum()) - np.repeat(np.cumsum(each) - each, each)
    size = np.repeat(counts, each)
    index = ranked[np.repeat(np.cumsum(counts) - counts, each) + place % size]
    view = place // size
    order = np.lexsort((view, index, members.labels[index]))
    return Copies(index, view)[order]


def at_least_one(value: Any, name: str) -> int:
    """Return a whole number above 0.

    Raises:
        UsageError: it is something else.
    """
    return whole_number(value, name, where="expansion of classes", low=1)


def as_integers(values: Any, where: str) -> Ints:
    """Return (n,) whole numbers as int64, from a list, an array or a tensor.

    Raises:
        UsageError: they are something else.
    """
    array = to_numpy(values)
    if array.ndim != 1 or (array.dtype.kind not in "iu" and array.size):
        raise UsageError(
            f"shape {array.shape} and dtype {array.dtype}",
            where=where,
            do="give whole numbers, (n,)",
        )
    return array.astype(np.int64)
