"""Collate: a pipeline as the ``collate_fn`` of PyTorch's DataLoader."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from whydrop.augment.arrays import Array, is_torch
from whydrop.augment.checks import whole_number
from whydrop.augment.op import Images
from whydrop.augment.ordered import check_pipeline
from whydrop.augment.pipeline import Pipeline
from whydrop.core.errors import MissingExtra, UsageError

PIL_MODES = ("L", "RGB", "RGBA")  # what has one uint8 a channel


class Collate:
    """Stack items to a batch and augment it, in the process that loads them.

    The epoch lies in shared memory, so workers that live on from epoch to epoch see it too. What
    a sample becomes depends on the pipeline's seed, the epoch and the sample's index alone, for
    any number of workers; what mixing adds depends on which samples share a batch.

    Args:
        augment: the pipeline; ``augment.evaluation`` for validation, which needs no epoch.

    Raises:
        MissingExtra: PyTorch is not installed.

    Example:
        >>> import numpy as np
        >>> from torch.utils.data import DataLoader
        >>> from whydrop.augment import Collate, HorizontalFlip, Indexed, Pipeline
        >>> samples = [(np.zeros((3, 8, 8), np.uint8), 1)] * 6
        >>> collate = Collate(Pipeline([HorizontalFlip()], seed=1))
        >>> loader = DataLoader(Indexed(samples), batch_size=3, collate_fn=collate)
        >>> for epoch in range(2):
        ...     collate.set_epoch(epoch)
        ...     for images, labels in loader:
        ...         print(epoch, tuple(images.shape), labels.tolist())
        0 (3, 3, 8, 8) [1, 1, 1]
        0 (3, 3, 8, 8) [1, 1, 1]
        1 (3, 3, 8, 8) [1, 1, 1]
        1 (3, 3, 8, 8) [1, 1, 1]
    """

    def __init__(self, augment: Pipeline) -> None:
        try:
            import torch
        except ImportError as error:
            raise MissingExtra(
                "a DataLoader needs PyTorch", where="Collate", do="pip install torch"
            ) from error
        check_pipeline(augment, where="Collate")
        self.augment = augment
        self._draws = any(op.chance for op in augment.ops)
        # -1 until set_epoch: an epoch that nobody sets would repeat its draws without end.
        self._epoch = torch.full((1,), -1, dtype=torch.int64).share_memory_()

    def set_epoch(self, epoch: int) -> None:
        """Set the epoch for the next pass over the loader; call it before each pass begins.

        Workers load ahead, so that in the middle of a pass it would reach some batches only.
        """
        self._epoch[0] = whole_number(epoch, "epoch", where="Collate.set_epoch")

    def __call__(self, items: Sequence[Any]) -> tuple[Images, Any]:
        """Return the images and targets of a batch, as tensors.

        Args:
            items: (image, label, index) each, or (image, label, index, view); without chance in
                the pipeline, (image, label) too. Images are (c, h, w), uint8 or floats from 0
                to 1, tensors or arrays, or of PIL; labels are whole numbers or rows.

        Returns:
            Images, float32 (n, c, h, w), and targets: labels, ``Mixed``, or rows.

        Raises:
            UsageError: the epoch was never set, items have no index, or their images do not fit
                together.
        """
        lengths = {len(item) if isinstance(item, tuple | list) else 0 for item in items}
        if lengths not in ({3}, {4}) and (self._draws or lengths != {2}):
            raise UsageError(
                f"items have {' or '.join(map(str, sorted(lengths)))} values",
                where="Collate",
                do="give (image, label, index): wrap the data set by Indexed(dataset)",
            )
        epoch = int(self._epoch)
        if epoch < 0 and self._draws:
            raise UsageError(
                "the epoch is not set",
                where="Collate",
                do="call set_epoch(epoch) before each pass over the loader",
            )
        images, labels, *keys = zip(*items, strict=True)
        index = np.array(keys[0]) if keys else None
        view = np.array(keys[1]) if len(keys) > 1 else 0
        batch = self.augment(
            _stacked([_channels_first(image) for image in images], "images"),
            _stacked(labels, "labels"),
            epoch=max(epoch, 0),
            index=index,
            view=view,
        )
        return batch.images, batch.targets


def _channels_first(image: Any) -> Any:
    """Return an image of PIL as an array (c, h, w); others as they are."""
    mode = getattr(image, "mode", None)
    if not isinstance(mode, str):
        return image
    if mode not in PIL_MODES:
        raise UsageError(
            f"an image of PIL has mode {mode!r}",
            where="Collate",
            do='read it by image.convert("RGB")',
        )
    array = np.asarray(image)
    return array[None] if array.ndim == 2 else array.transpose(2, 0, 1)


def _stacked(values: Sequence[Any], name: str) -> Array:
    import torch

    arrays = [value if hasattr(value, "dtype") else np.asarray(value) for value in values]
    one = arrays[0]
    other = next((a for a in arrays if a.dtype != one.dtype or a.shape != one.shape), None)
    if other is not None:
        seen = [f"{array.dtype} {tuple(array.shape)}" for array in (one, other)]
        raise UsageError(
            f"{name} of one batch are {' and '.join(seen)}",
            where="Collate",
            do="bring them to one size and dtype where they are read, in one library",
        )
    return torch.stack(arrays) if is_torch(one) else torch.from_numpy(np.stack(arrays))
