"""A result as a Matplotlib picture: the effects with their intervals."""

import math
from typing import TYPE_CHECKING

from whydrop.core.errors import MissingExtra
from whydrop.core.result import FactorRow, Result
from whydrop.report import amounts
from whydrop.report.factor_rows import ordered
from whydrop.report.names import shortened
from whydrop.report.visible import visible

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Okabe and Ito (2008), "Color Universal Design": told apart by all kinds of colour vision.
COLOURS = {"culprit": "#d55e00", "helps": "#0072b2"}
OTHER = "#7f7f7f"
NAME_LIMIT = 40  # characters


def plot_effects(result: Result, axes: "Axes | None" = None) -> "Axes":
    """Draw each factor's effect with its interval, named ones first, and return the axes.

    An unbounded interval is drawn to the edge with an arrow; a factor that was never measured
    keeps its line, so that the picture lists all that was asked.

    Args:
        result: the answer of ``explain``.
        axes: where to draw; new axes of a new figure when None.

    Raises:
        MissingExtra: Matplotlib is not installed.
    """
    try:
        from matplotlib import pyplot as plt
    except ImportError as error:
        raise MissingExtra(
            "a picture needs Matplotlib", where="plot_effects", do="pip install 'whydrop[plot]'"
        ) from error
    rows = ordered(result.factors)
    if axes is None:
        _, axes = plt.subplots(figsize=(7.0, 1.2 + 0.32 * len(rows)), layout="constrained")
    left, right = _limits(result)
    for line, row in enumerate(rows):
        _draw(axes, line, row, left, right)
    axes.axvline(0.0, color="black", linewidth=0.8)
    axes.set_xlim(left, right)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    names = [shortened(visible(row.name), NAME_LIMIT) for row in rows]
    # A dollar sign would start a formula.
    axes.set_yticks(range(len(rows)), [name.replace("$", r"\$") for name in names])
    unit = amounts.unit_name(result.study.metric)
    axes.set_xlabel(f"effect of switching it on, {unit} (left is worse)")
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.tick_params(axis="y", length=0)
    return axes


def _limits(result: Result) -> tuple[float, float]:
    """Return the span of everything finite, zero included, with a margin."""
    seen = [0.0]
    for row in result.factors:
        seen += [x for x in (row.effect, row.low, row.high) if x is not None and math.isfinite(x)]
    margin = 0.06 * (max(seen) - min(seen)) or 1.0
    return min(seen) - margin, max(seen) + margin


def _draw(axes: "Axes", line: int, row: FactorRow, left: float, right: float) -> None:
    if row.effect is None or row.low is None or row.high is None:
        return
    colour = COLOURS.get(row.verdict, OTHER)
    axes.hlines(line, max(row.low, left), min(row.high, right), color=colour, linewidth=1.6)
    for bound, edge, marker in ((row.low, left, "<"), (row.high, right, ">")):
        if math.isinf(bound):
            axes.plot(edge, line, marker, color=colour, clip_on=False)
    axes.plot(row.effect, line, "o", color=colour, markersize=6)
