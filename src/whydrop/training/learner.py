"""Learner: a model trained on data, so that one run can be compared with another.

The loop is ``_train``; it gives the weights, to the bit, of the same loop written by hand.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console

from whydrop.augment.checks import whole_number
from whydrop.augment.loss import MixLoss
from whydrop.augment.mixup import MixUp
from whydrop.augment.op import Stage
from whydrop.augment.ordered import Ordered
from whydrop.augment.pipeline import Pipeline
from whydrop.augment.skeletons.pipeline import SkeletonPipeline
from whydrop.augment.targets import Mixed
from whydrop.core.errors import UsageError
from whydrop.core.metric import Metric
from whydrop.training.callbacks.callback import Callback
from whydrop.training.callbacks.progress import progress_on
from whydrop.training.checkpoint import read_checkpoint, write_checkpoint
from whydrop.training.data import Data
from whydrop.training.devices import Accelerator, Precision, devices_for
from whydrop.training.evaluation import logits_of
from whydrop.training.feed import (
    TRAINING_VIEW,
    Feed,
    Transform,
    batches,
    clean,
    share_of,
    unaugmented,
    unmixed,
    with_ops,
)
from whydrop.training.history import History
from whydrop.training.inputs import (
    WHERE,
    MakeOptimizer,
    Which,
    batch_of_one_explained,
    check_augment,
    check_classes,
    check_data,
    check_has_gradient,
    check_loss,
    check_mixes,
    check_model,
    check_monitors,
    check_outputs,
    check_parts,
    check_valid_loss,
    check_which,
    kind_of,
    optimizer_for,
    unlabelled,
)
from whydrop.training.losses import Loss, loss_for
from whydrop.training.metrics.names import OneMetric, measure_for
from whydrop.training.modes import modes_kept
from whydrop.training.pytorch import torch
from whydrop.training.randomness import order, seed_for, seeded
from whydrop.training.samples import Samples
from whydrop.training.schedules import Schedule, rate_factor
from whydrop.training.settings import plain
from whydrop.training.state import State, check_same, check_weights, copied
from whydrop.training.step_losses import LOOK_EVERY, StepLosses
from whydrop.training.training_accuracy import TrainingAccuracy, accuracy_columns

COLUMNS = (
    Metric("train_loss", minimize=True, unit="raw"),
    Metric("train_top1", unit="points"),
    Metric("train_top1_highest", unit="points"),
    Metric("train_top1_clean", unit="points"),
    Metric("train_clean_share", unit="points"),
    Metric("valid_loss", minimize=True, unit="raw"),
)


class Learner:
    """Trains a model, and tells after each epoch how good it is.

    Chance is split by purpose (``whydrop.training.randomness``): the order of the samples and
    what layers draw depend on the seed and the epoch, an augmentation on its pipeline's own seed.
    So changing one leaves the others' draws alone; the global generators are as they were before.

    Args:
        model: gives logits (n, classes); moved to the device. Make it inside ``initialised(seed)``
            for first weights that can be repeated.
        data: samples for training and validation.
        augment: a Pipeline, or what is called like one, for training samples; for skeletons a
            SkeletonPipeline. Validation samples go through its ``evaluation``. None scales bytes
            to 0..1.
        loss: "cross_entropy", "nll", "mse", or a function of (logits, labels) that returns a
            scalar. Mixed labels go through ``MixLoss``.
        optimizer: makes an optimiser of parameters; by default SGD, learning rate 0.01,
            momentum 0.9.
        schedule: factor of the optimiser's learning rate; see ``whydrop.training.schedules``.
        metrics: for validation, one or several: names of ``whydrop.training.METRICS``, functions
            of NumPy arrays (labels, logits) of which more is better, or a ``Measure``, which can
            say that less is.
        callbacks: see ``whydrop.training.callbacks``.
        penalty: a function of the model that returns a scalar; added to the loss that is
            minimised, not to the loss that is told.
        batch_size: samples a step, over all devices.
        drop_last: leave out a short last batch.
        seed: of order and dropout; a whole number, 0 or more.
        valid_transform: "training" lets validation samples go through the augmentation too, less
            mixing: a mistake that a study may want to repeat.
        accelerator, devices, precision: where to train; see ``whydrop.training.devices``. With
            several devices each trains on its share of every batch.

    Attributes:
        model, data, augment, optimizer, schedule, seed, batch_size: as given, or made.
        history: the finished epochs.
        stopped: why a callback ended the last ``fit``; empty if none did.

    Raises:
        UsageError: a value that cannot be used.
        DataError: samples that do not fit their labels or classes.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> labels = rng.integers(0, 2, 64)
        >>> inputs = (rng.standard_normal((64, 4)) + labels[:, None]).astype(np.float32)
        >>> samples = Samples(inputs, labels, ("cat", "dog"))
        >>> learner = Learner(torch.nn.Linear(4, 2), Data(samples, samples), batch_size=16)
        >>> len(learner.fit(2, quiet=True)), sorted(learner.evaluate(samples))
        (2, ['loss', 'top1'])
    """

    def __init__(
        self,
        model: torch.nn.Module,
        data: Data,
        *,
        augment: Transform | None = None,
        loss: str | Loss = "cross_entropy",
        optimizer: MakeOptimizer | None = None,
        schedule: Schedule | None = None,
        metrics: OneMetric | Sequence[OneMetric] = ("top1",),
        callbacks: Sequence[Callback] = (),
        penalty: Callable[[Any], Any] | None = None,
        batch_size: int = 128,
        drop_last: bool = False,
        seed: int = 0,
        valid_transform: Which = "clean",
        accelerator: Accelerator = "auto",
        devices: int = 1,
        precision: Precision = "32-true",
    ) -> None:
        check_model(model)
        check_data(data)
        check_augment(augment, data)
        batch_size = whole_number(batch_size, "batch_size", where=WHERE, low=1)
        seed = whole_number(seed, "seed", where=WHERE)
        if drop_last and len(data.train) < batch_size:
            what = f"{len(data.train):,} samples are no batch of {batch_size:,}"
            raise UsageError(what, where=WHERE, do="give a smaller batch_size, or drop_last=False")
        check_which("valid_transform", valid_transform)
        check_parts(schedule, callbacks)
        self.model = model
        self.data = data
        self.augment: Transform = unaugmented if augment is None else augment
        self.loss = loss_for(loss)
        self.schedule = schedule
        self.callbacks = tuple(callbacks)
        self.penalty = penalty
        self.batch_size = batch_size
        self.drop_last = drop_last
        self.seed = seed
        self.valid_transform: Which = valid_transform
        self.stopped = ""
        metrics = (metrics,) if isinstance(metrics, str) or callable(metrics) else metrics
        known = {"batch_size": batch_size, "classes": len(data.train.classes)}
        self._measures = tuple(measure_for(metric, **known) for metric in metrics)
        self.history = History((*COLUMNS, *(measure.metric for measure in self._measures)))
        self._check_names()
        check_monitors(self.callbacks, self.history)
        self._devices = devices_for(accelerator, devices, precision)
        if isinstance(self.loss, torch.nn.Module):
            self.loss.to(self._devices.device)  # its class weights
        self.optimizer = optimizer_for(model, optimizer)
        self._made = self._as_made(precision)
        self._forward, self._step = self._devices.setup(model, self.optimizer)
        if schedule is not None:
            for group in self.optimizer.param_groups:
                group.setdefault("initial_lr", group["lr"])

    def __repr__(self) -> str:
        return f"Learner({type(self.model).__name__}, {self.epoch} epochs done)"

    @property
    def epoch(self) -> int:
        """How many epochs are done; the number of the next one, counted from 0."""
        return len(self.history)

    # -- training ------------------------------------------------------------------------------

    def fit(self, epochs: int, *, quiet: bool = False) -> History:
        """Train for some epochs more, and return the history of all.

        A callback may end it early, or before its first epoch; ``stopped`` says why then. Each
        epoch is shown as it ends: as a table on a terminal or in a notebook, else as a line
        of standard error. Ctrl-C, or any error, leaves model and history as they were after the
        last finished epoch; the next ``fit`` goes on from there.

        Raises:
            UsageError: more epochs than the schedule has; a model or loss of another form.
            DataError: a loss is infinite or not a number: with epoch, and of the training with step
                and learning rate too.
        """
        epochs = self._checked_epochs(epochs)
        check_mixes(self.callbacks, self.augment)
        end = self.epoch + epochs
        shown = not quiet and self._devices.rank == 0
        callbacks = (*self.callbacks, *([progress_on(Console(stderr=True))] if shown else []))
        self.stopped = ""
        try:
            with modes_kept(self.model):
                self.model.train()
                for callback in callbacks:
                    self.stopped = callback.on_fit_start(self, epochs) or self.stopped
                while self.epoch < end and not self.stopped:
                    self._run_epoch(callbacks)
        except KeyboardInterrupt:
            rest = end - self.epoch
            then = f"fit({rest}) goes on" if rest else "none of this fit is left"
            raise KeyboardInterrupt(
                f"epochs done: {self.epoch}; the model is as it was after them; {then}"
            ) from None
        finally:
            for callback in callbacks:
                callback.on_fit_end(self)
        return self.history

    def _run_epoch(self, callbacks: Sequence[Callback]) -> None:
        began, before = time.perf_counter(), self._state()
        try:
            row: dict[str, float] = {"epoch": self.epoch, **self._train(self.epoch, callbacks)}
            logits = self._logits(self.data.valid, self.valid_transform, self.epoch)
            row["valid_loss"] = self._loss_of(logits, self.data.valid)
            check_valid_loss(row["valid_loss"], epoch=self.epoch)
            row |= self._measured(logits, self.data.valid)
            row["seconds"] = time.perf_counter() - began
            row = self._devices.agreed(row)
        except BaseException:
            self._restore(before)
            raise
        self.history = self.history.with_row(row)
        for callback in callbacks:
            self.stopped = callback.on_epoch_end(self, row) or self.stopped

    def _train(self, epoch: int, callbacks: Sequence[Callback]) -> dict[str, float]:
        """Train for one epoch; return its columns."""
        place, train = self._devices, self.data.train
        feed = Feed(train, self.augment, place.device, epoch=epoch, view=TRAINING_VIEW)
        shuffled = order(len(train), seed=self.seed, epoch=epoch)
        cut = batches(shuffled, self.batch_size, drop_last=self.drop_last)
        on_host = place.device.type == "cpu"
        losses = StepLosses(epoch, look_every=1 if on_host else LOOK_EVERY)
        accuracy = TrainingAccuracy()
        for callback in callbacks:
            callback.on_epoch_start(self, epoch)
        with seeded(self.seed, "dropout", epoch, *([place.rank] if place.rank else [])):
            for step, index in enumerate(cut):
                rate = self._set_rate(epoch, step, len(cut))
                batch, weight = share_of(feed.labelled(index), rank=place.rank, count=place.count)
                with batch_of_one_explained(len(batch.images)):
                    logits = self._forward(batch.images)
                check_outputs(logits, len(batch.images), len(train.classes))
                loss = self._loss(logits, batch.targets)
                told = place.total(loss.detach() * (weight / place.count))
                losses.add(told, len(index), rate)
                self.optimizer.zero_grad()
                place.backward(self._minimised(loss, weight))
                self._step()
                if weight:
                    accuracy.add(logits, batch.targets)
                for callback in callbacks:
                    callback.on_step_end(self, step, len(cut), told)
        sums = torch.from_numpy(accuracy.sums()).to(place.device)
        return {
            "train_loss": losses.mean(),
            **accuracy_columns(place.total(sums).cpu().numpy()),
        }

    def _loss(self, logits: Any, targets: Any) -> Any:
        loss = (self._mix_loss if isinstance(targets, Mixed) else self.loss)(logits, targets)
        check_loss(loss)
        return loss

    @cached_property
    def _mix_loss(self) -> MixLoss:
        return self.loss if isinstance(self.loss, MixLoss) else MixLoss(self.loss)

    def _minimised(self, loss: Any, weight: float) -> Any:
        check_has_gradient(loss)
        if weight != 1.0:
            loss = loss * weight
        return loss if self.penalty is None else loss + self.penalty(self.model)

    def _set_rate(self, epoch: int, step: int, steps: int) -> float:
        """Set the learning rate of a step; return that of the first group."""
        groups = self.optimizer.param_groups
        if self.schedule is not None:
            factor = rate_factor(self.schedule, epoch=epoch, step=step, steps=steps)
            for group in groups:
                group["lr"] = group["initial_lr"] * factor
        return float(groups[0]["lr"])

    def mixup(self, alpha: float = 0.4, **fields: Any) -> "Learner":
        """Mix training samples from now on, and return the learner.

        Replaces the pipeline's mixing operation, or adds one.

        Args:
            alpha, fields: of ``whydrop.augment.MixUp``.

        Raises:
            UsageError: a field that it refuses; an augmentation that is no Pipeline; samples that
                are neither images nor skeletons.
        """
        train, augment = self.data.train, self.augment
        changes = kind_of(train)
        if changes is None:
            raise UsageError(
                f"a sample is {train.inputs.dtype} of shape {train.inputs.shape[1:]}, neither an "
                "image nor a skeleton",
                where="Learner.mixup",
                do="mix in a function of your own, given as augment=",
            )
        if augment is unaugmented:
            seed = seed_for(self.seed, "augmentation")
            kind = SkeletonPipeline if changes == "skeletons" else Pipeline
            augment = kind([], classes=len(train.classes), seed=seed)
        if not isinstance(augment, Ordered):
            what = f"the augmentation is a {type(augment).__name__}"
            raise UsageError(what, where="Learner.mixup", do="mix in it, or give a Pipeline")
        kept = [op for op in augment.ops if op.stage is not Stage.MIX]
        self.augment = with_ops(augment, [*kept, MixUp(alpha, **fields)])
        return self

    # -- evaluation ----------------------------------------------------------------------------

    def predict(
        self, samples: Samples | NDArray[Any], transform: Which = "clean"
    ) -> NDArray[np.float32]:
        """Return float32 (n, classes): what the model gives, without training it.

        Layers are in evaluation mode meanwhile.

        Args:
            samples: of the learner's classes; or their inputs alone, (n, ...) uint8 or float32 as
                in ``Samples``.
            transform: "clean", or "training": the augmentation of the last epoch less mixing,
                with draws that no training sample got.

        Raises:
            UsageError: samples of other classes, or of the same in another order.
        """
        if isinstance(samples, np.ndarray):
            samples = unlabelled(samples, self.data.train.classes)
        check_classes(samples, self.data.train.classes, where="Learner.predict")
        logits = self._logits(samples, transform, max(self.epoch - 1, 0))
        outputs: NDArray[np.float32] = logits.float().cpu().numpy()
        return outputs

    def evaluate(self, samples: Samples, transform: Which = "clean") -> dict[str, float]:
        """Return the loss and each metric over all samples, shares from 0 to 1.

        Args:
            samples: of the learner's classes.
            transform: as for ``predict``.

        Raises:
            UsageError: samples of other classes, or of the same in another order.
        """
        check_classes(samples, self.data.train.classes, where="Learner.evaluate")
        logits = self._logits(samples, transform, max(self.epoch - 1, 0))
        return {"loss": self._loss_of(logits, samples), **self._measured(logits, samples)}

    def _loss_of(self, logits: Any, samples: Samples) -> float:
        labels = torch.from_numpy(samples.labels.copy()).to(logits.device)
        with torch.inference_mode():
            return float(self._loss(logits, labels))

    def _measured(self, logits: Any, samples: Samples) -> dict[str, float]:
        outputs = logits.float().cpu().numpy()
        return {each.name: each(samples.labels, outputs) for each in self._measures}

    def _logits(self, samples: Samples, transform: Which, epoch: int) -> Any:
        check_which("transform", transform)
        through = clean(self.augment) if transform == "clean" else unmixed(self.augment)
        return logits_of(
            self.model, samples, through, self._devices, batch_size=self.batch_size, epoch=epoch
        )

    # -- checkpoints ---------------------------------------------------------------------------

    def save(self, path: str | Path) -> None:
        """Write all that ``load`` needs to go on: one file, whole or not at all.

        Raises:
            UsageError: it cannot be written.
            MissingExtra: safetensors is not installed.
        """
        self._devices.same_buffers(self.model)
        if self._devices.rank == 0:
            write_checkpoint(Path(path), replace(self._state(), settings=self._settings()))

    def load(self, path: str | Path) -> "Learner":
        """Go on from a file of ``save``, and return the learner, made as it was made then.

        Training on gives the same bits as if there had been no break, on the same machine and
        versions; on CUDA where PyTorch's deterministic algorithms are switched on. What is
        compared: the model, the loss and penalty, the optimiser with its constants, the schedule,
        the augmentation, the classes and number of training samples, and all that sets chance and
        batches. Functions are compared by name.

        Raises:
            UsageError: there is no such file.
            DataError: it is damaged, or of another training; the first difference is named.
        """
        state = read_checkpoint(Path(path))
        own = replace(self._state(), settings=self._settings())
        check_same(state, own, where=str(path))
        self._restore(state)
        return self

    def load_weights(self, path: str | Path) -> "Learner":
        """Take the weights alone of a file of ``save``, and return the learner.

        To evaluate the best epoch, say, or to train on with other data or at another learning
        rate. Optimiser and history stay as they are, and so does the number of the next epoch.

        Raises:
            UsageError: there is no such file.
            DataError: it is damaged, or its weights have other names or shapes than the model's.
        """
        state = read_checkpoint(Path(path))
        check_weights(state, self.model.state_dict(), where=str(path))
        self.model.load_state_dict(dict(state.model))
        return self

    def _state(self) -> State:
        return State(
            model=copied(self.model.state_dict()),
            optimizer=copied(self.optimizer.state_dict()),
            precision=self._devices.state(),
            rows=self.history.rows,
        )

    def _settings(self) -> dict[str, Any]:
        return {
            **self._made,
            "augment": plain(self.augment),
            "schedule": plain(self.schedule),
            "seed": self.seed,
            "batch_size": self.batch_size,
            "drop_last": self.drop_last,
            "classes": list(self.data.train.classes),
            "training samples": len(self.data.train),
        }

    def _as_made(self, precision: Precision) -> dict[str, Any]:
        """Return settings that training may change, such as the learning rate, as they begin."""
        groups = [
            {name: value for name, value in group.items() if name != "params"}
            for group in self.optimizer.param_groups
        ]
        return {
            "precision": precision,
            "loss": plain(self.loss),
            "penalty": plain(self.penalty),
            "optimizer": {"kind": type(self.optimizer).__name__, "groups": plain(groups)},
        }

    def _restore(self, state: State) -> None:
        self.model.load_state_dict(dict(state.model))
        self.optimizer.load_state_dict(dict(state.optimizer))
        self._devices.load_state(dict(state.precision))
        self.history = History(self.history.metrics, state.rows)

    # -- checks --------------------------------------------------------------------------------

    def _check_names(self) -> None:
        names = [metric.name for metric in self.history.metrics]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is None:
            twice = next((name for name in names if name in ("epoch", "seconds", "loss")), None)
        if twice is not None:
            what = f"there would be two columns {twice!r}"
            raise UsageError(what, where=WHERE, do="name each metric once, apart from the losses")

    def _checked_epochs(self, epochs: int) -> int:
        epochs = whole_number(epochs, "epochs", where="Learner.fit", low=1)
        if self.schedule is not None and self.epoch + epochs > np.ceil(self.schedule.lasts):
            raise UsageError(
                f"the schedule lasts {self.schedule.lasts:g} epochs, {self.epoch} are done, and "
                f"{epochs} more are asked for",
                where="Learner.fit",
                do="fit for fewer epochs, or give a longer schedule",
            )
        return epochs
