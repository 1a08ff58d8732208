"""How much of the noise of a study splitting the randomness by purpose takes away.

    python benchmarks/split_randomness.py            # a quarter of an hour on two cores
    python benchmarks/split_randomness.py --quick    # shows that it works; figures mean little

A study trains good and bad on the same seeds, and judges the differences. Here each of several
differences of a digits recipe is trained on 300 seeds, once as whydrop does it, and once the way
that most programs do: one generator, seeded at the start, from which first weights, order, dropout
and augmentation draw in turn, so that a factor that draws once more shifts the draws of all that
comes after it. Told is the standard deviation of the differences of a seed, and how many times as
many seeds one stream needs for the same precision: the square of the ratio of the two. For
comparison: seeds that good and bad do not share. Writes benchmarks/results/split_randomness.json,
unless --quick.
"""

import argparse
import contextlib
import copy
import datetime
import json
import multiprocessing
import os
import platform
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import numpy as np
import torch
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track

from whydrop.augment import Batch, Pipeline
from whydrop.training import make_learner
from whydrop.training.recipes.data import read_data
from whydrop.training.recipes.load import checked

Table = dict[tuple[bool, str], NDArray[Any]]
STDERR = Console(stderr=True)
RESULTS = Path(__file__).parent / "results"
RESAMPLED = 2000  # bootstrap samples behind an interval
HOLE = [{"op": "Cutout", "size": 2}]
GOOD: dict[str, Any] = {
    "schema": "whydrop.recipe/1",
    "data": {"name": "digits"},
    "model": {"name": "mlp", "hidden": [64], "dropout": 0.2},
    "optimizer": {"name": "sgd", "lr": 0.05, "momentum": 0.9},
    "schedule": {"name": "cosine"},
    "augment": {"ops": HOLE},
    "train": {"epochs": 8, "batch_size": 32},
}


class Difference(NamedTuple):
    """What is another in bad, and whether it draws more or fewer numbers."""

    name: str
    place: tuple[str, ...]
    value: Any
    shifts: bool


DIFFERENCES = (
    Difference("a hidden layer more", ("model", "hidden"), [64, 64], True),
    Difference("no dropout", ("model", "dropout"), 0.0, True),
    Difference("no Cutout", ("augment", "ops"), [], True),
    Difference("MixUp", ("augment", "ops"), [*HOLE, {"op": "MixUp"}], True),
    Difference("random crop", ("augment", "ops"), [{"op": "PadCrop", "pad": 1}, *HOLE], True),
    Difference("batches of 64", ("train", "batch_size"), 64, True),
    Difference("weight decay", ("optimizer", "weight_decay"), 0.01, False),
    Difference("half the learning rate", ("optimizer", "lr"), 0.025, False),
)  # fmt: skip


class FromOneStream:
    """A pipeline whose draws come from PyTorch's generator, where it draws at all."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        self.evaluation = pipeline.evaluation

    def __call__(self, *args: Any, **fields: Any) -> Batch:
        self._pipeline.seed = int(torch.randint(2**62, ()))
        return self._pipeline(*args, **fields)


@contextlib.contextmanager
def one_stream() -> Iterator[None]:
    """Let everything draw from PyTorch's generator, in turn."""
    trainer, recipes = "whydrop.training.learner", "whydrop.training.recipes"
    nothing = lambda *_: contextlib.nullcontext()  # noqa: E731
    permutation = lambda n, **_: torch.randperm(n).numpy()  # noqa: E731
    with (
        mock.patch(f"{recipes}.model.initialised", nothing),
        mock.patch(f"{trainer}.seeded", nothing),
        mock.patch(f"{trainer}.order", permutation),
    ):
        yield


def top1(recipe: Any, data: Any, seed: int, *, split: bool) -> float:
    """Return points, 0 to 100."""
    with contextlib.nullcontext() if split else one_stream():
        torch.manual_seed(seed)
        learner = make_learner(recipe, seed, data=data)
        if not split and isinstance(learner.augment, Pipeline):
            learner.augment = FromOneStream(learner.augment)
        return 100 * learner.fit(recipe.train.epochs, quiet=True)["top1"][-1]


