"""Samples: inputs with their labels, in memory."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Samples:
    """What a model is trained or tested on.

    Attributes:
        inputs: images uint8 (n, c, h, w), skeletons float32 (n, c, t, v, m), or any float32
            (n, ...).
        labels: int64 (n,), 0 to len(classes) - 1.
        classes: names of the classes.
    """

    inputs: NDArray[Any]
    labels: NDArray[np.int64]
    classes: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.labels)

    def part(self, index: Any) -> "Samples":
        """Return a copy of some samples, in the order of the index."""
        return Samples(self.inputs[index], self.labels[index], self.classes)
