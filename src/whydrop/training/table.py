"""Table: the rows of a training as text: on a terminal, as a line, in a notebook."""

import html
import math
from collections.abc import Mapping, Sequence

from whydrop.core.metric import Metric
from whydrop.training.training_accuracy import OF_MIXING

LASTING = ("epoch", "train_loss", "valid_loss")  # columns that are always shown
LESS = (*reversed(OF_MIXING), "seconds", "train_top1")  # the first to leave out


def columns(metrics: Sequence[Metric], rows: Sequence[Mapping[str, float]]) -> list[str]:
    """Return the columns that some row has, in their order."""
    names = ["epoch", *(metric.name for metric in metrics), "seconds"]
    return [name for name in names if any(name in row for row in rows)]


def fitting(names: Sequence[str], width: int) -> list[str]:
    """Return the columns that a width has room for, in their order.

    Left out are first those that mixing adds, then seconds, training accuracy, and metrics from
    the last to the second; epoch, losses and the first metric always stay.

    Args:
        names: as of ``columns``.
        width: in characters.

    Example:
        >>> fitting(["epoch", "train_loss", "train_top1", "valid_loss", "top1", "ece"], 42)
        ['epoch', 'train_loss', 'valid_loss', 'top1', 'ece']
    """
    metrics = [name for name in names if name not in (*LASTING, *LESS)]
    kept = list(names)
    for name in (*LESS, *reversed(metrics[1:])):
        if sum(_widths(kept)) + 2 * (len(kept) - 1) <= width:
            break
        if name in kept:
            kept.remove(name)
    return kept


def cells(metrics: Sequence[Metric], row: Mapping[str, float], names: Sequence[str]) -> list[str]:
    """Return a row's cells; shares as points, nothing where there is no number.

    Example:
        >>> metrics = [Metric("valid_loss", minimize=True), Metric("top1", unit="points")]
        >>> row = {"epoch": 3, "valid_loss": 0.06471, "top1": 0.9755, "seconds": 2.04}
        >>> cells(metrics, row, ["epoch", "valid_loss", "top1", "seconds"])
        ['3', '0.0647', '97.55', '2.0']
    """
    known = {metric.name: metric for metric in metrics}
    texts = []
    for name in names:
        value = row.get(name)
        if value is None:
            texts.append("")
        elif name == "epoch":
            texts.append(str(int(value)))
        elif name == "seconds":
            texts.append(f"{value:.1f}")
        else:
            texts.append(cell(known[name], value))
    return texts


def cell(metric: Metric, value: float) -> str:
    """Return a number as it is shown: points with two decimals, others with four digits."""
    if not math.isfinite(value):
        return "-" if math.isnan(value) else str(value)
    metric = metric.settled([value])
    if metric.unit == "points":
        return f"{100 * value:.2f}"
    return f"{value:.4f}" if 1e-3 <= abs(value) < 1e4 or value == 0 else f"{value:.3e}"


def line(metrics: Sequence[Metric], row: Mapping[str, float]) -> str:
    """Return a row as one line, each number behind its name.

    Example:
        >>> line([Metric("top1", unit="points")], {"epoch": 3, "top1": 0.9755, "seconds": 2.04})
        'epoch 3: top1 97.55, 2.0 s'
    """
    names = [name for name in columns(metrics, [row]) if name not in ("epoch", "seconds")]
    parts = [f"{n} {text}" for n, text in zip(names, cells(metrics, row, names), strict=True)]
    parts.append(f"{row['seconds']:.1f} s")
    return f"epoch {int(row['epoch'])}: {', '.join(parts)}"


def heading(names: Sequence[str]) -> list[str]:
    """Return the lines above a table, a word of each name in each, for ``aligned`` rows.

    Example:
        >>> print(*heading(["epoch", "train_loss", "top1"]), sep="\\n")
                 train
        epoch     loss     top1
    """
    words = [name.split("_") for name in names]
    tall = max(map(len, words), default=0)
    padded = [[""] * (tall - len(own)) + own for own in words]
    return [aligned(names, [own[at] for own in padded]) for at in range(tall)]


def aligned(names: Sequence[str], texts: Sequence[str]) -> str:
    """Return texts in columns that are as wide as ``heading`` needs them."""
    widths = _widths(names)
    padded = [text.rjust(width) for text, width in zip(texts, widths, strict=True)]
    return "  ".join(padded).rstrip()


def _widths(names: Sequence[str]) -> list[int]:
    return [5 if name == "epoch" else max(7, *map(len, name.split("_"))) for name in names]


def html_table(metrics: Sequence[Metric], rows: Sequence[Mapping[str, float]]) -> str:
    """Return rows as an HTML table."""
    names = columns(metrics, rows) or ["epoch"]
    lines = [f"<tr>{''.join(f'<th>{html.escape(name)}</th>' for name in names)}</tr>"]
    for row in rows:
        data = "".join(f"<td>{html.escape(text)}</td>" for text in cells(metrics, row, names))
        lines.append(f"<tr>{data}</tr>")
    return f"<table>{''.join(lines)}</table>"
