"""SaveCheckpoint: the training on disk after each epoch, or after the best."""

from pathlib import Path
from typing import TYPE_CHECKING

from whydrop.core.errors import UsageError
from whydrop.training.callbacks.callback import Callback
from whydrop.training.history import Row

if TYPE_CHECKING:
    from whydrop.training.learner import Learner


class SaveCheckpoint(Callback):
    """Save the learner after an epoch, so that ``load`` goes on from there.

    Args:
        path: of the file; ``{epoch}`` in its name becomes the number of the epoch, and without
            it each file replaces the one before.
        every: epochs between two files.
        monitor: a column of the history; then only an epoch that is the best so far is saved.

    Raises:
        UsageError: every is below 1; a column that there is not, when a learner is made.
    """

    def __init__(self, path: str | Path, *, every: int = 1, monitor: str | None = None) -> None:
        if every < 1:
            raise UsageError(f"every is {every}", where="SaveCheckpoint", do="give 1 or more")
        self.path = Path(path)
        self.every = every
        self.monitor = monitor

    def on_epoch_end(self, learner: "Learner", row: Row) -> str | None:
        is_due = learner.epoch % self.every == 0
        best = learner.history.best(self.monitor) if self.monitor is not None else row
        if is_due and best is not None and best["epoch"] == row["epoch"]:
            name = self.path.name.replace("{epoch}", str(int(row["epoch"])))
            learner.save(self.path.with_name(name))
        return None
