"""History: what each epoch of a training gave, as rows."""

import difflib
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from whydrop.core.errors import MissingExtra, UsageError
from whydrop.core.metric import Metric
from whydrop.training.table import cell, html_table

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

Row: TypeAlias = Mapping[str, float]


@dataclass(frozen=True)
class History:
    """The finished epochs of a training.

    Attributes:
        metrics: what the columns between epoch and seconds are: their unit, which way is better.
        rows: one an epoch, in order; by column "epoch" (from 0), "train_loss", "train_top1",
            "valid_loss", each metric, "seconds". Shares are from 0 to 1. Where training samples
            are mixed, train_top1 is weighted by their labels, "train_top1_highest" is what the
            best prediction would get, "train_top1_clean" is of the unmixed samples alone, and
            "train_clean_share" how many these are.

    Example:
        >>> history = History((Metric("top1", unit="points"),))
        >>> for epoch, share in enumerate([0.5, 0.75]):
        ...     history = history.with_row({"epoch": epoch, "top1": share})
        >>> history["top1"], len(history), history
        ([0.5, 0.75], 2, History(2 epochs, top1 75.00))
    """

    metrics: tuple[Metric, ...]
    rows: tuple[Row, ...] = field(default=())

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, name: str) -> list[float]:
        """Return a column; NaN where an epoch does not have it."""
        if not any(name in row for row in self.rows):
            raise KeyError(name)
        return [row.get(name, math.nan) for row in self.rows]

    def __repr__(self) -> str:
        epochs = f"{len(self)} epoch{'' if len(self) == 1 else 's'}"
        if not self.rows:
            return f"History({epochs})"
        last = self.rows[-1]
        shown = [f"{m.name} {cell(m, last[m.name])}" for m in self.metrics if m.name in last]
        return f"History({', '.join([epochs, *shown])})"

    def with_row(self, row: Row) -> "History":
        """Return a history that has one more epoch."""
        return History(self.metrics, (*self.rows, dict(row)))

    def metric(self, name: str, *, where: str = "History") -> Metric:
        """Return what a column holds.

        Raises:
            UsageError: there is no such column.
        """
        for metric in self.metrics:
            if metric.name == name:
                return metric
        names = [metric.name for metric in self.metrics]
        near = difflib.get_close_matches(str(name), names, 1)
        do = f"did you mean {near[0]!r}?" if near else f"give one of {', '.join(names)}"
        raise UsageError(f"there is no column {name!r}", where=where, do=do)

    def best(self, name: str) -> Row | None:
        """Return the first epoch in which a column is best; None before any has a number there."""
        minimize = self.metric(name).minimize
        rows = [row for row in self.rows if not math.isnan(row.get(name, math.nan))]
        return (min if minimize else max)(rows, key=lambda row: row[name], default=None)

    # -- shown ---------------------------------------------------------------------------------

    def to_frame(self) -> "pd.DataFrame":
        """Return one row an epoch; shares stay from 0 to 1.

        Raises:
            MissingExtra: pandas is not installed.
        """
        try:
            import pandas as pd
        except ImportError as error:
            raise MissingExtra(
                "a data frame needs pandas",
                where="History.to_frame",
                do="pip install 'whydrop[plot]'",
            ) from error
        return pd.DataFrame(list(self.rows))

    def plot(self, axes: Any = None) -> "tuple[Axes, ...]":
        """Draw losses, and beside them shares in points, over the epochs; return the axes.

        Args:
            axes: where to draw, one for each kind of column that there is; new ones when None.

        Raises:
            MissingExtra: Matplotlib is not installed.
        """
        try:
            from matplotlib import pyplot as plt
        except ImportError as error:
            raise MissingExtra(
                "a picture needs Matplotlib",
                where="History.plot",
                do="pip install 'whydrop[plot]'",
            ) from error
        groups = self._groups()
        if axes is None:
            size = (5.0 * len(groups), 3.4)
            figure = plt.figure(figsize=size, layout="constrained")
            axes = figure.subplots(1, len(groups), squeeze=False)[0]
        for place, (unit, metrics) in zip(axes, groups.items(), strict=True):
            for metric in metrics:
                values = [metric.scale * value for value in self[metric.name]]
                epochs = [row["epoch"] for row in self.rows]
                place.plot(epochs, values, marker="." if len(self) < 30 else "", label=metric.name)
            place.set_xlabel("epoch")
            place.set_ylabel(unit)
            place.legend(frameon=False)
            for side in ("top", "right"):
                place.spines[side].set_visible(False)
        return tuple(axes)

    def _groups(self) -> dict[str, list[Metric]]:
        """Return the columns that there are, by the axis they belong to."""
        groups: dict[str, list[Metric]] = {}
        for metric in self.metrics:
            if any(metric.name in row for row in self.rows):
                metric = metric.settled(self[metric.name])
                name = "points" if metric.unit == "points" else "loss"
                if name == "loss" and not metric.name.endswith("loss"):
                    name = metric.name
                groups.setdefault(name, []).append(metric)
        if not groups:
            what = "there is no finished epoch to draw"
            raise UsageError(what, where="History.plot", do="call fit first")
        return groups

    def _repr_html_(self) -> str:
        return html_table(self.metrics, self.rows)
