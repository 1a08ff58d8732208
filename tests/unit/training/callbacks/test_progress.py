"""What is shown of a training: on a terminal, in a file, in a notebook."""

import io
import re

import pytest
from rich.console import Console
from tests.fixtures.small_training import SGD, data, net

from whydrop.training.callbacks.callback import Callback
from whydrop.training.callbacks.progress import Lines, LiveTable, NotebookTable, progress_on
from whydrop.training.learner import Learner

DATA = data()


class StopAfter(Callback):
    def on_epoch_end(self, learner, row):
        return "that was enough" if row["epoch"] == 1 else None


def shown(console, *, epochs=2, callbacks=()):
    """Return what a fit shows on a console, and the learner."""
    callbacks = (*callbacks, progress_on(console))
    ours = Learner(net(), DATA, optimizer=SGD, callbacks=callbacks, accelerator="cpu")
    ours.fit(epochs, quiet=True)
    return console.file.getvalue(), ours


def terminal():
    return Console(file=io.StringIO(), force_terminal=True, width=100, color_system=None)


def test_a_file_gets_a_line_an_epoch():
    text, ours = shown(Console(file=io.StringIO(), force_terminal=False))
    lines = text.splitlines()
    assert len(lines) == 2
    assert lines[1].startswith(f"epoch 1: train_loss {ours.history['train_loss'][1]:.4f}, ")
    assert f"top1 {100 * ours.history['top1'][1]:.2f}, " in lines[1]


def test_a_terminal_gets_rows_under_one_heading_and_the_step_under_way():
    text, ours = shown(terminal())
    assert text.count("epoch     loss") == 1
    for loss in ours.history["valid_loss"]:
        assert f"{loss:.4f}" in text
    assert "epoch 0: step 1 of 1, loss" in text
    assert text.rindex("\x1b[?25h") > text.rindex("\x1b[?25l")  # the cursor is back


def test_a_heading_is_repeated_where_mixing_ends():
    console = terminal()
    callbacks = (progress_on(console),)
    ours = Learner(net(), DATA, optimizer=SGD, callbacks=callbacks, accelerator="cpu")
    ours.mixup(until=1).fit(2, quiet=True)
    assert console.file.getvalue().count("highest") == 1
    assert console.file.getvalue().count("epoch     loss") == 2


def test_a_narrow_terminal_gets_the_columns_that_fit_and_how_many_do_not():
    console = Console(file=io.StringIO(), force_terminal=True, width=80, color_system=None)
    metrics = ["top1", "macro", "ece", "nll"]
    ours = Learner(
        net(), DATA, metrics=metrics, callbacks=[progress_on(console)], accelerator="cpu"
    )
    ours.mixup(probability=0.5).fit(2, quiet=True)
    lines = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]|\r", "\n", console.file.getvalue()).splitlines()
    assert max(map(len, lines)) <= 80
    assert lines.count("3 more columns in the history, for want of room") == 1
    heading = next(line for line in lines if line.startswith("epoch  ")).split()
    assert len(heading) + 3 == len(ours.history.rows[0])


@pytest.mark.parametrize("console", [terminal(), Console(file=io.StringIO())])
def test_the_reason_of_a_stop_is_the_last_line(console):
    text, _ = shown(console, epochs=5, callbacks=[StopAfter()])
    assert "that was enough" in text.splitlines()[-1]


def test_a_fit_shows_itself_on_standard_error_unless_it_is_to_be_quiet(capsys):
    ours = Learner(net(), DATA, optimizer=SGD, accelerator="cpu")
    ours.fit(1, quiet=True)
    assert capsys.readouterr() == ("", "")
    ours.fit(1)
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("epoch 1: ")


def test_a_notebook_gets_a_growing_table_that_makes_way_for_the_history(monkeypatch):
    display = pytest.importorskip("IPython.display")
    seen = []

    class Handle:
        def update(self, thing):
            seen.append(thing)

    monkeypatch.setattr(display, "display", lambda thing, display_id: Handle())
    ours = Learner(net(), DATA, callbacks=[NotebookTable()], accelerator="cpu")
    ours.fit(2, quiet=True)
    assert [len(history) for history in seen[:2]] == [1, 2]
    assert seen[2].data == ""


def test_the_kind_of_console_decides():
    assert isinstance(progress_on(terminal()), LiveTable)
    assert isinstance(progress_on(Console(file=io.StringIO())), Lines)
    assert isinstance(progress_on(Console(file=io.StringIO(), force_jupyter=True)), NotebookTable)
