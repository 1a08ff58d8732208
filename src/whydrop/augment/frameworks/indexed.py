"""Indexed: a data set that says which sample it gives."""

from collections.abc import Sequence
from typing import Any

from whydrop.core.errors import UsageError


class Indexed:
    """A data set of (image, label) as one of (image, label, index), for a DataLoader.

    The index is the position in the data set that is wrapped. A part of a data set keeps the
    positions of the whole as ``Subset(Indexed(whole), part)``, so that its samples are augmented
    as they are in the whole.

    Args:
        dataset: anything with a length and items (image, label).

    Example:
        >>> Indexed([("image", 7), ("other", 2)])[1]
        ('other', 2, 1)
    """

    def __init__(self, dataset: Any) -> None:
        if not (hasattr(dataset, "__getitem__") and hasattr(dataset, "__len__")):
            raise UsageError(
                f"a {type(dataset).__name__} has no length or no items",
                where="Indexed",
                do="give a map-style data set; one that streams must yield positions itself",
            )
        self.dataset = dataset

    def __len__(self) -> int:
        return len(self.dataset)

    def __getitem__(self, index: int) -> tuple[Any, Any, int]:
        position = int(index)
        if not -len(self) <= position < len(self):
            raise IndexError(f"index {position} of {len(self)} samples")
        position %= len(self)
        return _with_index(self.dataset[position], position)

    def __getitems__(self, indices: Sequence[int]) -> list[tuple[Any, Any, int]]:
        """Return several items; PyTorch asks so, and the data set may know a faster way."""
        many = getattr(self.dataset, "__getitems__", None)
        if many is None:
            return [self[index] for index in indices]
        return [_with_index(*pair) for pair in zip(many(indices), indices, strict=True)]


def _with_index(item: Any, index: int) -> tuple[Any, Any, int]:
    if not isinstance(item, tuple | list) or len(item) != 2:
        size = f" of {len(item)} values" if isinstance(item, tuple | list) else ""
        raise UsageError(
            f"item {index} is a {type(item).__name__}{size}",
            where="Indexed",
            do="give a data set whose items are (image, label)",
        )
    return (*item, index)
