"""Progress: a training's rows as they come: a live table, or a line for each epoch."""

import html
import time
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.live import Live
from rich.text import Text

from whydrop.training.callbacks.callback import Callback
from whydrop.training.history import Row
from whydrop.training.table import aligned, cells, columns, fitting, heading, line

if TYPE_CHECKING:
    from whydrop.training.learner import Learner

DRAW_EVERY_S = 0.25  # between two pictures: reading the loss makes a device wait


def progress_on(console: Console) -> Callback:
    """Return what shows a training there: a terminal, a notebook, or a file."""
    if console.is_jupyter:
        return NotebookTable()
    if console.is_terminal and not console.is_dumb_terminal:
        return LiveTable(console)
    return Lines(console)


class Lines(Callback):
    """A line for each epoch."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def on_epoch_end(self, learner: "Learner", row: Row) -> str | None:
        text = line(learner.history.metrics, row)
        self._console.print(Text(text), soft_wrap=True)
        return None

    def on_fit_end(self, learner: "Learner") -> None:
        if learner.stopped:
            self._console.print(Text(learner.stopped), soft_wrap=True)


class LiveTable(Callback):
    """Rows that stay on a terminal, and below them the step under way."""

    def __init__(self, console: Console) -> None:
        self._live = Live(
            console=console,
            auto_refresh=False,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._names: list[str] = []  # of the columns that stand above the rows
        self._epoch = 0
        self._drawn = 0.0

    def on_fit_start(self, learner: "Learner", epochs: int) -> None:
        self._names = []
        self._live.start()

    def on_epoch_start(self, learner: "Learner", epoch: int) -> None:
        self._epoch = epoch

    def on_step_end(self, learner: "Learner", step: int, steps: int, loss: Any) -> None:
        if time.monotonic() - self._drawn >= DRAW_EVERY_S:
            below = f"epoch {self._epoch}: step {step + 1:,} of {steps:,}, loss {float(loss):.4g}"
            self._live.update(Text(below, "dim"), refresh=True)
            self._drawn = time.monotonic()

    def on_epoch_end(self, learner: "Learner", row: Row) -> str | None:
        metrics = learner.history.metrics
        whole = columns(metrics, [row])
        names = fitting(whole, self._live.console.width)
        if names != self._names:
            left = len(whole) - len(names)
            if left:
                what = "column" if left == 1 else "columns"
                self._print(f"{left} more {what} in the history, for want of room", style="dim")
            self._print(*heading(names), style="dim")
            self._names = names
        self._print(aligned(names, cells(metrics, row, names)))
        return None

    def on_fit_end(self, learner: "Learner") -> None:
        self._live.update(Text(""), refresh=True)
        self._live.stop()
        if learner.stopped:
            self._print(learner.stopped)

    def _print(self, *lines: str, style: str = "") -> None:
        for text in lines:
            self._live.console.print(Text(text, style), soft_wrap=True)


class NotebookTable(Callback):
    """A table that grows below a cell; at the end the history that ``fit`` returns shows itself."""

    def __init__(self) -> None:
        self._shown: Any = None
        self._due = 0

    def on_fit_start(self, learner: "Learner", epochs: int) -> None:
        from IPython.display import HTML, display

        self._due = learner.epoch + epochs
        self._shown = display(HTML(""), display_id=True)

    def on_epoch_end(self, learner: "Learner", row: Row) -> str | None:
        self._shown.update(learner.history)
        return None

    def on_fit_end(self, learner: "Learner") -> None:
        from IPython.display import HTML

        if self._shown and (learner.stopped or learner.epoch == self._due):
            self._shown.update(HTML(html.escape(learner.stopped)))
