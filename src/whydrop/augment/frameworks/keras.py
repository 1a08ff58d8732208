"""Data sets for Keras 3 that a pipeline has augmented, on any of its backends."""

from abc import ABC, abstractmethod
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import numpy as np

from whydrop.augment.frameworks.arrays_for_keras import WHERE, Pixels, Source, source
from whydrop.augment.frameworks.order import EpochOrder
from whydrop.augment.pipeline import Pipeline
from whydrop.core.errors import MissingExtra, UsageError


def keras_training(
    augment: Pipeline,
    images: Any,
    labels: Any,
    *,
    batch_size: int = 32,
    drop_last: bool = False,
    threads: int = 1,
    data_format: str | None = None,
) -> Any:
    """Return a ``keras.utils.PyDataset`` of augmented batches for ``model.fit``.

    It shuffles by (seed of the pipeline, epoch) itself, so give ``fit`` shuffle=False: Keras would
    shuffle the order of the batches once more. An epoch ends with each whole pass of Keras over
    the data; after ``set_epoch(5)`` the next pass is epoch 5.

    Args:
        augment: the pipeline, with ``classes``.
        images: (n, h, w, c) or (n, c, h, w), uint8 or floats from 0 to 1.
        labels: (n,) or (n, 1) class numbers, or (n, classes) rows.
        batch_size: samples a batch.
        drop_last: leave out the last batch of an epoch if it is smaller.
        threads: that make batches ahead; with 1, each is made when Keras asks for it. Keras's own
            ``workers`` are refused: with them it trains on batches that it had fetched before
            training, for their shapes, and on old ones at the beginning of each epoch.
        data_format: of the images given, "channels_first" or "channels_last"; None sees it.

    Returns:
        Batches of images, float32 in Keras's own ``image_data_format()``, and targets, float32
        (n, classes), for a categorical cross-entropy.

    Raises:
        UsageError: images, labels and classes do not fit together.
        MissingExtra: Keras is not installed.
    """
    samples = _source(augment, images, labels, batch_size, data_format)
    return _batches(_Training, samples, drop_last, threads)


def keras_evaluation(
    augment: Pipeline,
    images: Any,
    labels: Any = None,
    *,
    batch_size: int = 32,
    threads: int = 1,
    data_format: str | None = None,
) -> Any:
    """Return a ``keras.utils.PyDataset`` for validation, ``evaluate`` and ``predict``.

    Batches come in the order of the data, through ``augment.evaluation``, which has no chance.

    Args:
        augment, images, batch_size, threads, data_format: as for ``keras_training``.
        labels: as there, or None for prediction.
    """
    samples = _source(augment.evaluation, images, labels, batch_size, data_format)
    return _batches(_Evaluation, samples, False, threads)


class _Batches(ABC):
    """What both kinds share; a PyDataset too, once there is Keras to derive from."""

    def __init__(self, samples: Source, length: int, threads: int) -> None:
        super().__init__()
        self.samples = samples
        self._length = length
        self._threads = threads
        self._pool = ThreadPoolExecutor(threads) if threads > 1 else None
        self._ahead: dict[int, Future[tuple[Pixels, ...]]] = {}

    @property
    def workers(self) -> int:
        return 0  # Keras asks for one batch after the other

    @workers.setter
    def workers(self, value: int) -> None:
        do = "give threads= instead: workers of Keras mix up the batches of epochs"
        raise UsageError(f"workers is set to {value}", where=WHERE, do=do)

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, index: int) -> tuple[Pixels, ...]:
        if not 0 <= index < len(self):
            raise IndexError(f"batch {index} of {len(self)}")
        if self._pool is None:
            return self._made(index)
        ahead = range(index, min(index + self._threads + 1, len(self)))
        self._ahead = {
            batch: self._ahead.get(batch) or self._pool.submit(self._made, batch) for batch in ahead
        }
        return self._ahead[index].result()

    @abstractmethod
    def _made(self, batch: int) -> tuple[Pixels, ...]:
        """Return a batch as Keras takes it."""


class _Training(_Batches):
    """Shuffled, augmented batches.

    Keras says that an epoch ended before it begins with the first one, and may look at a batch
    before that, for its shapes. So an epoch has ended here only if all its batches were asked for.
    """

    def __init__(self, samples: Source, length: int, threads: int) -> None:
        super().__init__(samples, length, threads)
        self._order = EpochOrder(len(samples), seed=samples.augment.seed)
        self.set_epoch(0)

    @property
    def epoch(self) -> int:
        """The epoch whose batches it gives."""
        return self._order.epoch

    def set_epoch(self, epoch: int) -> None:
        """Let the next pass be an epoch, from 0; for training that goes on after a stop."""
        self._begin(epoch)
        self._first = True

    def __getitem__(self, index: int) -> tuple[Pixels, ...]:
        batch = super().__getitem__(index)
        self._asked.add(index)
        return batch

    def on_epoch_end(self) -> None:
        first, self._first = self._first, False
        if len(self._asked) == len(self):
            # Where there is one batch, a look at it is not told from an epoch but by its place.
            looked = first and len(self) == 1
            self._begin(self.epoch if looked else self.epoch + 1)

    def _begin(self, epoch: int) -> None:
        self._order.set_epoch(epoch)
        self._positions = self._order.positions()
        self._asked: set[int] = set()
        self._ahead = {}

    def _made(self, batch: int) -> tuple[Pixels, ...]:
        size = self.samples.batch_size
        return self.samples.batch(self._positions[batch * size : (batch + 1) * size], self.epoch)


class _Evaluation(_Batches):
    """Batches in the order of the data, without chance."""

    def _made(self, batch: int) -> tuple[Pixels, ...]:
        size = self.samples.batch_size
        last = min((batch + 1) * size, len(self.samples))
        return self.samples.batch(np.arange(batch * size, last), epoch=0)


def _batches(kind: type[_Batches], samples: Source, drop_last: bool, threads: int) -> Any:
    if threads < 1:
        raise UsageError(f"threads is {threads}", where=WHERE, do="give 1 or more")
    whole, rest = divmod(len(samples), samples.batch_size)
    if drop_last and not whole:
        what = f"{len(samples)} samples are no whole batch of {samples.batch_size}"
        raise UsageError(what, where=WHERE, do="give a smaller batch_size, or drop_last=False")
    dataset: Any = type(kind.__name__.lstrip("_"), (kind, _keras().utils.PyDataset), {})
    return dataset(samples, whole + (rest > 0 and not drop_last), threads)


def _source(
    augment: Pipeline, images: Any, labels: Any, batch_size: int, data_format: str | None
) -> Source:
    wanted = _keras().config.image_data_format()
    size = batch_size
    return source(augment, images, labels, batch_size=size, given=data_format, wanted=wanted)


def _keras() -> Any:
    try:
        import keras
    except ModuleNotFoundError as error:
        if error.name != "keras":
            raise  # Keras is there, its backend is not
        raise MissingExtra(
            "the data set needs Keras", where=WHERE, do="pip install keras"
        ) from error
    return keras
