"""Data: samples to train on, and samples to tell how well it went."""

from dataclasses import dataclass

from whydrop.training.samples import Samples


@dataclass(frozen=True, eq=False)
class Data:
    """The parts of a data set.

    Attributes:
        train: what the model learns from.
        valid: what it is looked at by after each epoch.
        test: what is looked at once, at the end.
    """

    train: Samples
    valid: Samples
    test: Samples | None = None
