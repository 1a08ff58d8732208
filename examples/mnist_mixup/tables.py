"""Print the question's figures beside ours: mean and 95 % interval over seeds, epoch by epoch."""

import json
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

RESULTS = Path(__file__).parent / "results"
PROGRAMS = {
    "plain": "plain loop",
    "lightning": "Lightning",
    "keras-torch": "Keras on PyTorch",
    "keras-jax": "Keras on JAX",
    "averaged-first": "averaged first",
}
AVERAGED = "averaged-first"
NAMES = {0.0: "without mixup", 0.4: "with mixup, alpha 0.4"}
QUANTITIES = {"valid_loss": "validation loss", "accuracy": "validation accuracy"}
# As printed in the question, one run each.
QUESTION = {
    (0.0, "valid_loss"): (0.0946, 0.0647, 0.0420, 0.0359, 0.0253, 0.0248, 0.0200, 0.0254),
    (0.0, "accuracy"): (0.9657, 0.9755, 0.9853, 0.9868, 0.9892, 0.9877, 0.9902, 0.9887),
    (0.4, "valid_loss"): (0.156, 0.125, 0.106, 0.0998, 0.0945, 0.0951, 0.0868, 0.0956),
    (0.4, "accuracy"): (0.9612, 0.9823, 0.9872, 0.9887, 0.9892, 0.9897, 0.9902, 0.9902),
}
Curves = dict[tuple[float, str], NDArray[np.float64]]  # by alpha and quantity: (seeds, epochs)


class Mean(NamedTuple):
    """A mean over seeds, and its 95 % interval."""

    value: float
    low: float
    high: float


def mean(values: NDArray[np.float64]) -> Mean:
    """Return the mean of independent values, with Student's interval.

    Example:
        >>> [round(number, 3) for number in mean(np.array([1.0, 2.0, 3.0]))]
        [2.0, -0.484, 4.484]
    """
    half = stats.t.ppf(0.975, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values))
    middle = float(values.mean())
    return Mean(middle, middle - float(half), middle + float(half))


def read(file: Path) -> Curves:
    """Return what ``repeat.py`` kept, in the order of seeds."""
    trainings = sorted(json.loads(file.read_text())["trainings"], key=lambda one: one["seed"])
    return {
        (alpha, quantity): np.array(
            [
                [epoch[quantity] for epoch in one["epochs"]]
                for one in trainings
                if one["alpha"] == alpha
            ]
        )
        for alpha in NAMES
        for quantity in QUANTITIES
    }


def table(results: dict[str, Curves], alpha: float, quantity: str) -> str:
    """Return a table with a row an epoch and a column a program."""
    names = "".join(f"  {PROGRAMS[name]:24}" for name in results)
    lines = [f"{QUANTITIES[quantity]}, {NAMES[alpha]}", f"epoch  question{names}".rstrip()]
    for epoch, theirs in enumerate(QUESTION[alpha, quantity]):
        ours = [mean(curves[alpha, quantity][:, epoch]) for curves in results.values()]
        cells = "".join(f"  {m.value:.4f} [{m.low:.4f}, {m.high:.4f}]" for m in ours)
        lines.append(f"{epoch + 1:5}  {theirs:8.4f}{cells}")
    return "\n".join(lines)


def added(results: dict[str, Curves]) -> str:
    """Return what mixup does to the last epoch, seed by seed."""
    theirs = [QUESTION[0.4, quantity][-1] - QUESTION[0.0, quantity][-1] for quantity in QUANTITIES]
    lines = [
        "what mixup adds in the last epoch, pairs of one seed",
        f"{'the question':16} loss {theirs[0]:+.4f}{'':19}  accuracy {100 * theirs[1]:+.2f} points",
    ]
    for name, curves in results.items():
        clean = results["plain"] if name == AVERAGED else curves
        loss, share = (mean((curves[0.4, q] - clean[0.0, q])[:, -1]) for q in QUANTITIES)
        points = Mean(*(100 * number for number in share))
        lines.append(
            f"{PROGRAMS[name]:16} loss {loss.value:+.4f} [{loss.low:+.4f}, {loss.high:+.4f}]"
            f"  accuracy {points.value:+.2f} points [{points.low:+.2f}, {points.high:+.2f}]"
        )
    return "\n".join(lines)


def apart(results: dict[str, Curves]) -> str:
    """Return how far the programs are from each other where they do the same."""
    lines = ["largest difference of the validation loss between programs, any seed and epoch"]
    for one, other in combinations(results, 2):
        between = [
            results[one][alpha, "valid_loss"] - results[other][alpha, "valid_loss"]
            for alpha in NAMES
        ]
        lines.append(f"{PROGRAMS[one]} and {PROGRAMS[other]}: {np.abs(between).max():.4f}")
    return "\n".join(lines)


def text(folder: Path) -> str:
    """Return all tables of the results in a folder."""
    results = {name: read(folder / f"{name}.json") for name in PROGRAMS}
    averaged = {AVERAGED: results[AVERAGED]}
    same = {name: curves for name, curves in results.items() if name != AVERAGED}
    parts = [table(same, alpha, quantity) for quantity in QUANTITIES for alpha in NAMES]
    parts += [table(averaged, 0.4, quantity) for quantity in QUANTITIES]
    return "\n\n".join([*parts, added(results), apart(same)]) + "\n"


if __name__ == "__main__":
    print(text(RESULTS), end="")
