"""MixLoss: any loss, for samples that have two labels."""

from typing import Any

from whydrop.augment.arrays import Array, is_on_cpu, is_torch
from whydrop.augment.criterion import (
    Criterion,
    classifies,
    is_of_torch,
    losses,
    of_each_sample,
    option,
)
from whydrop.augment.targets import Mixed, check_range, check_weights, looks_smoothed
from whydrop.core.errors import UsageError

_REDUCTIONS = ("none", "mean", "sum", "batchmean")


class MixLoss:
    """Take lam of the loss of label a and 1 - lam of the loss of label b, for each sample.

    Reduced as the criterion reduces: "none", "sum", "batchmean", or "mean". The mean of PyTorch's
    cross-entropies over class ids is divided by the sum of lam * w[a] + (1 - lam) * w[b], w being
    the class weights, 0 for labels to ignore; at lam 1 that is their own mean.

    A criterion takes part in one of three ways: without its reduction, where it has an attribute
    or a parameter ``reduction``; as it is, where it returns one loss a sample; else it is called
    on one sample at a time. Its first mixed batch is also used to check that the losses found so
    reduce to its own value; a loss that is no mean over samples is refused then.

    Args:
        criterion: a module or a function of (logits, labels).
        reduction: where the criterion does not tell; switches that check off.

    Raises:
        UsageError: the reduction has no such name.

    Example:
        >>> import torch
        >>> mixed = Mixed(torch.tensor([0]), torch.tensor([1]), torch.tensor([0.75]))
        >>> MixLoss(torch.nn.CrossEntropyLoss())(torch.tensor([[0.0, 0.0]]), mixed)
        tensor(0.6931)
    """

    def __init__(self, criterion: Criterion, *, reduction: str | None = None) -> None:
        if not callable(criterion):
            what = f"the criterion is {criterion!r}"
            raise UsageError(what, where="MixLoss", do="give torch.nn.CrossEntropyLoss(), say")
        self.criterion = criterion
        self.reduction: str = reduction or option(criterion, "reduction") or "mean"
        if self.reduction not in _REDUCTIONS:
            raise UsageError(
                f"reduction is {self.reduction!r}",
                where="MixLoss",
                do=f"give one of {', '.join(_REDUCTIONS)}",
            )
        self._each = of_each_sample(criterion)
        self._classifies = classifies(criterion)
        self._trusted = reduction is not None or is_of_torch(criterion)
        self._seen_mixed = self._seen_plain = False

    def __repr__(self) -> str:
        return f"MixLoss({self.criterion!r})"

    def __call__(self, logits: Array, targets: Mixed | Array) -> Array:
        """Return the loss, reduced; of plain targets, what the criterion returns.

        Args:
            logits: (n, ...) tensor, of any float dtype.
            targets: Mixed, as tensors on the device of the logits; or what the criterion takes.

        Raises:
            UsageError: targets do not fit the logits or the criterion: see the text. Values on a
                device are checked in the first batch only, as each look would wait for it.
        """
        if isinstance(targets, Mixed):
            return self._mixed(logits, targets)
        if not self._seen_plain:
            self._seen_plain = True
            if self._smooths and is_torch(targets) and looks_smoothed(targets):
                raise UsageError(
                    "targets are smoothed already, and the criterion smooths them again",
                    where="MixLoss",
                    do="set label_smoothing of the criterion to 0",
                )
        return self.criterion(logits, targets)

    @property
    def _smooths(self) -> bool:
        return bool(option(self.criterion, "label_smoothing", 0.0))

    def _mixed(self, logits: Array, mixed: Mixed) -> Array:
        first, self._seen_mixed = not self._seen_mixed, True
        self._check_form(logits, mixed)
        if first or is_on_cpu(logits):
            self._check_values(logits, mixed)
        import torch

        a, b = self._labels(logits, mixed)
        of_a = losses(self.criterion, self._each, logits, a)
        of_b = losses(self.criterion, self._each, logits, b)
        if first and not self._trusted:
            self._check_own_value(logits, a, of_a)
        lam = mixed.lam.to(torch.promote_types(of_a.dtype, torch.float32))
        column = lam.view(-1, *[1] * (of_a.ndim - 1))
        total = column * of_a + (1 - column) * of_b
        if self.reduction == "mean" and self._classifies and mixed.are_ids:
            weights = lam * self._weights(a, lam) + (1 - lam) * self._weights(b, lam)
            return total.sum() / weights.sum()
        return self._reduced(total)

    def _reduced(self, total: Array) -> Array:
        if self.reduction == "none":
            return total
        if self.reduction == "mean":
            return total.mean()
        return total.sum() / (len(total) if self.reduction == "batchmean" else 1)

    def _labels(self, logits: Array, mixed: Mixed) -> tuple[Array, Array]:
        """Return both labels, with the other in the place of one that has no weight.

        A loss of 0 * infinity would be no number.
        """
        import torch

        a, b, lam = mixed.a, mixed.b, mixed.lam
        if mixed.are_ids:
            a, b = a.long(), b.long()
        else:
            lam = lam[:, None]
            if not isinstance(self.criterion, torch.nn.MultiLabelMarginLoss):  # which takes ids
                a, b = a.to(logits.dtype), b.to(logits.dtype)
        return torch.where(lam == 0, b, a), torch.where(lam == 1, a, b)

    def _weights(self, ids: Array, lam: Array) -> Array:
        """Return (n,) what each label counts in the mean, of lam's dtype."""
        kept = ids != self._ignore_index
        weight = option(self.criterion, "weight")
        if weight is None:
            return kept.to(lam.dtype)
        # A label to ignore is outside the classes.
        return weight.to(lam.dtype)[ids * kept] * kept

    @property
    def _ignore_index(self) -> int:
        return int(option(self.criterion, "ignore_index", -100))

    def _check_form(self, logits: Array, mixed: Mixed) -> None:
        """Check what is known without looking at values."""
        if not is_torch(mixed.lam):
            what = "targets are NumPy arrays"
            raise UsageError(what, where="MixLoss", do="give targets.to(logits.device)")
        if logits.ndim == 0 or len(logits) != len(mixed):
            what = f"logits have shape {tuple(logits.shape)}, targets {len(mixed)} samples"
            raise UsageError(what, where="MixLoss", do="give logits and targets of one batch")
        if mixed.smoothing and self._smooths:
            mixed.check_unsmoothed("MixLoss")
        if not self._classifies:
            return
        if logits.ndim != 2:
            what = f"logits have shape {tuple(logits.shape)}"
            raise UsageError(what, where="MixLoss", do="give (n, classes)")
        classes = logits.shape[1]
        if not mixed.are_ids and mixed.a.shape[1] != classes:
            what = f"label rows have {mixed.a.shape[1]} classes, logits {classes}"
            raise UsageError(what, where="MixLoss", do="give rows of all classes")
        weight = option(self.criterion, "weight")
        if weight is not None and tuple(weight.shape) != (classes,):
            what = f"class weights have shape {tuple(weight.shape)}, logits {classes} classes"
            raise UsageError(what, where="MixLoss", do="give one weight a class")

    def _check_values(self, logits: Array, mixed: Mixed) -> None:
        check_weights(mixed.lam, where="MixLoss")
        if mixed.are_ids:
            if self._classifies:
                for ids in (mixed.a, mixed.b):
                    check_range(
                        ids, logits.shape[1], where="MixLoss", ignore_index=self._ignore_index
                    )
        elif self._smooths:
            mixed.check_unsmoothed("MixLoss")

    def _check_own_value(self, logits: Array, labels: Array, each: Array) -> None:
        """Check that the losses of samples reduce to what the criterion itself returns."""
        import torch

        with torch.no_grad():
            own: Any = self.criterion(logits, labels)
            ours = self._reduced(each) if own.ndim == 0 else each
        if own.ndim and self.reduction != "none" and option(self.criterion, "reduction") is None:
            self.reduction = "none"  # it returns one loss a sample, and so do we
        tolerance = 0.02 if own.dtype in (torch.float16, torch.bfloat16) else 1e-4
        same = own.shape == ours.shape and torch.allclose(
            own.double(), ours.double(), rtol=tolerance, atol=tolerance, equal_nan=True
        )
        if not same:
            raise UsageError(
                f"the criterion gives {_shown(own)}, the losses of its samples give {_shown(ours)}",
                where=f"MixLoss({self.criterion!r})",
                do="give the criterion a parameter `reduction` that takes 'none', or name the "
                "reduction here if that is meant",
            )


def _shown(value: Array) -> str:
    return f"{float(value):.6g}" if value.ndim == 0 else f"values of shape {tuple(value.shape)}"
