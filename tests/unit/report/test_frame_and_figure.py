"""A result as a data frame and as a Matplotlib picture."""

import io

import pytest
from tests.fixtures.results import CASES, by_hand, hostile

from whydrop.core.errors import MissingExtra
from whydrop.report.visible import FORMULA_STARTS

pandas = pytest.importorskip("pandas")
matplotlib = pytest.importorskip("matplotlib")


@pytest.fixture(autouse=True)
def no_window():
    matplotlib.use("Agg")
    yield
    from matplotlib import pyplot

    pyplot.close("all")


def test_the_frame_has_one_row_a_factor_with_numbers_as_numbers():
    frame = by_hand().to_frame()
    assert list(frame["factor"]) == ["output", "crop", "cutout", "api-token"]
    assert list(frame["effect"]) == [-2.9, -1.2, -1.2, 0.1]
    assert list(frame["with"]) == ["", "cutout", "crop", ""]
    assert CASES["not_reproduced"]().to_frame()["effect"].isna().all()


def test_no_cell_of_the_frame_is_a_formula_in_a_spreadsheet():
    cells = pandas.read_csv(io.StringIO(hostile().to_frame().to_csv(index=False)), dtype=str)
    texts = [cell for column in ("factor", "off", "on") for cell in cells[column]]
    assert any(cell.startswith("'=cmd") for cell in texts)
    assert not any(cell.startswith(FORMULA_STARTS) for cell in texts)


def test_the_picture_has_one_line_a_factor_and_all_finite_bounds_in_sight():
    axes = by_hand().plot()
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert labels == ["output", "crop", "cutout", "api-token"]
    left, right = axes.get_xlim()
    assert left < -3.5
    assert right > 0.4


@pytest.mark.parametrize("name", CASES)
def test_every_kind_of_answer_can_be_drawn(name):
    result = CASES[name]()
    axes = result.plot()
    axes.figure.canvas.draw()
    assert len(axes.get_yticks()) == len(result.factors)


def test_without_the_extra_the_error_says_what_to_install(monkeypatch):
    for module, show in (("pandas", "to_frame"), ("matplotlib", "plot")):
        monkeypatch.setitem(__import__("sys").modules, module, None)
        with pytest.raises(MissingExtra, match=r"whydrop\[plot\]"):
            getattr(by_hand(), show)()
