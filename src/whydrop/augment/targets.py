"""Mixed targets: both labels of each sample and the weight of the first, kept apart."""

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from whydrop.augment.arrays import Array, is_on_cpu, is_torch, kind, library_of
from whydrop.core.errors import UsageError

Labels: TypeAlias = Array  # (n,) class ids, or (n, classes) rows

_EXACT = 1 << 24  # float32 holds every whole number up to here


@dataclass(frozen=True, eq=False)
class Mixed:
    """Targets of a batch after MixUp or CutMix: lam of label a, 1 - lam of label b.

    Class ids stay whole numbers and lam float32, whatever the dtype of the images.

    Args:
        a, b: whole-number ids (n,), or rows (n, classes): one-hot, soft or multi-label.
        lam: float32 (n,) from 0 to 1.
        smoothing: label smoothing that is in the rows already.

    All three arrays are of NumPy, or all of PyTorch. Values of lam on a device are left to
    MixLoss, which looks at those of its first batch: each look would wait for the device.

    Raises:
        UsageError: they are not so, or there are no samples.

    Example:
        >>> mixed = Mixed(np.array([0, 2]), np.array([1, 1]), np.float32([0.75, 1]))
        >>> mixed.soft(3)
        array([[0.75, 0.25, 0.  ],
               [0.  , 0.  , 1.  ]], dtype=float32)
    """

    a: Labels
    b: Labels
    lam: Array
    smoothing: float = 0.0

    def __post_init__(self) -> None:
        _check_labels(self.a, self.b)
        _check_lam(self.lam, self.a)
        _check_smoothing(self.smoothing)
        if self.smoothing and self.are_ids:
            raise UsageError(
                f"class ids cannot have a smoothing of {self.smoothing:g} in them",
                where="Mixed",
                do="leave smoothing to the loss, or give rows",
            )

    def __len__(self) -> int:
        return len(self.lam)

    @property
    def are_ids(self) -> bool:
        """Whether labels are class ids, not rows."""
        return len(self.a.shape) == 1

    def to(self, device: Any, **how: Any) -> "Mixed":
        """Return the same targets as PyTorch tensors on a device.

        Args:
            device, how: as of ``torch.Tensor.to``, without a dtype.
        """
        import torch

        moved = object.__new__(Mixed)  # checked already; again would wait for the device
        for name in ("a", "b", "lam"):
            tensor = torch.as_tensor(getattr(self, name)).to(device, **how)
            object.__setattr__(moved, name, tensor)
        object.__setattr__(moved, "smoothing", self.smoothing)
        return moved

    def stack(self) -> Array:
        """Return float32 (n, 3): both ids and lam, as fastai 1 has them.

        Raises:
            UsageError: labels are rows, or an id is too large for float32.
        """
        if not self.are_ids:
            what = f"labels are rows of {self.a.shape[1]} classes"
            raise UsageError(what, where="Mixed.stack", do="use soft, or stack class ids")
        largest = max(int(abs(ids).max()) for ids in (self.a, self.b))
        if largest > _EXACT:
            raise UsageError(
                f"class {largest:,} is not exact in float32",
                where="Mixed.stack",
                do="keep the labels apart, as Mixed has them",
            )
        out = library_of(self.lam).empty((len(self), 3), **_float32_like(self.lam))
        out[:, 0], out[:, 1], out[:, 2] = self.a, self.b, self.lam
        return out

    def soft(self, classes: int, smoothing: float = 0.0) -> Array:
        """Return float32 (n, classes): lam of label a and 1 - lam of label b.

        Args:
            classes: how many there are.
            smoothing: share of each row that is spread over all classes, in [0, 1); then the
                loss must not smooth again.

        Raises:
            UsageError: an id outside the classes, rows of another length, or rows that are
                smoothed already.

        Source: Szegedy et al. (2016), Rethinking the Inception architecture, section 7.
        """
        _check_smoothing(smoothing)
        if smoothing:
            self.check_unsmoothed("Mixed.soft")
        if self.are_ids:
            check_range(self.a, classes, where="Mixed.soft")
            check_range(self.b, classes, where="Mixed.soft")
            out = library_of(self.lam).zeros((len(self), classes), **_float32_like(self.lam))
            rows = library_of(self.lam).arange(len(self), **_device_of(self.lam))
            for ids, weight in ((self.a, self.lam), (self.b, 1 - self.lam)):
                out[rows, _as_index(ids)] += weight
        else:
            if self.a.shape[1] != classes:
                what = f"rows have {self.a.shape[1]} classes, not {classes}"
                raise UsageError(what, where="Mixed.soft", do="give the number of classes")
            lam = self.lam[:, None]
            out = _as_float32(lam * self.a + (1 - lam) * self.b)
        if smoothing:
            out *= 1 - smoothing
            out += smoothing / classes
        return out

    def check_unsmoothed(self, where: str) -> None:
        """Check that smoothing may be applied.

        Raises:
            UsageError: the rows are smoothed, by their mark or by their looks.
        """
        if self.smoothing or any(looks_smoothed(labels) for labels in (self.a, self.b)):
            share = f" by {self.smoothing:g}" if self.smoothing else ""
            raise UsageError(
                f"labels are smoothed{share} already; twice would be more than was asked for",
                where=where,
                do="smooth in one place only, best in the loss",
            )


