"""Mixing: what MixUp, CutMix and Switch share: their fields and the draw of pairs and weights."""

import math
from typing import ClassVar, Literal, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from whydrop.augment.beta import symmetric_beta
from whydrop.augment.checks import one_of, probability
from whydrop.augment.op import Floats, Images, Ints, Op, Stage
from whydrop.augment.pairing import PAIRINGS, Pairing, partners
from whydrop.core.errors import UsageError

Per = Literal["sample", "batch"]
CHANCE = ("probability", "lam", "order", "partner")  # what ``draw_pairs`` needs


class Pairs(NamedTuple):
    """Who is mixed with whom, and how much.

    Attributes:
        partner: int64 (n,), positions in the batch.
        lam: float64 (n,), weight of a sample's own image, 1 where it stays as it is.
    """

    partner: Ints
    lam: Floats


class MixingFields(Protocol):
    """The fields that all operations of this kind have."""

    @property
    def alpha(self) -> float: ...
    @property
    def probability(self) -> float: ...
    @property
    def per(self) -> Per: ...
    @property
    def fold(self) -> bool: ...
    @property
    def pairing(self) -> Pairing: ...
    @property
    def until(self) -> int | None: ...


class Mixing(Op):
    """What the operations that mix images share."""

    until: int | None
    stage: ClassVar[Stage] = Stage.MIX

    def active(self, epoch: int) -> bool:
        """Return whether images are mixed in an epoch, counted from 0."""
        return self.until is None or epoch < self.until

    def output_shape(self, images: Images) -> tuple[int, ...]:
        """Return the shape of what mixing makes of images."""
        return tuple(images.shape)


def check_fields(op: MixingFields) -> None:
    """Check the fields of MixUp or CutMix.

    Raises:
        UsageError: a value outside its range.
    """
    alpha = op.alpha
    number = isinstance(alpha, int | float) and not isinstance(alpha, bool)
    if not (number and 0 < alpha < math.inf):
        raise UsageError(
            f"alpha is {alpha!r}",
            where=type(op).__name__,
            do="give a number above 0; leave the operation out for no mixing",
        )
    probability(op)
    one_of(op, "per", ("sample", "batch"))
    one_of(op, "pairing", PAIRINGS)
    check_until(op, op.until)


def check_until(op: object, until: int | None) -> None:
    """Check the epoch from which an operation no longer mixes."""
    if until is None or (isinstance(until, int) and not isinstance(until, bool) and until >= 0):
        return
    raise UsageError(
        f"until is {until!r}",
        where=type(op).__name__,
        do="give the first epoch without mixing, 0 or later, or None to mix in all",
    )


def spread(u: Floats, per: Per, order: Floats) -> Floats:
    """Return u (..., n), or for the whole batch the numbers of one sample.

    That sample is the one with the smallest number in order, so what a batch draws depends on
    which samples it has, not on their positions.
    """
    if per == "sample":
        return u
    lead = int(np.argmin(order))
    return np.broadcast_to(u[..., lead : lead + 1], u.shape)


def draw_pairs(op: MixingFields, u: Floats) -> Pairs:
    """Return partners and weights of a batch.

    Args:
        u: (4 or more, n) numbers in (0, 1), in the order of ``CHANCE``.

    Raises:
        UsageError: the batch is empty.
    """
    if u.shape[1] == 0:
        what = "there are no samples to mix"
        raise UsageError(what, where=f"batch of {type(op).__name__}", do="leave out empty batches")
    order = u[2]
    hit, chosen = spread(u[:2], op.per, order)
    lam = symmetric_beta(chosen, op.alpha)
    if op.fold:
        lam = np.maximum(lam, 1 - lam)
    partner = partners(op.pairing, order, u[3])
    return Pairs(partner, np.where(is_mixed(op, hit, partner), lam, 1.0))


def is_mixed(op: MixingFields, hit: Floats, partner: Ints) -> NDArray[np.bool_]:
    """Return which samples are mixed: those drawn that have another sample to be mixed with."""
    mixed: NDArray[np.bool_] = (hit < op.probability) & (partner != np.arange(len(partner)))
    return mixed
