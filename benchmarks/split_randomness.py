"""How much of the noise of a study splitting the randomness by purpose takes away.

    python benchmarks/split_randomness.py            # ten minutes on one core
    python benchmarks/split_randomness.py --quick    # shows that it works; figures mean little

A study trains good and bad on the same seeds, and judges the differences. Here each of several
differences of a digits recipe is trained on 100 seeds, once as whydrop does it, and once the way
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
import os
import platform
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import geometric_mean
from typing import Any, NamedTuple
from unittest import mock

import numpy as np
import torch
from numpy.typing import NDArray
from rich.progress import track

from whydrop.augment import Batch, Pipeline
from whydrop.training import make_learner
from whydrop.training.recipes.data import read_data
from whydrop.training.recipes.load import checked

RESULTS = Path(__file__).parent / "results"
SHIFTS = "shifts the draws of others in one stream"
TIMES = "seeds of one stream for one of ours"
RESAMPLED = 2000  # bootstrap samples behind an interval
CROP = [{"op": "PadCrop", "pad": 1}]
GOOD: dict[str, Any] = {
    "schema": "whydrop.recipe/1",
    "data": {"name": "digits"},
    "model": {"name": "mlp", "hidden": [64], "dropout": 0.2},
    "optimizer": {"name": "sgd", "lr": 0.05, "momentum": 0.9},
    "schedule": {"name": "cosine"},
    "augment": {"ops": CROP},
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
    Difference("no random crop", ("augment", "ops"), [], True),
    Difference("MixUp", ("augment", "ops"), [*CROP, {"op": "MixUp"}], True),
    Difference("Cutout", ("augment", "ops"), [*CROP, {"op": "Cutout", "size": 3}], True),
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


def measured(seeds: int) -> list[dict[str, Any]]:
    data = read_data(recipe_of(None).data)
    arms = [None, *DIFFERENCES]
    scores: dict[tuple[bool, str], list[float]] = {}
    for seed in track(range(seeds), "training", disable=not sys.stderr.isatty()):
        for arm in arms:
            for split in (True, False):
                name = arm.name if arm else ""
                score = top1(recipe_of(arm), data, seed, split=split)
                scores.setdefault((split, name), []).append(score)
    table = {key: np.array(values) for key, values in scores.items()}
    return [row(difference, table) for difference in DIFFERENCES]


def row(difference: Difference, table: dict[tuple[bool, str], NDArray[Any]]) -> dict[str, Any]:
    good, bad = ({s: table[s, name] for s in (True, False)} for name in ("", difference.name))
    split, stream = (bad[s] - good[s] for s in (True, False))
    apart = bad[True] - np.roll(good[True], 1)
    rng = np.random.default_rng(0)
    chosen = rng.integers(0, len(split), (RESAMPLED, len(split)))
    ratios = np.var(stream[chosen], axis=1, ddof=1) / np.var(split[chosen], axis=1, ddof=1)
    return {
        "difference": difference.name,
        SHIFTS: difference.shifts,
        "points lost, split": round(-float(split.mean()), 2),
        "points lost, one stream": round(-float(stream.mean()), 2),
        "sd of a seed's difference": {
            "split": round(float(np.std(split, ddof=1)), 3),
            "one stream": round(float(np.std(stream, ddof=1)), 3),
            "seeds not shared": round(float(np.std(apart, ddof=1)), 3),
        },
        TIMES: round(float(np.var(stream) / np.var(split)), 2),
        "95 % interval, bootstrap": np.quantile(ratios, (0.025, 0.975)).round(2).tolist(),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="noise with randomness split by purpose")
    parser.add_argument("--quick", action="store_true", help="4 seeds, nothing is written")
    options = parser.parse_args()
    torch.set_num_threads(1)
    seeds = 4 if options.quick else 100
    rows = measured(seeds)
    shifted = [row[TIMES] for row in rows if row[SHIFTS]]
    about = {
        "command": "python benchmarks/split_randomness.py",
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, one thread",
        "versions": {"torch": torch.__version__, "numpy": np.__version__},
        "seeds": seeds,
        "recipe": GOOD,
        f"{TIMES}, where draws are shifted: geometric mean": round(geometric_mean(shifted), 2),
    }
    print(json.dumps({"about": about, "rows": rows}, indent=1))
    if not options.quick:
        text = json.dumps({"about": about, "rows": rows}, indent=1)
        (RESULTS / "split_randomness.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
