"""Data: what a training learns from, watches, and is judged by."""

from dataclasses import dataclass

from whydrop.core.errors import UsageError
from whydrop.training.samples import Samples


@dataclass(frozen=True, eq=False)
class Data:
    """Samples to train on, to validate with and, where there are some, to test with.

    Raises:
        UsageError: the parts differ in their classes, or in the shape or dtype of a sample.

    Example:
        >>> import numpy as np
        >>> points = Samples(np.zeros((4, 2), np.float32), [0, 1, 0, 1], ("a", "b"))
        >>> print(Data(points.part([0, 1, 2]), points.part([3])))
        train: 3 samples of 2, float32; 2 classes of 1 to 2
        valid: 1 sample of 2, float32; 2 classes of 0 to 1
    """

    train: Samples
    valid: Samples
    test: Samples | None = None

    def __post_init__(self) -> None:
        for name, part in self.parts().items():
            if not isinstance(part, Samples):
                what = f"{name} is {type(part).__name__}"
                raise UsageError(what, where="Data", do="give Samples: whydrop.training.samples")
            _check_alike(self.train, name, part)

    def parts(self) -> dict[str, Samples]:
        """Return the parts that are there, by name."""
        parts = {"train": self.train, "valid": self.valid}
        return parts if self.test is None else parts | {"test": self.test}

    def __str__(self) -> str:
        return "\n".join(f"{name}: {part}" for name, part in self.parts().items())


def _check_alike(train: Samples, name: str, part: Samples) -> None:
    if part.classes != train.classes:
        only = sorted(set(part.classes) ^ set(train.classes))
        what = f"the classes of {name} are not those of train"
        what += f": only one of them has {only[0]!r}" if only else ", in this order"
        raise UsageError(what, where="Data", do="read both parts with the same classes")
    seen = [f"{p.inputs.shape[1:]} {p.inputs.dtype}" for p in (train, part)]
    if seen[0] != seen[1]:
        raise UsageError(
            f"a sample of {name} is {seen[1]}, one of train {seen[0]}",
            where="Data",
            do="read both parts at one size, skeletons with the same number of frames",
        )
