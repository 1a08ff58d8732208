"""What is planted in the demonstration: every one of its 256 arms, with many seeds.

A full factorial that uses nothing of whydrop but the training program. Two of the eight
differences act only when a finished net is tested, so each of the 64 ways to train is trained
once a seed and tested four times; the numbers are those of the plain program, which is checked.

    python benchmarks/demo_truth.py            # about 6 minutes on a core of its own
    python benchmarks/demo_truth.py --seeds 4  # a look

Writes benchmarks/results/demo_truth.json.
"""

import argparse
import json
import math
import os
import platform
import time
from itertools import combinations, product
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import stats

from whydrop.demo import BAD, GOOD, PLANTED
from whydrop.demo.digits import Settings, accuracy, fit, train

RESULT = Path(__file__).parent / "results" / "demo_truth.json"
NAMES = tuple(GOOD)
TEST_ONLY = ("eval_mode", "test_order")  # nothing of the training depends on these
SIMULTANEOUS = 36  # 8 main effects and 28 two-factor interactions share one error rate
FIRST_SEED = 10_000_000  # far from the seeds that a study draws


def config_of(on: frozenset[str]) -> dict[str, Any]:
    return {name: (BAD if name in on else GOOD)[name] for name in NAMES}


def names_of(arm: int) -> frozenset[str]:
    return frozenset(name for i, name in enumerate(NAMES) if arm >> i & 1)


def scores_of_seed(seed: int) -> NDArray[np.float64]:
    """Return the accuracy in points of all arms (256,): bit i of the index is NAMES[i] on."""
    scores = np.full(2 ** len(NAMES), np.nan)
    trained = [name for name in NAMES if name not in TEST_ONLY]
    for levels in product((False, True), repeat=len(trained)):
        on = frozenset(name for name, level in zip(trained, levels, strict=True) if level)
        *_, model = fit(Settings(**config_of(on)), seed)
        # BatchNorm's averages change in a test that does not use them: those come last.
        for tested in ((), ("test_order",), ("eval_mode",), ("eval_mode", "test_order")):
            arm = on | frozenset(tested)
            index = sum(1 << NAMES.index(name) for name in arm)
            scores[index] = 100 * accuracy(model, Settings(**config_of(arm)))
    return scores


def plain_program_agrees(scores: NDArray[np.float64], seed: int, arms: int) -> bool:
    """Whether train(config, seed) returns the same numbers for arms drawn at random."""
    drawn = np.random.default_rng(seed).choice(len(scores), arms, replace=False)
    return all(
        100 * train(config_of(names_of(arm)), seed)["accuracy"][-1] == scores[arm] for arm in drawn
    )


def effect_of(scores: NDArray[np.float64], factors: tuple[str, ...]) -> dict[str, Any]:
    """Return a factorial effect over scores (seeds, 256) in points, with its interval.

    For one factor: on less off, averaged over all else. For two: how much more the one costs
    when the other is on. The seeds are the independent units; the interval is the t interval,
    Bonferroni-corrected so that all effects of the table hold together with 95 %.
    """
    arms = np.arange(scores.shape[1])
    # on: +1 and off: -1 of each factor; product over the set
    sign = np.prod([2 * (arms >> NAMES.index(name) & 1) - 1 for name in factors], axis=0)
    by_seed = scores @ sign / (len(arms) / 2 ** len(factors))
    half = stats.t.isf(0.025 / SIMULTANEOUS, len(by_seed) - 1)
    half *= by_seed.std(ddof=1) / math.sqrt(len(by_seed))
    mean = by_seed.mean()
    return {
        "factors": factors,
        "effect": round(mean, 3),
        "low": round(mean - half, 3),
        "high": round(mean + half, 3),
    }


def alone(scores: NDArray[np.float64], on: tuple[str, ...]) -> dict[str, Any]:
    """Return what switching these on does to the good run, in points, over scores (seeds, 256)."""
    by_seed = scores[:, sum(1 << NAMES.index(name) for name in on)] - scores[:, 0]
    half = stats.t.isf(0.025, len(by_seed) - 1) * by_seed.std(ddof=1) / math.sqrt(len(by_seed))
    mean = by_seed.mean()
    return {
        "on": on,
        "effect": round(mean, 2),
        "low": round(mean - half, 2),
        "high": round(mean + half, 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=20)
    options = parser.parse_args()
    torch.set_num_threads(1)
    started = time.monotonic()
    rows = []
    for number in range(options.seeds):
        rows.append(scores_of_seed(FIRST_SEED + number))
        print(
            f"seed {number + 1} of {options.seeds}, {time.monotonic() - started:.0f} s", flush=True
        )
    scores = np.array(rows)  # (seeds, 256)
    if not plain_program_agrees(scores[0], FIRST_SEED, arms=24):
        raise SystemExit("the plain program gives other numbers: the table would be wrong")
    mains = [effect_of(scores, (name,)) for name in NAMES]
    pairs = [effect_of(scores, pair) for pair in combinations(NAMES, 2)]
    harmless = [name for name in NAMES if name not in PLANTED]
    pair = ("eval_mode", "test_order")
    result = {
        "what": "accuracy in points of every arm of whydrop.demo, mean and sd over seeds",
        "names": NAMES,
        "good": GOOD,
        "bad": BAD,
        "seeds": options.seeds,
        "first_seed": FIRST_SEED,
        "versions": {"torch": torch.__version__, "numpy": np.__version__},
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "gap": alone(scores, NAMES),
        "from_good": [alone(scores, on) for on in (("flip",), *((n,) for n in pair), pair)],
        "main_effects": mains,
        "interactions": pairs,
        "largest_harmless_bound": max(
            max(abs(row["low"]), abs(row["high"])) for row in mains if row["factors"][0] in harmless
        ),
        "largest_harmless_interaction_bound": max(
            max(abs(row["low"]), abs(row["high"]))
            for row in pairs
            if set(row["factors"]) & set(harmless)
        ),
        "mean": [round(value, 3) for value in scores.mean(axis=0)],
        "sd": [round(value, 3) for value in scores.std(axis=0, ddof=1)],
    }
    RESULT.write_text(json.dumps(result, indent=1) + "\n")
    print(f"good {scores[:, 0].mean():.2f}, bad {scores[:, -1].mean():.2f} points")
    for row in (*mains, *pairs):
        if len(row["factors"]) == 1 or not row["low"] <= 0 <= row["high"]:
            print(f"{' x '.join(row['factors']):30} {row['effect']:+.3f}", row["low"], row["high"])
    print(f"written to {RESULT}")


if __name__ == "__main__":
    main()
