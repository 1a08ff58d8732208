"""EarlyStop: an end to a training that no longer gets better."""

from typing import TYPE_CHECKING

from whydrop.core.errors import UsageError
from whydrop.training.callbacks.callback import Callback
from whydrop.training.history import Row

if TYPE_CHECKING:
    from whydrop.training.learner import Learner


class EarlyStop(Callback):
    """Stop after so many epochs in a row of which none was the best so far.

    It counts in the history, so it stops a resumed training where it would have stopped anyway.
    The weights stay those of the last epoch; ``SaveCheckpoint`` can keep those of the best.

    Args:
        monitor: a column of the history; a loss is to fall, a metric goes its own way.
        patience: epochs without a new best, 1 or more.
        min_delta: by how much a new best must be better, in the column's own unit.

    Raises:
        UsageError: a value outside its range; a column that there is not, when training begins.
    """

    def __init__(
        self, monitor: str = "valid_loss", *, patience: int = 3, min_delta: float = 0.0
    ) -> None:
        if patience < 1 or not min_delta >= 0:
            what = f"patience is {patience}, min_delta {min_delta}"
            do = "give patience from 1, min_delta from 0"
            raise UsageError(what, where="EarlyStop", do=do)
        self.monitor = monitor
        self.patience = patience
        self.min_delta = min_delta

    def on_fit_start(self, learner: "Learner", epochs: int) -> None:
        learner.history.metric(self.monitor, where="EarlyStop")

    def on_epoch_end(self, learner: "Learner", row: Row) -> str | None:
        history = learner.history
        sign = 1.0 if history.metric(self.monitor).minimize else -1.0
        best, waited = float("inf"), 0
        for value in history[self.monitor]:
            waited += 1
            if sign * value < best - self.min_delta:
                best, waited = sign * value, 0
        if waited < self.patience:
            return None
        return f"{self.monitor} has had no new best for {waited} epochs"