def looks_smoothed(rows: Labels) -> bool:
    """Return whether rows look like smoothed one-hot labels, mixed or not.

    They do if all but at most two classes of each share a value above 0, the same in all rows,
    and each row adds up to 1. Fewer than 4 classes cannot tell.
    """
    if len(rows.shape) != 2 or rows.shape[1] < 4 or kind(rows) != "float":
        return False
    low, high, total = (_reduced(rows, how) for how in ("amin", "amax", "sum"))
    floor = float(low.min())
    shared = (rows == low[:, None]).sum(1)
    return bool(
        floor > 0
        and (low < floor * 1.01).all()
        and (high > floor * 1.01).all()
        and (abs(total - 1) < 0.01).all()
        and (shared >= rows.shape[1] - 2).all()
    )


def check_weights(lam: Array, *, where: str) -> None:
    """Check that weights are numbers from 0 to 1.

    Raises:
        UsageError: one is not.
    """
    low, high = float(lam.min()), float(lam.max())
    if not (low >= 0 and high <= 1):  # NaN is neither
        what = f"lam goes from {low:g} to {high:g}"
        raise UsageError(what, where=where, do="give numbers from 0 to 1")


def check_range(ids: Labels, classes: int, *, where: str, ignore_index: int | None = None) -> None:
    """Check that ids are from 0 to classes - 1, or are to be ignored.

    Raises:
        UsageError: one is not.
    """
    out = (ids < 0) | (ids >= classes)
    if ignore_index is not None:
        out = out & (ids != ignore_index)
    if bool(out.any()):
        raise UsageError(
            f"label {int(ids[out][0])} is not one of {classes} classes",
            where=where,
            do=f"give labels from 0 to {classes - 1}",
        )


def _check_labels(a: Labels, b: Labels) -> None:
    for name, labels in (("a", a), ("b", b)):
        if not hasattr(labels, "dtype") or not hasattr(labels, "shape"):
            what = f"labels {name} are of type {type(labels).__name__}"
            raise UsageError(what, where="Mixed", do="give a NumPy array or a PyTorch tensor")
    shape = tuple(a.shape)
    if shape != tuple(b.shape) or len(shape) not in (1, 2):
        raise UsageError(
            f"labels have shapes {shape} and {tuple(b.shape)}",
            where="Mixed",
            do="give both as (n,) ids or as (n, classes) rows",
        )
    if not shape[0] or not shape[-1]:
        raise UsageError(f"labels have shape {shape}", where="Mixed", do="leave out empty batches")
    for labels in (a, b):
        if len(shape) == 1 and kind(labels) != "integer":
            raise UsageError(
                f"ids are of dtype {labels.dtype}",
                where="Mixed",
                do="give whole numbers; give one float label a sample as rows of one column",
            )


def _check_lam(lam: Array, labels: Labels) -> None:
    if not hasattr(lam, "dtype") or is_torch(lam) != is_torch(labels):
        raise UsageError(
            f"lam is a {type(lam).__name__}, labels are a {type(labels).__name__}",
            where="Mixed",
            do="give all as NumPy arrays, or all as PyTorch tensors",
        )
    if tuple(lam.shape) != (labels.shape[0],) or str(lam.dtype) not in ("float32", "torch.float32"):
        raise UsageError(
            f"lam has shape {tuple(lam.shape)} and dtype {lam.dtype}",
            where="Mixed",
            do=f"give float32 of shape ({labels.shape[0]},): half precision loses digits",
        )
    if is_on_cpu(lam):
        check_weights(lam, where="Mixed")


def _check_smoothing(smoothing: float) -> None:
    if not 0 <= smoothing < 1:
        what = f"smoothing is {smoothing!r}"
        raise UsageError(what, where="label smoothing", do="give a number in [0, 1)")


def _reduced(rows: Array, how: str) -> Array:
    return getattr(library_of(rows), how)(rows, 1)


def _device_of(array: Array) -> dict[str, Any]:
    return {"device": array.device} if is_torch(array) else {}


def _float32_like(array: Array) -> dict[str, Any]:
    return {"dtype": library_of(array).float32, **_device_of(array)}


def _as_index(ids: Labels) -> Labels:
    # uint8 would be a mask to PyTorch
    return ids.long() if is_torch(ids) else ids


def _as_float32(rows: Array) -> Array:
    if is_torch(rows):
        return rows.float()
    array: NDArray[np.float32] = rows.astype(np.float32, copy=False)
    return array
