"""History: rows as data, as text, as a picture."""

import math

import pytest

from whydrop.core.errors import UsageError
from whydrop.core.metric import Metric
from whydrop.training.history import History

METRICS = (
    Metric("valid_loss", minimize=True, unit="raw"),
    Metric("top1", unit="points"),
    Metric("nll", minimize=True, unit="raw"),
)
ROWS = [
    {"epoch": 0, "valid_loss": 0.0946, "top1": 0.9657, "nll": 0.1, "seconds": 2.0},
    {"epoch": 1, "valid_loss": 0.0647, "top1": 0.9755, "nll": 0.3, "seconds": 2.0},
    {"epoch": 2, "valid_loss": 0.0720, "top1": 0.9755, "nll": 0.2, "seconds": 2.0},
]


@pytest.fixture
def history():
    whole = History(METRICS)
    for row in ROWS:
        whole = whole.with_row(row)
    return whole


def test_a_column_is_a_list_of_numbers(history):
    assert history["top1"] == [0.9657, 0.9755, 0.9755]
    with pytest.raises(KeyError, match="top5"):
        _ = history["top5"]


def test_an_epoch_without_a_column_has_no_number_there(history):
    more = history.with_row({"epoch": 3, "top1": 0.5})
    assert math.isnan(more["nll"][3])


def test_the_best_epoch_is_the_first_of_the_best(history):
    assert history.best("top1")["epoch"] == 1
    assert history.best("valid_loss")["epoch"] == 1
    assert history.best("nll")["epoch"] == 0
    assert History(METRICS).best("nll") is None


@pytest.mark.parametrize(
    ("name", "do"),
    [("top2", "did you mean 'top1'?"), ("macro", "give one of valid_loss, top1, nll")],
)
def test_a_column_that_is_none_is_refused_with_the_nearest_or_all(history, name, do):
    with pytest.raises(UsageError, match=f"no column '{name}'") as caught:
        history.best(name)
    assert caught.value.do == do


def test_adding_a_row_leaves_the_shorter_history(history):
    history.with_row(ROWS[0])
    assert len(history) == 3


def test_it_says_what_the_last_epoch_gave(history):
    assert repr(history) == "History(3 epochs, valid_loss 0.0720, top1 97.55, nll 0.2000)"
    assert repr(History(METRICS)) == "History(0 epochs)"


def test_the_frame_has_the_rows(history):
    pytest.importorskip("pandas")
    frame = history.to_frame()
    assert frame.to_dict("records") == ROWS


def test_the_picture_has_losses_beside_points(history):
    pytest.importorskip("matplotlib").use("agg")
    from matplotlib import pyplot as plt

    losses, points, nll = history.plot()
    assert [axes.get_ylabel() for axes in (losses, points, nll)] == ["loss", "points", "nll"]
    assert list(losses.lines[0].get_ydata()) == [0.0946, 0.0647, 0.0720]
    assert list(points.lines[0].get_ydata()) == pytest.approx([96.57, 97.55, 97.55])
    assert list(points.lines[0].get_xdata()) == [0, 1, 2]
    plt.close("all")


def test_without_an_epoch_there_is_no_picture():
    pytest.importorskip("matplotlib").use("agg")
    with pytest.raises(UsageError, match="no finished epoch"):
        History(METRICS).plot()


def test_a_notebook_shows_points_and_no_markup_of_a_name():
    history = History((Metric("<b>", unit="points"),)).with_row({"epoch": 0, "<b>": 0.5})
    assert history._repr_html_() == (
        "<table><tr><th>epoch</th><th>&lt;b&gt;</th></tr><tr><td>0</td><td>50.00</td></tr></table>"
    )
