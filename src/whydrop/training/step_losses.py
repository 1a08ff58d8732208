"""StepLosses: the losses of an epoch's steps, and the end of a training that has lost its way."""

import math
from typing import Any

import numpy as np

from whydrop.core.errors import DataError
from whydrop.training.pytorch import torch

LOOK_EVERY = 50  # steps between two looks at losses on a device: each look waits for it


class StepLosses:
    """The training losses of an epoch, each an average over its batch.

    Args:
        epoch: from 0, for the error.
        look_every: steps between two looks at their values.
    """

    def __init__(self, epoch: int, *, look_every: int) -> None:
        self._epoch = epoch
        self._look_every = look_every
        self._sizes: list[int] = []
        self._rates: list[float] = []
        self._waiting: list[Any] = []
        self._values: list[float] = []

    def add(self, loss: Any, size: int, rate: float) -> None:
        """Take the loss of a step, the size of its batch and the learning rate.

        Raises:
            DataError: a loss since the last look is infinite or not a number.
        """
        self._waiting.append(loss)
        self._sizes.append(size)
        self._rates.append(rate)
        if len(self._waiting) >= self._look_every:
            self._look()

    def mean(self) -> float:
        """Return the mean over the samples.

        Raises:
            DataError: a loss is infinite or not a number.
        """
        self._look()
        return float(np.average(self._values, weights=self._sizes))

    def _look(self) -> None:
        if not self._waiting:
            return
        self._values += torch.stack(self._waiting).double().tolist()
        first = len(self._values) - len(self._waiting)
        self._waiting = []
        for step, value in enumerate(self._values[first:], first):
            if not math.isfinite(value):
                raise DataError(
                    f"the training loss is {value} at learning rate {self._rates[step]:g}",
                    where=f"epoch {self._epoch}, step {step} of the training, both from 0",
                    do="try a tenth of the learning rate, or a warm-up; look for NaN in the "
                    "inputs; with 16-mixed try bf16-mixed",
                )
