"""Feed: batches cut from samples in memory, augmented, as tensors on the device of the model."""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from whydrop.augment.batch import Batch
from whydrop.augment.op import Op, Stage
from whydrop.augment.ordered import Ordered
from whydrop.augment.skeletons.pipeline import SkeletonBatch, SkeletonPipeline
from whydrop.augment.targets import Mixed
from whydrop.training.pytorch import torch
from whydrop.training.samples import Samples

Transform: TypeAlias = Callable[..., Batch | SkeletonBatch]  # called as a Pipeline is
Index: TypeAlias = NDArray[np.int64]  # (n,) positions in the samples
P = TypeVar("P", bound=Ordered)

TRAINING_VIEW, EVALUATION_VIEW = 0, 1  # draws for training are never those of an evaluation


def batches(order: Index, batch_size: int, *, drop_last: bool = False) -> list[Index]:
    """Return an order cut into batches; the last may be short, or left out.

    Example:
        >>> [len(batch) for batch in batches(np.arange(10), 4)]
        [4, 4, 2]
    """
    end = len(order) // batch_size * batch_size if drop_last else len(order)
    return [order[start : start + batch_size] for start in range(0, end, batch_size)]


class Feed:
    """Cuts and augments batches for one epoch.

    In main memory all batches share one buffer: a batch holds until the next one is made.

    Args:
        samples: to cut from; they are not written to.
        transform: a Pipeline, a SkeletonPipeline, or what is called like a Pipeline; see
            ``unaugmented``.
        device: where the batches are to be.
        epoch: what the transform draws for, from 0.
        view: ``TRAINING_VIEW`` or ``EVALUATION_VIEW``.
    """

    def __init__(
        self, samples: Samples, transform: Transform, device: Any, *, epoch: int, view: int
    ) -> None:
        self._samples = samples
        self._transform = transform
        self._device = device
        self._when = {"epoch": epoch, "view": view}
        self._buffer: Any = None

    def labelled(self, index: Index) -> Batch:
        """Return inputs and targets of some samples; labels are whole numbers unless mixed."""
        labels = self._samples.labels[index].astype(np.int64, copy=False)
        return self._made(index, torch.from_numpy(labels).to(self._device))

    def inputs(self, index: Index) -> Any:
        """Return the inputs of some samples alone."""
        return self._made(index, None).images

    def _made(self, index: Index, labels: Any) -> Batch:
        inputs = torch.from_numpy(self._samples.inputs[index]).to(self._device)
        if isinstance(self._transform, SkeletonPipeline):  # it takes no buffer
            return _of_inputs(self._transform(inputs, labels, index=index, **self._when))
        on_host = self._device.type == "cpu"
        fits = self._buffer is not None and len(self._buffer) >= len(index)
        out = self._buffer[: len(index)] if on_host and fits else None
        batch = _of_inputs(self._transform(inputs, labels, index=index, out=out, **self._when))
        if on_host and not fits:
            self._buffer = batch.images
        return batch


def _of_inputs(batch: Batch | SkeletonBatch) -> Batch:
    """Return a batch with what the model gets as its images, whatever that is."""
    if isinstance(batch, SkeletonBatch):
        return Batch(batch.skeletons, batch.targets)
    return batch


def unaugmented(
    inputs: Any,
    labels: Any = None,
    *,
    epoch: int = 0,
    index: Any = None,
    view: int = 0,
    out: Any = None,
) -> Batch:
    """Return bytes as float32 from 0 to 1, and floats as float32; called like a Pipeline."""
    if inputs.dtype != torch.uint8:
        return Batch(inputs.float(), labels)
    scaled = inputs.float() if out is None else out.copy_(inputs)
    return Batch(scaled.div_(255), labels)


def clean(transform: Transform) -> Transform:
    """Return what samples go through for a clean evaluation.

    That is the pipeline without chance; of another callable its attribute ``evaluation``; where
    it has none, nothing but the scale of bytes.
    """
    evaluation: Transform = getattr(transform, "evaluation", unaugmented)
    return evaluation


def unmixed(transform: Transform) -> Transform:
    """Return the transform of training samples less mixing, for which there are no predictions."""
    if not isinstance(transform, Ordered):
        return transform
    ops = [op for op in transform.ops if op.stage is not Stage.MIX]
    without: Transform = with_ops(transform, ops)
    return without


def with_ops(pipeline: P, ops: Sequence[Op]) -> P:
    """Return a pipeline of other operations, all else the same."""
    fields = {name: getattr(pipeline, name) for name in pipeline.fields}
    return type(pipeline)(ops, **fields)


def share_of(batch: Batch, *, rank: int, count: int) -> tuple[Batch, float]:
    """Return the rows of a batch that one of several processes trains on, and their weight.

    The weight makes the mean over the processes' losses that of the whole batch. A process for
    which there is no row gets the first, with weight 0: it has to take part in the step.
    """
    if count == 1:
        return batch, 1.0
    n = len(batch.images)
    bounds = np.linspace(0, n, count + 1).astype(int)[rank : rank + 2]
    rows, size = slice(*bounds), int(bounds[1] - bounds[0])
    if not size:
        rows = slice(0, 1)
    targets = batch.targets
    if isinstance(targets, Mixed):
        parts = targets.a[rows], targets.b[rows], targets.lam[rows]
        targets = Mixed(*parts, smoothing=targets.smoothing)
    else:
        targets = targets[rows]
    return Batch(batch.images[rows], targets), size * count / n
