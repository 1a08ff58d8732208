"""Normalize: subtract each channel's mean, divide by its standard deviation."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from whydrop.augment.op import Op, Stage
from whydrop.core.errors import UsageError

# Mean and standard deviation of the training images, values from 0 to 1.
PRESETS = {
    "cifar10": ((0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616)),
    "cifar100": ((0.5071, 0.4865, 0.4409), (0.2673, 0.2564, 0.2762)),
    "imagenet": ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
    "mnist": ((0.1307,), (0.3081,)),
}


@dataclass(frozen=True)
class Normalize(Op):
    """Bring each channel to mean 0 and standard deviation 1; also in evaluation.

    Args:
        mean, std: one value a channel, for values from 0 to 1.

    Example:
        >>> Normalize.preset("mnist")
        Normalize(mean=(0.1307,), std=(0.3081,))
    """

    mean: tuple[float, ...]
    std: tuple[float, ...]
    stage: ClassVar[Stage] = Stage.NORMALIZE

    def __post_init__(self) -> None:
        for name in ("mean", "std"):
            given: Sequence[float] | float = getattr(self, name)
            values = (given,) if isinstance(given, int | float) else tuple(map(float, given))
            object.__setattr__(self, name, values)
        finite = all(map(math.isfinite, (*self.mean, *self.std)))
        if len(self.mean) != len(self.std) or not self.mean or not finite or min(self.std) <= 0:
            raise UsageError(
                f"mean is {self.mean}, std {self.std}",
                where="Normalize",
                do="give one mean and one standard deviation above 0 a channel",
            )
        if max(map(abs, self.mean)) > 1 or max(self.std) > 1:
            raise UsageError(
                f"mean is {self.mean}, std {self.std}: that is for values from 0 to 255",
                where="Normalize",
                do="divide both by 255; images have values from 0 to 1 here",
            )

    @classmethod
    def preset(cls, name: str) -> "Normalize":
        """Return the usual constants of a data set.

        Raises:
            UsageError: a name that is not in PRESETS.
        """
        if name not in PRESETS:
            known = ", ".join(PRESETS)
            raise UsageError(f"no preset {name!r}", where="Normalize.preset", do=f"use {known}")
        return cls(*PRESETS[name])
