"""Batch: what a pipeline gives back."""

from dataclasses import dataclass
from typing import Any

from whydrop.augment.op import Images


@dataclass(frozen=True)
class Batch:
    """Images and targets, ready for the model.

    Attributes:
        images: float32 (n, c, h, w), in the library and on the device of what came in.
        targets: labels as they came in, ``Mixed`` labels, or (n, classes) rows; None when no
            labels were given.
    """

    images: Images
    targets: Any
