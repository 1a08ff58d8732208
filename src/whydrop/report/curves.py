"""The picture of learning curves: good, bad, and bad with the named factors undone."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from whydrop.core.factor import Arm
from whydrop.core.phrase import number
from whydrop.core.result import Result
from whydrop.report import amounts
from whydrop.report.arms import named_arm
from whydrop.report.axis import Axis

MOST_POINTS = 240  # of a line; more cannot be seen
MOST_SLICES = 48
LABEL_GAP = 8.0  # percent of the height between two labels


@dataclass(frozen=True)
class Line:
    """The mean over seeds and the band from the lowest to the highest seed.

    Attributes:
        kind: "good", "bad" or "undone": colour and dash.
        path, band: SVG paths in a square of 100 by 100.
        label_y: percent of the height at which its name stands.
    """

    kind: str
    name: str
    path: str
    band: str
    label_y: float
    last: str


@dataclass(frozen=True)
class Slice:
    """One epoch, or the middle of a few: where it is and what each line says there."""

    left: float
    width: float
    middle: float
    spoken: str


@dataclass(frozen=True)
class CurvePicture:
    """Lines over epochs 1 to n."""

    epochs: Axis
    values: Axis
    lines: tuple[Line, ...]
    slices: tuple[Slice, ...]


@dataclass(frozen=True)
class _Curve:
    kind: str
    mean: list[float]
    low: list[float]
    high: list[float]
    seeds: int


def curve_picture(result: Result) -> CurvePicture | None:
    """Return the picture, or None where no trial told its metric by epoch."""
    study, named = result.study, named_arm(result)
    arms = [("good", 0), ("bad", study.bad)]
    if named and named != study.bad:
        arms.append(("undone", study.bad & ~named))
    curves = [c for kind, arm in arms if (c := _curve(result, kind, arm)) is not None]
    if not curves:
        return None
    longest = max(len(curve.mean) for curve in curves)
    epochs = Axis(1.0, float(longest))
    values = Axis.over([v for curve in curves for v in (*curve.low, *curve.high)])
    heights = _spread([100 - values.at(curve.mean[-1]) for curve in curves])
    digits = amounts.shared_decimals(result)
    lines = tuple(
        Line(
            curve.kind,
            curve.kind,
            _path(epochs, values, curve.mean),
            _band(epochs, values, curve.low, curve.high),
            height,
            number(curve.mean[-1], digits),
        )
        for curve, height in zip(curves, heights, strict=True)
    )
    return CurvePicture(epochs, values, lines, tuple(_slices(curves, epochs, digits)))


def _curve(result: Result, kind: str, arm: Arm) -> _Curve | None:
    """Return an arm's curve over the seeds that reached each epoch; needs two epochs."""
    scale = result.study.metric.scale
    seeds = [o.curve for o in result.study.outcomes if o.trial.arm == arm and o.state == "ok"]
    longest = max(map(len, seeds), default=0)
    if longest < 2:
        return None
    columns = [[c[e] * scale for c in seeds if len(c) > e] for e in range(longest)]
    return _Curve(
        kind,
        [fmean(column) for column in columns],
        [min(column) for column in columns],
        [max(column) for column in columns],
        len(seeds),
    )


def _thinned(n: int, most: int) -> list[int]:
    """Return at most so many positions of 0..n-1, evenly spread, both ends included."""
    if n <= most:
        return list(range(n))
    return [round(i * (n - 1) / (most - 1)) for i in range(most)]


def _points(epochs: Axis, values: Axis, heights: Sequence[float]) -> list[str]:
    return [
        f"{epochs.at(e + 1):g} {100 - values.at(heights[e]):g}"
        for e in _thinned(len(heights), MOST_POINTS)
    ]


def _path(epochs: Axis, values: Axis, heights: Sequence[float]) -> str:
    return "M" + "L".join(_points(epochs, values, heights))


def _band(epochs: Axis, values: Axis, low: Sequence[float], high: Sequence[float]) -> str:
    there, back = _points(epochs, values, high), _points(epochs, values, low)[::-1]
    return "M" + "L".join([*there, *back]) + "Z"


def _spread(heights: Sequence[float]) -> list[float]:
    """Return label positions in the same order, none closer than LABEL_GAP to another."""
    order = sorted(range(len(heights)), key=lambda i: heights[i])
    placed = dict[int, float]()
    previous = -LABEL_GAP
    for i in order:
        previous = placed[i] = max(heights[i], previous + LABEL_GAP)
    over = max(0.0, previous - 98.0)
    return [round(placed[i] - over, 2) for i in range(len(heights))]


def _slices(curves: Sequence[_Curve], epochs: Axis, digits: int) -> list[Slice]:
    n = round(epochs.high)
    chosen = _thinned(n, MOST_SLICES)
    slices = []
    for k, e in enumerate(chosen):
        left = epochs.at((chosen[k - 1] + e) / 2 + 1) if k else 0.0
        right = epochs.at((e + chosen[k + 1]) / 2 + 1) if k + 1 < len(chosen) else 100.0
        said = [
            f"{curve.kind} {number(curve.mean[e], digits)}"
            f" ({amounts.bounds(curve.low[e], curve.high[e], digits)})"
            for curve in curves
            if e < len(curve.mean)
        ]
        width = round(right - left, 2)
        slices.append(Slice(left, width, epochs.at(e + 1), "; ".join([f"epoch {e + 1}", *said])))
    return slices
