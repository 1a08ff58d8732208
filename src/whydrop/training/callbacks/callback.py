"""Callback: what is called while a learner trains."""

from typing import TYPE_CHECKING, Any

from whydrop.training.history import Row

if TYPE_CHECKING:
    from whydrop.training.learner import Learner


class Callback:
    """Does something while a learner trains; all methods may be left as they are.

    Attributes:
        monitor: the column of the history that it goes by, if it does; checked when a learner is
            made.

    Example:
        >>> class FreezeBatchNorm(Callback):
        ...     def on_fit_start(self, learner, epochs):
        ...         for layer in learner.model.modules():
        ...             if "BatchNorm" in type(layer).__name__:
        ...                 layer.eval()
    """

    monitor: str | None = None

    def on_fit_start(self, learner: "Learner", epochs: int) -> str | None:
        """Called when ``fit(epochs)`` begins, layers in training mode; a reason ends it at once."""
        return None

    def on_epoch_start(self, learner: "Learner", epoch: int) -> None:
        """Called before an epoch, counted from 0."""

    def on_step_end(self, learner: "Learner", step: int, steps: int, loss: Any) -> None:
        """Called after a step of an epoch, counted from 0; loss is a tensor on the device."""

    def on_epoch_end(self, learner: "Learner", row: Row) -> str | None:
        """Called after an epoch, which is in the history then; a reason returned stops the fit."""
        return None

    def on_fit_end(self, learner: "Learner") -> None:
        """Called at the end of ``fit``, also when it ends by an error or Ctrl-C."""
