"""Arrays in the form that Keras has them, and the augmented batches of them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whydrop.augment.checks import whole_number
from whydrop.augment.inputs import check_labels
from whydrop.augment.op import Ints
from whydrop.augment.ordered import check_pipeline
from whydrop.augment.pipeline import Pipeline
from whydrop.augment.targets import Mixed
from whydrop.core.errors import UsageError

FORMATS = ("channels_first", "channels_last")
WHERE = "data set for Keras"
Pixels = NDArray[np.float32]


@dataclass(frozen=True)
class Source:
    """Samples, and how a batch is made of them.

    Attributes:
        augment: the pipeline.
        images: as they were given.
        labels: (n,) whole numbers or (n, classes) rows; None for images alone.
        batch_size: samples a batch.
        bring_in: brings images to (n, c, h, w).
        bring_out: brings them to the format of Keras.
    """

    augment: Pipeline
    images: Any
    labels: NDArray[Any] | None
    batch_size: int
    bring_in: Callable[[NDArray[Any]], NDArray[Any]]
    bring_out: Callable[[Pixels], Pixels]

    def __len__(self) -> int:
        return len(self.images)

    def batch(self, positions: Ints, epoch: int) -> tuple[Pixels, ...]:
        """Return images and, where there are labels, targets (n, classes), both float32."""
        labels = None if self.labels is None else self.labels[positions]
        images = self.bring_in(np.asarray(self.images[positions]))
        made = self.augment(images, labels, epoch=epoch, index=positions)
        pixels = self.bring_out(made.images)
        return (pixels,) if labels is None else (pixels, self._rows(made.targets))

    def _rows(self, targets: Any) -> Pixels:
        if isinstance(targets, Mixed):
            targets = targets.soft(self.augment.classes or targets.a.shape[1])
        elif targets.ndim == 1:
            targets = np.eye(self.augment.classes or 0)[targets]
        return np.asarray(targets, np.float32)


def source(
    augment: Pipeline,
    images: Any,
    labels: Any,
    *,
    batch_size: int,
    given: str | None,
    wanted: str,
) -> Source:
    """Return checked samples.

    Args:
        augment: the pipeline.
        images: (n, h, w, c) or (n, c, h, w).
        labels: (n,) or (n, 1) class numbers, (n, classes) rows, or None.
        batch_size: samples a batch.
        given: format of the images, one of FORMATS; None to see it from their shape.
        wanted: format of the batches.

    Raises:
        UsageError: they do not fit together.
    """
    check_pipeline(augment, where=WHERE)
    batch_size = whole_number(batch_size, "batch_size", where=WHERE, low=1)
    shape = tuple(getattr(images, "shape", ()))
    if len(shape) != 4 or 0 in shape:
        what = f"images have shape {shape}"
        raise UsageError(what, where=WHERE, do="give an array (n, h, w, c) or (n, c, h, w)")
    given = _format_of(shape) if given is None else given
    if given not in FORMATS:
        what = f"data_format is {given!r}"
        raise UsageError(what, where=WHERE, do=f"give one of {', '.join(FORMATS)}")
    return Source(
        augment,
        images,
        None if labels is None else _checked(labels, len(images), augment.classes),
        batch_size,
        _to_channels_first if given == "channels_last" else _unchanged,
        _to_channels_last if wanted == "channels_last" else _unchanged,
    )


def _format_of(shape: tuple[int, ...]) -> str:
    first, last = shape[1] <= 4, shape[3] <= 4
    if first == last:
        raise UsageError(
            f"images of shape {shape} do not show where their channels are",
            where=WHERE,
            do=f"give data_format, one of {', '.join(FORMATS)}",
        )
    return "channels_first" if first else "channels_last"


def _checked(labels: Any, n: int, classes: int | None) -> NDArray[Any]:
    array = np.asarray(labels)
    if array.ndim == 2 and array.shape[1] == 1 and classes != 1:
        array = array[:, 0]  # as the data sets of Keras have them
    if array.ndim == 1 and classes is None:
        raise UsageError(
            "the number of classes is missing",
            where=WHERE,
            do="give it to the pipeline: Pipeline(..., classes=10)",
        )
    check_labels(array, n, classes)
    return array


def _unchanged(images: Any) -> Any:
    return images


def _to_channels_first(images: NDArray[Any]) -> NDArray[Any]:
    return np.ascontiguousarray(images.transpose(0, 3, 1, 2))


def _to_channels_last(images: Pixels) -> Pixels:
    return np.ascontiguousarray(np.moveaxis(images, -3, -1))  # of stacked pairs too
