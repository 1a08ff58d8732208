"""Inputs: what a learner is given, checked before anything is trained."""

import contextlib
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any, Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from whydrop.augment.op import Stage
from whydrop.augment.ordered import Kind, Ordered
from whydrop.core.errors import DataError, UsageError
from whydrop.training.callbacks.callback import Callback
from whydrop.training.data import Data
from whydrop.training.feed import unaugmented
from whydrop.training.history import History
from whydrop.training.pytorch import torch
from whydrop.training.samples import Samples
from whydrop.training.schedules import is_schedule
from whydrop.training.training_accuracy import OF_MIXING

MakeOptimizer: TypeAlias = Callable[[Iterable[Any]], torch.optim.Optimizer]
Which = Literal["clean", "training"]  # transform
WHERE = "Learner"
SAME_CLASSES = "read the samples with the classes of the learner's data, in the same order"


def check_model(model: object) -> None:
    """Check that it is a PyTorch model.

    Raises:
        UsageError: it is not, or nothing of it can be trained.
    """
    if not isinstance(model, torch.nn.Module):
        what = f"the model is a {type(model).__name__}"
        raise UsageError(what, where=WHERE, do="give a torch.nn.Module")
    if not any(parameter.requires_grad for parameter in model.parameters()):
        what = f"no parameter of {type(model).__name__} is to be trained"
        raise UsageError(what, where=WHERE, do="set requires_grad of those that should be")


def check_data(data: object) -> None:
    """Check that it is Data; its samples were checked when they were made.

    Raises:
        UsageError: it is not.
    """
    if not isinstance(data, Data):
        what = f"the data are a {type(data).__name__}"
        do = "give whydrop.training.Data(train=..., valid=...)"
        raise UsageError(what, where=WHERE, do=do)


def kind_of(samples: Samples) -> Kind | None:
    """Return what a pipeline for such samples changes; None if there is none, as for features."""
    if samples.are_skeletons:
        return "skeletons"
    return "images" if samples.inputs.ndim == 4 else None


def check_augment(augment: object, data: Data) -> None:
    """Check that a pipeline is one of such samples.

    Raises:
        UsageError: it changes skeletons, and they are none, or images, and they are none.
    """
    if not isinstance(augment, Ordered):
        return
    wanted = kind_of(data.train)
    if augment.changes != wanted:
        raise UsageError(
            f"augment changes {augment.changes}, and a sample is {data.train.inputs.dtype} of "
            f"shape {data.train.inputs.shape[1:]}",
            where=WHERE,
            do="give a Pipeline for images (channels, height, width), a SkeletonPipeline for "
            "skeletons (coordinates, frames, joints, persons) of float32, for other samples a "
            "function that is called as a pipeline is",
        )


def check_outputs(outputs: Any, n: int, classes: int) -> None:
    """Check that a model gives a number for each class.

    Raises:
        UsageError: it gives something else.
    """
    if not isinstance(outputs, torch.Tensor) or outputs.ndim != 2 or len(outputs) != n:
        shape = getattr(outputs, "shape", None)
        shown = type(outputs).__name__ if shape is None else f"shape {tuple(shape)}"
        what = f"the model gives {shown} for {n} samples"
        raise UsageError(what, where="outputs of the model", do="return logits (n, classes)")
    if outputs.shape[1] < classes:
        raise UsageError(
            f"the model gives {outputs.shape[1]} logits for {classes} classes",
            where="outputs of the model",
            do="give its last layer one output a class",
        )


def check_classes(samples: object, classes: Sequence[str], *, where: str) -> None:
    """Check that samples are of the classes that a learner was made for, in their order.

    Raises:
        UsageError: they are not, or are no Samples; the first class that differs is named.
    """
    if not isinstance(samples, Samples):
        what = f"the samples are a {type(samples).__name__}"
        raise UsageError(what, where=where, do="give whydrop.training.Samples")
    if len(samples.classes) != len(classes):
        what = f"the samples have {len(samples.classes)} classes, the learner {len(classes)}"
        raise UsageError(what, where=where, do=SAME_CLASSES)
    for at, (found, own) in enumerate(zip(samples.classes, classes, strict=True)):
        if found != own:
            what = f"class {at} of the samples is {found!r}, that of the learner {own!r}"
            raise UsageError(what, where=where, do=SAME_CLASSES)


def unlabelled(inputs: NDArray[Any], classes: Sequence[str]) -> Samples:
    """Return inputs as samples whose labels nobody looks at.

    Raises:
        UsageError: another shape or dtype than samples have.
    """
    return Samples(inputs, np.zeros(len(inputs) if inputs.ndim else 0, np.int64), tuple(classes))


def check_loss(loss: object) -> None:
    """Check what a loss returns for a batch.

    Raises:
        UsageError: it is not one number as a tensor.
    """
    if not isinstance(loss, torch.Tensor):
        what = f"the loss returns a {type(loss).__name__}"
        do = "return a tensor, without float() or .item(): what is minimised needs its gradient"
        raise UsageError(what, where="loss of a batch", do=do)
    if loss.ndim:
        what = f"the loss of a batch has shape {tuple(loss.shape)}"
        raise UsageError(what, where=WHERE, do="give a loss that returns one number, the mean")


