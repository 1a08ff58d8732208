"""Schedules: the learning rate over a training, as a factor of the optimiser's own.

A schedule is a pure function of how far the training is, so a resumed run continues it and its
curve can be drawn before anything is trained. It knows its own length, in epochs, since ``fit``
may be called in parts.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Real
from typing import (
    Any,
    ClassVar,
    Literal,
    NoReturn,
    Protocol,
    TypeGuard,
    get_args,
    runtime_checkable,
)

import numpy as np

from whydrop.augment.checks import whole_number
from whydrop.core.errors import UsageError

Unit = Literal["step", "epoch"]


@runtime_checkable
class Schedule(Protocol):
    """What a learning rate follows; any object that has these will do."""

    @property
    def unit(self) -> Unit:
        """How often the rate changes: after each "step" or each "epoch"."""
        ...

    @property
    def lasts(self) -> float:
        """Return after how many epochs there is no more of it; infinity if never."""
        ...

    def factor(self, at: int, per_epoch: int) -> float:
        """Return what the optimiser's learning rate is multiplied by.

        Args:
            at: steps (or epochs, by the unit) that are done, from 0.
            per_epoch: of these an epoch has; 1 where the unit is "epoch".
        """
        ...


def is_schedule(value: object) -> TypeGuard[Schedule]:
    """Return whether something is a schedule; a class of them is none."""
    return isinstance(value, Schedule) and not isinstance(value, type)


@dataclass(frozen=True)
class Constant:
    """The optimiser's own rate all the time."""

    unit: ClassVar[Unit] = "epoch"
    lasts: ClassVar[float] = math.inf

    def factor(self, at: int, per_epoch: int) -> float:
        return 1.0


@dataclass(frozen=True)
class Step:
    """A lower rate after every so many epochs, or at the epochs that are listed.

    Args:
        every: epochs between two changes; or, as a list, the epochs at which it changes. A list
            is kept as a tuple.
        gamma: what each change multiplies by.

    The same as ``torch.optim.lr_scheduler.StepLR`` and ``MultiStepLR``.
    """

    every: int | Sequence[int]
    gamma: float = 0.1
    unit: ClassVar[Unit] = "epoch"
    lasts: ClassVar[float] = math.inf

    def __post_init__(self) -> None:
        object.__setattr__(self, "every", _epochs(self.every))
        if not _number(self, "gamma") > 0:
            _refuse(self, f"gamma is {self.gamma!r}", "give a number above 0")

    def factor(self, at: int, per_epoch: int) -> float:
        epoch = at // per_epoch
        if isinstance(self.every, int):
            changes = epoch // self.every
        else:
            changes = sum(epoch >= change for change in self.every)
        return float(self.gamma**changes)


@dataclass(frozen=True)
class Cosine:
    """Half a cosine from the optimiser's rate down to a share of it.

    Args:
        epochs: its length.
        end: share of the rate that is left at its end.
        unit: how often the rate changes.

    The same as ``torch.optim.lr_scheduler.CosineAnnealingLR``.
    Source: Loshchilov and Hutter (2017), SGDR, ICLR, equation 5, without restarts.
    """

    epochs: float
    end: float = 0.0
    unit: Unit = "step"

    def __post_init__(self) -> None:
        _check_length(self)
        _check_share(self, "end")
        if self.unit not in get_args(Unit):
            _refuse(self, f"unit is {self.unit!r}", 'give "step" or "epoch"')

    @property
    def lasts(self) -> float:
        return self.epochs

    def factor(self, at: int, per_epoch: int) -> float:
        done = min(at / (self.epochs * per_epoch), 1.0)
        return _between(1.0, self.end, done)


