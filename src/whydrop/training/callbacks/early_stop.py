"""EarlyStop: an end to a training that no longer gets better."""

from typing import TYPE_CHECKING

from whydrop.core.errors import UsageError
from whydrop.training.callbacks.callback import Callback
from whydrop.training.history import History, Row

if TYPE_CHECKING:
    from whydrop.training.learner import Learner


class EarlyStop(Callback):
    """Stop after so many epochs in a row of which none was the best so far.

    It counts in the history, so it stops a resumed training where it would have stopped anyway,
    and a ``fit`` of one that is stopped already trains nothing: ``learner.stopped`` says why. The
    weights stay those of the last epoch; ``SaveCheckpoint`` can keep those of the best.

    Args:
        monitor: a column of the history; a loss is to fall, a metric goes its own way.
        patience: epochs without a new best, 1 or more; those without the column do not count.
        min_delta: by how much a new best must be better, in the column's own unit.

    Raises:
        UsageError: a value outside its range; a column that there is not, when a learner is made.
    """

    monitor: str

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

    def on_fit_start(self, learner: "Learner", epochs: int) -> str | None:
        waited = self._waited(learner.history)
        if waited < self.patience:
            return None
        return f"{self._reason(waited)}, so nothing is trained; more patience would go on"

    def on_epoch_end(self, learner: "Learner", row: Row) -> str | None:
        waited = self._waited(learner.history)
        return self._reason(waited) if waited >= self.patience else None

    def _waited(self, history: History) -> int:
        """Return how many epochs there were after the last new best."""
        sign = 1.0 if history.metric(self.monitor).minimize else -1.0
        best, waited = float("inf"), 0
        for value in (row[self.monitor] for row in history.rows if self.monitor in row):
            waited += 1
            if sign * value < best - self.min_delta:
                best, waited = sign * value, 0
        return waited

    def _reason(self, waited: int) -> str:
        return f"{self.monitor} has had no new best for {waited} epoch{'s' * (waited != 1)}"
