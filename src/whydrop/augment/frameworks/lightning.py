"""A callback that augments the batches of Lightning's Trainer."""

import importlib
import inspect
import sys
from collections.abc import Iterator
from typing import Any

from whydrop.augment.arrays import Array
from whydrop.augment.ordered import check_pipeline
from whydrop.augment.pipeline import Pipeline
from whydrop.augment.targets import Mixed
from whydrop.core.errors import MissingExtra, UsageError

PACKAGES = ("lightning.pytorch", "pytorch_lightning")  # one framework under two names


def lightning_callback(augment: Pipeline) -> Any:
    """Return a callback for the Trainer of ``lightning.pytorch`` or ``pytorch_lightning``.

    Training batches are augmented on their device, after they have been moved there, by the epoch
    of the Trainer; ``training_step`` gets (images, targets). In validation, test and prediction
    nothing but ``augment.evaluation`` runs. Targets of a mixing pipeline are ``Mixed``: the
    module's loss has to be a ``MixLoss``, which takes plain labels in validation too.

    Args:
        augment: the pipeline.

    The training loader yields (images, labels, index), or a view besides: wrap its data set by
    ``Indexed``. Loaders for evaluation may leave out the index, those for prediction the labels.

    Raises:
        MissingExtra: Lightning is not installed.
    """
    check_pipeline(augment, where="lightning_callback")
    kind = type("Augmentation", (_Augmentation, *_callback_classes()), {})
    return kind(augment)


def _callback_classes() -> list[type]:
    """Return the base class of callbacks, of each of the packages that the program has loaded."""
    loaded = [name for name in PACKAGES if sys.modules.get(name)] or list(_first_installed())
    if not loaded:
        raise MissingExtra(
            "the callback needs Lightning", where="lightning_callback", do="pip install lightning"
        )
    return [sys.modules[name].Callback for name in loaded]


def _first_installed() -> Iterator[str]:
    for name in PACKAGES:
        try:
            importlib.import_module(name)
        except ModuleNotFoundError as error:
            if error.name not in (name, name.partition(".")[0]):
                raise  # it is there, something that it needs is not
        else:
            yield name
            return


class _Augmentation:
    """The hooks; a Lightning Callback too, once there is one to derive from."""

    def __init__(self, augment: Pipeline) -> None:
        self.augment = augment
        self._evaluation = augment.evaluation
        self._strategy: Any = None

    def __reduce__(self) -> Any:
        return lightning_callback, (self.augment,)

    def setup(self, trainer: Any, pl_module: Any, stage: str) -> None:
        """Stand between the strategy, which moves batches to the device, and the module."""
        strategy = trainer.strategy
        self._leave()
        if "batch_to_device" in vars(strategy):
            raise UsageError(
                "something else changes the batches of this Trainer already",
                where="lightning_callback",
                do="give the Trainer one such callback",
            )
        step = getattr(pl_module, "training_step", None)
        if step and "dataloader_iter" in inspect.signature(step).parameters:
            raise UsageError(
                "training_step(dataloader_iter) takes its batches itself",
                where="lightning_callback",
                do="write training_step(batch, batch_idx), or call the pipeline in it",
            )
        moved = strategy.batch_to_device

        def batch_to_device(batch: Any, *args: Any, **kwargs: Any) -> Any:
            on_device = moved(batch, *args, **kwargs)
            if not trainer.training:
                return self._evaluated(trainer, on_device)
            # Index and view as the loader gave them: reading them back would wait for the device.
            keys = batch[2:] if isinstance(batch, tuple | list) else ()
            return self._augmented(trainer, on_device, *keys)

        strategy.batch_to_device = batch_to_device
        self._strategy = strategy

    def teardown(self, trainer: Any, pl_module: Any, stage: str) -> None:
        self._leave()

    def on_exception(self, trainer: Any, pl_module: Any, exception: BaseException) -> None:
        self._leave()

    def _leave(self) -> None:
        if self._strategy is not None:
            del self._strategy.batch_to_device
            self._strategy = None

    def _augmented(
        self, trainer: Any, batch: Any, index: Any = None, view: Any = 0, *others: Any
    ) -> tuple[Array, Any]:
        drawing = any(op.chance for op in self.augment.ops)
        size = len(batch) if isinstance(batch, tuple | list) else 0
        if size not in (3, 4) and (drawing or size != 2):
            seen = f"{size} values" if size else f"a {type(batch).__name__}"
            raise UsageError(
                f"a training batch is {seen}",
                where="lightning_callback",
                do="yield (images, labels, index): wrap the data set by Indexed(dataset)",
            )
        key = {"epoch": trainer.current_epoch, "index": index, "view": view}
        made = self.augment(batch[0], batch[1], **key)
        mixed = isinstance(made.targets, Mixed)  # whose weights stay float32
        targets = made.targets if mixed else _of_precision(trainer, made.targets)
        return _of_precision(trainer, made.images), targets

    def _evaluated(self, trainer: Any, batch: Any) -> Any:
        if not isinstance(batch, tuple | list):
            return _of_precision(trainer, self._evaluation(batch).images)
        images = _of_precision(trainer, self._evaluation(batch[0]).images)
        return (images, *batch[1:2])  # without the index, as in training


def _of_precision(trainer: Any, values: Array) -> Array:
    """Return floats in the dtype that the Trainer gives a module, such as bfloat16."""
    return trainer.precision_plugin.convert_input(values)