@dataclass(frozen=True)
class OneCycle:
    """Up to the optimiser's rate and down to almost nothing, both by half a cosine.

    The optimiser's own rate is the largest; momentum stays as it is.

    Args:
        epochs: its length.
        rises: share of the steps that the way up takes.
        start: share of the rate that it begins with.
        end: share of the rate that it ends with, at its last step.

    The same as ``torch.optim.lr_scheduler.OneCycleLR`` with ``pct_start=rises``,
    ``div_factor=1 / start`` and ``final_div_factor=start / end``.
    Source: Smith and Topin (2018), Super-convergence, arXiv:1708.07120.
    """

    epochs: float
    rises: float = 0.3
    start: float = 1 / 25
    end: float = 1 / 25e4
    unit: ClassVar[Unit] = "step"

    def __post_init__(self) -> None:
        _check_length(self)
        for name in ("rises", "start", "end"):
            _check_share(self, name)

    @property
    def lasts(self) -> float:
        return self.epochs

    def factor(self, at: int, per_epoch: int) -> float:
        last = self.epochs * per_epoch - 1
        top = self.rises * self.epochs * per_epoch - 1
        if at <= top:
            return _between(self.start, 1.0, at / top if top else 1.0)
        return _between(1.0, self.end, (at - top) / (last - top) if at < last else 1.0)


@dataclass(frozen=True)
class Warmup:
    """A straight rise to the optimiser's rate, and then another schedule.

    Args:
        epochs: length of the rise.
        then: what follows, counted from the end of the rise.
        start: share of the rate that it begins with; by a rise from 0 the first step would change
            nothing.

    The same as ``LinearLR`` and the other one in ``torch.optim.lr_scheduler.SequentialLR``.
    Source: Goyal et al. (2017), Accurate, large minibatch SGD, section 2.2.
    """

    epochs: float
    then: Schedule = Constant()
    start: float = 0.1
    unit: ClassVar[Unit] = "step"

    def __post_init__(self) -> None:
        _check_length(self)
        _check_share(self, "start")
        if not is_schedule(self.then):
            _refuse(self, f"then is {self.then!r}", "give another schedule, such as Cosine(18)")

    @property
    def lasts(self) -> float:
        return self.epochs + self.then.lasts

    def factor(self, at: int, per_epoch: int) -> float:
        rise = round(self.epochs * per_epoch)
        if at < rise:
            return self.start + (1.0 - self.start) * at / rise
        if self.then.unit == "step":
            return self.then.factor(at - rise, per_epoch)
        return self.then.factor((at - rise) // per_epoch, 1)


def rate_factor(schedule: Schedule, *, epoch: int, step: int, steps: int) -> float:
    """Return the factor of a schedule at a step.

    Args:
        epoch: from 0.
        step: of the epoch, from 0.
        steps: of an epoch.
    """
    if schedule.unit == "step":
        return schedule.factor(epoch * steps + step, steps)
    return schedule.factor(epoch, 1)


def _between(first: float, last: float, done: float) -> float:
    """Return a point of half a cosine between two values; done is from 0 to 1."""
    return last + (first - last) * (1.0 + math.cos(math.pi * done)) / 2.0


def _epochs(every: Any) -> int | tuple[int, ...]:
    """Return whole numbers that a user gave, one or several, as Python's own."""
    several = isinstance(every, Sequence | np.ndarray) and not isinstance(every, str | bytes)
    if not several or not np.ndim(every):
        return whole_number(every, "every", where="Step", low=1)
    if not len(every):
        raise UsageError(f"every is {every!r}", where="Step", do="give an epoch or more")
    return tuple(whole_number(at, "an epoch of every", where="Step", low=1) for at in every)


def _number(schedule: object, name: str) -> float:
    """Return a field as a float, which it is from now on: of NumPy's floats the text differs."""
    value: Any = getattr(schedule, name)
    if not isinstance(value, Real) or isinstance(value, bool):
        _refuse(schedule, f"{name} is {value!r}", "give a number")
    object.__setattr__(schedule, name, float(value))
    return float(value)


def _check_length(schedule: object) -> None:
    epochs = _number(schedule, "epochs")
    if not 0 < epochs < math.inf:
        _refuse(schedule, f"epochs is {epochs:g}", "give its length in epochs, above 0")


def _check_share(schedule: object, name: str) -> None:
    value = _number(schedule, name)
    if not 0 <= value <= 1:
        _refuse(schedule, f"{name} is {value:g}", "give a share of the rate from 0 to 1")


def _refuse(schedule: object, what: str, do: str) -> NoReturn:
    raise UsageError(what, where=type(schedule).__name__, do=do)