def recipe_of(difference: Difference | None) -> Any:
    plain = copy.deepcopy(GOOD)
    if difference is not None:
        section, key = difference.place
        plain[section][key] = difference.value
    return checked(plain, "bench")


def of_seed(seed: int) -> dict[tuple[bool, str], float]:
    """Return points by (split, name of the difference); good has no name."""
    torch.set_num_threads(1)
    recipes = {"": recipe_of(None)} | {each.name: recipe_of(each) for each in DIFFERENCES}
    data = read_data(recipes[""].data)
    return {
        (split, name): top1(recipe, data, seed, split=split)
        for name, recipe in recipes.items()
        for split in (True, False)
    }


def table_of(seeds: int, jobs: int) -> Table:
    """Return points, (seeds,), by (split, name of the difference)."""
    with ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn")) as pool:
        told = track(pool.map(of_seed, range(seeds)), "training", seeds, console=STDERR)
        rows = list(told)
    return {key: np.array([row[key] for row in rows]) for key in rows[0]}


def variances(table: Table, name: str, *, split: bool, chosen: NDArray[Any]) -> NDArray[Any]:
    """Return the variance of a seed's difference in each row of chosen seeds."""
    differences = table[split, name] - table[split, ""]
    found: NDArray[Any] = np.var(differences[chosen], axis=-1, ddof=1)
    return found


def times(table: Table, names: Sequence[str], chosen: NDArray[Any]) -> NDArray[Any]:
    """Return how many seeds of one stream one of ours is worth: the geometric mean over names."""
    logs = [
        np.log(variances(table, name, split=False, chosen=chosen))
        - np.log(variances(table, name, split=True, chosen=chosen))
        for name in names
    ]
    ratios: NDArray[Any] = np.exp(np.mean(logs, axis=0))
    return ratios


def row(table: Table, title: str, names: Sequence[str]) -> dict[str, Any]:
    seeds = len(table[True, ""])
    everyone = np.arange(seeds)
    resampled = np.random.default_rng(0).integers(0, seeds, (RESAMPLED, seeds))
    low, high = np.quantile(times(table, names, resampled), (0.025, 0.975))
    return {
        "differences": title,
        "seeds of one stream for one of ours": round(float(times(table, names, everyone)), 2),
        "95 % interval, bootstrap": [round(float(low), 2), round(float(high), 2)],
    }


def detail(table: Table, difference: Difference) -> dict[str, Any]:
    name, good = difference.name, table[True, ""]
    apart = table[True, name] - np.roll(good, 1)
    everyone = np.arange(len(good))
    spread = {
        "split": variances(table, name, split=True, chosen=everyone),
        "one stream": variances(table, name, split=False, chosen=everyone),
        "seeds not shared": np.var(apart, ddof=1),
    }
    return row(table, name, [name]) | {
        "shifts the draws of others in one stream": difference.shifts,
        "points lost": round(float((good - table[True, name]).mean()), 2),
        "sd of a seed's difference": {k: round(float(v) ** 0.5, 3) for k, v in spread.items()},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="noise with randomness split by purpose")
    parser.add_argument("--quick", action="store_true", help="8 seeds, nothing is written")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="processes")
    options = parser.parse_args()
    seeds = 8 if options.quick else 300
    table = table_of(seeds, options.jobs)
    about = {
        "command": "python benchmarks/split_randomness.py",
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, one thread a training",
        "versions": {"torch": torch.__version__, "numpy": np.__version__},
        "seeds": seeds,
        "recipe": GOOD,
        "good, points": round(float(table[True, ""].mean()), 2),
    }
    rows = [
        row(table, title, [each.name for each in DIFFERENCES if each.shifts == shifts])
        for title, shifts in (("all that shift draws", True), ("all that shift none", False))
    ]
    rows += [detail(table, difference) for difference in DIFFERENCES]
    text = json.dumps({"about": about, "rows": rows}, indent=1)
    print(text)
    if not options.quick:
        (RESULTS / "split_randomness.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
