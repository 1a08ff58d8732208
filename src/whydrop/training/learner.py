"""Learner: a model trained on data, so that one run can be compared with another.

The loop is ``_train``; it gives the weights, to the bit, of the same loop written by hand.
"""

import time
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console

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
    check_count,
    check_data,
    check_model,
    check_outputs,
    check_parts,
    check_which,
    optimizer_for,
)
from whydrop.training.losses import Loss, loss_for
from whydrop.training.metrics.names import Compute, measure_for
from whydrop.training.modes import modes_kept
from whydrop.training.pytorch import torch
from whydrop.training.randomness import order, seed_for, seeded
from whydrop.training.samples import Samples
from whydrop.training.schedules import Schedule, rate_factor
from whydrop.training.state import State, check_same, copied
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
        metrics: names of ``whydrop.training.metrics.names.METRICS``, or functions of NumPy arrays
            (labels, logits), for validation.
        callbacks: see ``whydrop.training.callbacks``.
        penalty: a function of the model that returns a scalar; added to the loss that is
            minimised, not to the loss that is told.
        batch_size: samples a step, over all devices.
        drop_last: leave out a short last batch.
        seed: of order and dropout.
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
        metrics: Sequence[str | Compute] = ("top1",),
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
        check_count("batch_size", batch_size)
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
        self._measures = tuple(measure_for(metric, batch_size=batch_size) for metric in metrics)
        self.history = History((*COLUMNS, *(measure.metric for measure in self._measures)))
        self._check_names()
        self._devices = devices_for(accelerator, devices, precision)
        if isinstance(self.loss, torch.nn.Module):
            self.loss.to(self._devices.device)  # its class weights
        self.optimizer = optimizer_for(model, optimizer)
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

        Each epoch is shown as it ends: as a table on a terminal or in a notebook, else as a line
        of standard error. Ctrl-C, or any error, leaves model and history as they were after the
        last finished epoch; the next ``fit`` goes on from there.

        Raises:
            UsageError: more epochs than the schedule has; a model or loss of another form.
            DataError: the loss is infinite or not a number: with epoch, step and learning rate.
        """
        self._check_epochs(epochs)
        end = self.epoch + epochs
        shown = not quiet and self._devices.rank == 0
        callbacks = (*self.callbacks, *([progress_on(Console(stderr=True))] if shown else []))
        self.stopped = ""
        try:
            with modes_kept(self.model):
                self.model.train()
                for callback in callbacks:
                    callback.on_fit_start(self, epochs)
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
            seen = self._evaluated(self.data.valid, self.valid_transform, self.epoch)
            row |= {"valid_loss" if name == "loss" else name: seen[name] for name in seen}
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
        if loss.ndim:
            what = f"the loss of a batch has shape {tuple(loss.shape)}"
            raise UsageError(what, where=WHERE, do="give a loss that returns one number, the mean")
        return loss

    @cached_property
    def _mix_loss(self) -> MixLoss:
        return self.loss if isinstance(self.loss, MixLoss) else MixLoss(self.loss)

    def _minimised(self, loss: Any, weight: float) -> Any:
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
            UsageError: a field that it refuses; an augmentation that is no Pipeline.
        """
        augment = self.augment
        if augment is unaugmented:
            seed = seed_for(self.seed, "augmentation")
            kind = SkeletonPipeline if self.data.train.are_skeletons else Pipeline
            augment = kind([], classes=len(self.data.train.classes), seed=seed)
        if not isinstance(augment, Ordered):
            what = f"the augmentation is a {type(augment).__name__}"
            raise UsageError(what, where="Learner.mixup", do="mix in it, or give a Pipeline")
        kept = [op for op in augment.ops if op.stage is not Stage.MIX]
        self.augment = with_ops(augment, [*kept, MixUp(alpha, **fields)])
        return self

    # -- evaluation ----------------------------------------------------------------------------

    def predict(self, samples: Samples, transform: Which = "clean") -> NDArray[np.float32]:
        """Return float32 (n, classes): what the model gives, without training it.

        Layers are in evaluation mode meanwhile.

        Args:
            samples: of the same classes.
            transform: "clean", or "training": the augmentation of the last epoch less mixing,
                with draws that no training sample got.

        Raises:
            DataError: samples that do not fit their labels or classes.
        """
        logits = self._logits(samples, transform, max(self.epoch - 1, 0))
        outputs: NDArray[np.float32] = logits.float().cpu().numpy()
        return outputs

    def evaluate(self, samples: Samples, transform: Which = "clean") -> dict[str, float]:
        """Return the loss and each metric over all samples, shares from 0 to 1.

        Args:
            samples, transform: as for ``predict``.
        """
        return self._evaluated(samples, transform, max(self.epoch - 1, 0))

    def _evaluated(self, samples: Samples, transform: Which, epoch: int) -> dict[str, float]:
        logits = self._logits(samples, transform, epoch)
        labels = torch.from_numpy(samples.labels.astype(np.int64)).to(logits.device)
        with torch.inference_mode():
            seen = {"loss": float(self._loss(logits, labels))}
        outputs = logits.float().cpu().numpy()
        for measure in self._measures:
            seen[measure.metric.name] = float(measure.compute(samples.labels, outputs))
        return seen

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
            write_checkpoint(Path(path), self._state())

    def load(self, path: str | Path) -> "Learner":
        """Go on from a file of ``save``, and return the learner, made as it was made then.

        Training on gives the same bits as if there had been no break, on the same machine and
        versions; on CUDA where PyTorch's deterministic algorithms are switched on.

        Raises:
            UsageError: there is no such file.
            DataError: it is damaged, or of another training; the first difference is named.
        """
        state = read_checkpoint(Path(path))
        check_same(state, self._state(), where=str(path))
        self._restore(state)
        return self

    def _state(self) -> State:
        return State(
            model=copied(self.model.state_dict()),
            optimizer=copied(self.optimizer.state_dict()),
            precision=self._devices.state(),
            rows=self.history.rows,
            settings={
                "optimizer": type(self.optimizer).__name__,
                "seed": self.seed,
                "batch_size": self.batch_size,
                "drop_last": self.drop_last,
                "training samples": len(self.data.train),
            },
        )

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

    def _check_epochs(self, epochs: int) -> None:
        check_count("epochs", epochs, where="Learner.fit")
        if self.schedule is not None and self.epoch + epochs > np.ceil(self.schedule.lasts):
            raise UsageError(
                f"the schedule lasts {self.schedule.lasts:g} epochs, {self.epoch} are done, and "
                f"{epochs} more are asked for",
                where="Learner.fit",
                do="fit for fewer epochs, or give a longer schedule",
            )
