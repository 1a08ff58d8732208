"""ExpansionPlan: what giving each class the same number of images changes, before it is done."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from whydrop.augment.expansion.balance import Larger, as_integers, at_least_one, members_of, wanted
from whydrop.augment.expansion.shift import PriorShift, prior_shift
from whydrop.core.errors import UsageError


@dataclass(frozen=True)
class ExpansionPlan:
    """Images a class before and after, and what else changes with them; prints as a page.

    Attributes:
        n_per_class, larger: as asked for.
        classes: class numbers, of the training images and of the evaluation set.
        before, after: training images of each class.
        evaluation: images of each class of the evaluation set; None if none was given.
        batch_size: of the training.
        split: the training images were told apart from others, by ``among``.
    """

    n_per_class: int
    larger: Larger
    classes: tuple[int, ...]
    before: tuple[int, ...]
    after: tuple[int, ...]
    evaluation: tuple[int, ...] | None
    batch_size: int
    split: bool

    @property
    def steps_before(self) -> int:
        """Optimiser steps an epoch on the images as they are; a last, smaller batch counts."""
        return -(-sum(self.before) // self.batch_size)

    @property
    def steps_after(self) -> int:
        """Optimiser steps an epoch afterwards."""
        return -(-sum(self.after) // self.batch_size)

    @property
    def shift_before(self) -> PriorShift:
        """Class shares of the training images against the evaluation set; 0 if none was given."""
        return prior_shift(self.before, self.evaluation or self.before)

    @property
    def shift_after(self) -> PriorShift:
        """Likewise afterwards; against the shares before if no evaluation set was given."""
        return prior_shift(self.after, self.evaluation or self.before)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What to know before the images are used, one sentence each."""
        found = []
        if not self.split:
            found.append(
                "All images are expanded: if some of them are to be evaluated on, split first and "
                "name the training part by among=; copies of one image on both sides of a split "
                "make the evaluation too good."
            )
        count = sum(n > self.n_per_class for n in self.before)
        left = sum(self.before) - sum(map(min, self.before, self.after))
        if count and self.larger == "subset":
            found.append(
                f"{_classes(count)} more than {self.n_per_class:,} images: a drawn subset is used, "
                f"and {left:,} images are left out."
            )
        elif count:
            found.append(
                f"{_classes(count)} more than {self.n_per_class:,} images and keep all of them: "
                "classes are not equal afterwards."
            )
        missing = [c for c, n in zip(self.classes, self.before, strict=True) if not n]
        if missing:
            names = ", ".join(map(str, missing[:5])) + (", ..." if len(missing) > 5 else "")
            found.append(f"{_classes(len(missing))} no training image to copy: {names}.")
        return tuple(found)

    def __str__(self) -> str:
        before, after = self.shift_before, self.shift_after
        against = "evaluation" if self.evaluation else "original"
        ratio = self.steps_after / self.steps_before
        rows = [
            ("", "before", "after"),
            ("images", f"{sum(self.before):,}", f"{sum(self.after):,}"),
            ("images a class", _range(self.before), _range(self.after)),
            (f"steps an epoch, batch {self.batch_size:,}",
             f"{self.steps_before:,}", f"{self.steps_after:,}"),
            (f"total variation from {against} shares",
             f"{before.total_variation:.3f}", f"{after.total_variation:.3f}"),
            ("largest log-odds shift", f"{before.log_odds:.2f}", f"{after.log_odds:.2f}"),
        ]  # fmt: skip
        lines = [f"{name:<42}{one:>16}{other:>16}" for name, one, other in rows]
        more, fewer = self.classes[after.more], self.classes[after.fewer]
        if after.log_odds > 0:
            lines.append(
                f"Against class {fewer}, class {more} has {np.exp(after.log_odds):.1f} times the "
                f"odds of the {against} shares."
            )
        lines.append(
            f"An epoch has {ratio:.3g} times the steps: {20 / ratio:.3g} epochs afterwards are as "
            "many as 20 before."
        )
        return "\n".join([*lines, *self.warnings])


def plan_expansion(
    labels: Any,
    n_per_class: int,
    *,
    batch_size: int,
    evaluation_labels: Any = None,
    larger: Larger = "subset",
    among: Any = None,
) -> ExpansionPlan:
    """Return what expanding to n_per_class images a class changes; reads no image.

    Args:
        labels: (n,) whole numbers: the class of each image of the data set.
        n_per_class: images a class afterwards.
        batch_size: of the training, for the number of optimiser steps.
        evaluation_labels: (m,), of the set that the accuracy is measured on.
        larger: what a class with more images gives: a drawn "subset" of n_per_class, or "keep".
        among: positions of the training part; None is all.

    Raises:
        UsageError: a value outside its range; an evaluation set without any class in common.

    Example:
        >>> plan = plan_expansion([0] * 30 + [1] * 45, 256, batch_size=32)
        >>> plan.before, plan.after, plan.steps_before, plan.steps_after
        ((30, 45), (256, 256), 3, 16)
        >>> round(plan.shift_after.log_odds, 3)  # ln(45 / 30)
        0.405
    """
    members = members_of(labels, among)
    each = wanted(members, n_per_class, larger)
    others = None if evaluation_labels is None else as_integers(evaluation_labels, "evaluation")
    classes = members.classes if others is None else np.union1d(members.classes, others)
    at = np.searchsorted(classes, members.classes)
    before, after = (np.zeros(len(classes), np.int64) for _ in range(2))
    before[at], after[at] = members.counts, each
    evaluation = None
    if others is not None:
        evaluation = tuple(np.bincount(np.searchsorted(classes, others), minlength=len(classes)))
        if not any(map(min, before, evaluation)):
            raise UsageError(
                "no class is in the training images and in the evaluation set",
                where="plan_expansion",
                do="number the classes of both alike",
            )
    return ExpansionPlan(
        n_per_class=int(n_per_class),
        larger=larger,
        classes=tuple(classes.tolist()),
        before=tuple(before.tolist()),
        after=tuple(after.tolist()),
        evaluation=None if evaluation is None else tuple(map(int, evaluation)),
        batch_size=at_least_one(batch_size, "batch_size"),
        split=among is not None,
    )


def _classes(count: int) -> str:
    return "1 class has" if count == 1 else f"{count:,} classes have"


def _range(counts: tuple[int, ...]) -> str:
    low, high = min(counts), max(counts)
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"