def check_has_gradient(loss: torch.Tensor) -> None:
    """Check that a loss of a training step can be minimised.

    Raises:
        UsageError: it does not depend on the weights.
    """
    if not loss.requires_grad:
        raise UsageError(
            "the loss has no gradient",
            where="loss of a batch",
            do="compute it from the logits by operations of PyTorch, without detach() or .item()",
        )


def check_valid_loss(loss: float, *, epoch: int) -> None:
    """Check the loss of the validation samples after an epoch.

    Raises:
        DataError: it is infinite or not a number.
    """
    if not math.isfinite(loss):
        raise DataError(
            f"the validation loss is {loss}",
            where=f"validation after epoch {epoch}, from 0",
            do="look at what the model does in evaluation mode only, first at BatchNorm's averages "
            "(ReestimateBatchNorm takes them anew); try a tenth of the learning rate",
        )


@contextlib.contextmanager
def batch_of_one_explained(n: int) -> Iterator[None]:
    """Say in a training step of ``n`` samples what to do where BatchNorm refuses a single one.

    Raises:
        UsageError: it does.
    """
    try:
        yield
    except ValueError as error:
        if n > 1 or "more than 1 value per channel" not in str(error):
            raise
        raise UsageError(
            "a batch of one sample has no variance that BatchNorm could train with",
            where="the last batch of an epoch",
            do="leave it out by drop_last, or give another batch_size",
        ) from error


def check_which(name: str, which: str) -> None:
    """Check the name of a transform.

    Raises:
        UsageError: there is none of that name.
    """
    if which not in get_args(Which):
        raise UsageError(f"{name} is {which!r}", where=WHERE, do='give "clean" or "training"')


def check_parts(schedule: object, callbacks: Sequence[object]) -> None:
    """Check that a schedule and callbacks are such.

    Raises:
        UsageError: one is not.
    """
    if schedule is not None and not is_schedule(schedule):
        shown = schedule.__name__ if isinstance(schedule, type) else type(schedule).__name__
        what = f"the schedule is {'the class' if isinstance(schedule, type) else 'a'} {shown}"
        do = "give one of whydrop.training, such as Cosine(epochs=20)"
        raise UsageError(what, where=WHERE, do=do)
    for callback in callbacks:
        if not isinstance(callback, Callback):
            what = f"a callback is {callback!r}"
            raise UsageError(what, where=WHERE, do="give a Callback, not its class")


def check_monitors(callbacks: Sequence[Callback], history: History) -> None:
    """Check that the columns exist that callbacks go by.

    Raises:
        UsageError: one does not; the nearest name is told.
    """
    for callback in callbacks:
        if callback.monitor is not None:
            history.metric(callback.monitor, where=type(callback).__name__)


def check_mixes(callbacks: Sequence[Callback], augment: object) -> None:
    """Check that samples are mixed where a callback goes by a column that is there only then.

    Raises:
        UsageError: they are not.
    """
    for callback in callbacks:
        if callback.monitor in OF_MIXING and _leaves_labels(augment):
            raise UsageError(
                f"the column {callback.monitor!r} is there only where training samples are mixed",
                where=type(callback).__name__,
                do="monitor 'train_top1', or mix: see Learner.mixup",
            )


def _leaves_labels(augment: object) -> bool:
    """Return whether labels are known to stay whole numbers."""
    if not isinstance(augment, Ordered):
        return augment is unaugmented
    softened = augment.target == "soft" or getattr(augment, "soften", None) is not None
    return not softened and all(op.stage is not Stage.MIX for op in augment.ops)


def optimizer_for(model: Any, make: MakeOptimizer | None) -> torch.optim.Optimizer:
    """Return the optimiser of a model; by default SGD with momentum 0.9.

    Raises:
        UsageError: it is none, or not of the model, or needs another loop.
    """
    if make is None:
        make = partial(torch.optim.SGD, lr=0.01, momentum=0.9)
    made = make(model.parameters()) if callable(make) else None
    if not isinstance(made, torch.optim.Optimizer):
        what = f"optimizer is {make!r}, which makes no optimiser"
        do = "give functools.partial(torch.optim.SGD, lr=0.1), say"
        raise UsageError(what, where=WHERE, do=do)
    if isinstance(made, torch.optim.LBFGS):
        what = "LBFGS calls the model several times a step"
        raise UsageError(what, where=WHERE, do="give an optimiser that takes one gradient")
    own = {id(parameter) for parameter in model.parameters()}
    strangers = [p for group in made.param_groups for p in group["params"] if id(p) not in own]
    if strangers:
        what = f"{len(strangers)} parameters of the optimiser are not the model's"
        raise UsageError(what, where=WHERE, do="make it of the parameters that it is given")
    return made
