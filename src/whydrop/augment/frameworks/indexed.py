"""Indexed: a data set that says which sample it gives."""

from collections.abc import Sequence
from typing import Any, TypeAlias

from whydrop.core.errors import UsageError

Key: TypeAlias = int | tuple[int, int]  # index, or index and view


class Indexed:
    """A data set of (image, label) as one of (image, label, index), for a DataLoader.

    The index is the position in the data set that is wrapped. A part of a data set keeps the
    positions of the whole as ``Subset(Indexed(whole), part)``, so that its samples are augmented
    as they are in the whole. Asked for (index, view), as by ``BalancedSampler``, it gives
    (image, label, index, view).

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

    def __getitem__(self, key: Key) -> tuple[Any, ...]:
        index, *view = self._parts(key)
        return (*_pair(self.dataset[index], index), index, *view)

    def __getitems__(self, keys: Sequence[Key]) -> list[tuple[Any, ...]]:
        """Return several items; PyTorch asks so, and the data set may know a faster way."""
        many = getattr(self.dataset, "__getitems__", None)
        if many is None:
            return [self[key] for key in keys]
        parts = [self._parts(key) for key in keys]
        items = many([index for index, *_ in parts])
        return [(*_pair(item, at[0]), *at) for item, at in zip(items, parts, strict=True)]

    def _parts(self, key: Key) -> tuple[int, ...]:
        """Return index and, if it is asked for, view."""
        index, *view = key if isinstance(key, tuple) else (key,)
        n = len(self)
        if not -n <= index < n:
            raise IndexError(f"index {index} of {n} samples")
        return int(index) % n, *view


def _pair(item: Any, index: int) -> tuple[Any, Any]:
    if not isinstance(item, tuple | list) or len(item) != 2:
        size = f" of {len(item)} values" if isinstance(item, tuple | list) else ""
        raise UsageError(
            f"item {index} is a {type(item).__name__}{size}",
            where="Indexed",
            do="give a data set whose items are (image, label)",
        )
    return item[0], item[1]
