"""How often compare and noise are wrong, and what they cost, with the very classes users run.

    python benchmarks/compare.py [--repetitions 1000] [--out benchmarks/results/compare.json]

A wrong verdict is one that the true difference contradicts: "worse" when bad is not worse,
"better" when it is not better, "equal" when the difference reaches the margin, "not worse" or a
passed gate when the drop reaches it, a failed gate when it does not. All cells hold 5 % crashes.
"""

import argparse
import json
import math
import platform
import random
import statistics
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from whydrop.explain.compare import PairedComparison
from whydrop.explain.noise import GoodAgainstItself
from whydrop.explain.settings import Settings
from whydrop.stats.spread import spread

ALPHA = 0.05
FAILURES = 0.05

Pair = tuple[float, float]
Draw = Callable[[random.Random], Pair]


@dataclass(frozen=True)
class Cell:
    """A truth: ``draw`` gives good and bad on one seed; the rest is what is asked of it."""

    name: str
    draw: Draw
    truth: float
    margin: float
    gate: bool = False
    max_trials: int = 200
    tail: bool = False  # beyond what is promised; reported, not judged


def normal(effect: float, *, rho: float = 0.0, sd_bad: float = 1.0) -> Draw:
    def draw(rng: random.Random) -> Pair:
        shared = rng.gauss()
        good, bad = (math.sqrt(rho) * shared + math.sqrt(1 - rho) * rng.gauss() for _ in range(2))
        return 90 + good, 90 + effect + sd_bad * bad

    return draw


def counted(good: float, bad: float, items: int) -> Draw:
    """Accuracy in points over a test set of so few items that results repeat."""

    def draw(rng: random.Random) -> Pair:
        right = [sum(rng.random() < share for _ in range(items)) for share in (good, bad)]
        return 100 * right[0] / items, 100 * right[1] / items

    return draw


def rounded(effect: float, sd: float, digits: int) -> Draw:
    def draw(rng: random.Random) -> Pair:
        return round(90 + sd * rng.gauss(), digits), round(90 + effect + sd * rng.gauss(), digits)

    return draw


def heavy(effect: float) -> Draw:
    """Student t with 3 degrees of freedom."""

    def draw(rng: random.Random) -> Pair:
        t = [rng.gauss() / math.sqrt(rng.gammavariate(1.5, 2) / 3) for _ in range(2)]
        return 90 + t[0], 90 + effect + t[1]

    return draw


def collapsing(share: float, depth: float) -> Draw:
    """Bad equals good, but a share of its seeds fails to train."""

    def draw(rng: random.Random) -> Pair:
        return 90 + rng.gauss(), 90 + rng.gauss() - depth * (rng.random() < share)

    return draw


CELLS = (
    *(Cell(f"normal, drop {d:g} sigma", normal(-d), -d, 1.0) for d in (0, 0.5, 1, 2, 4, 8)),
    *(Cell(f"normal, drop {d:g} sigma, rho 0.5", normal(-d, rho=0.5), -d, 1.0) for d in (0, 1, 2)),
    Cell("normal, drop 0, rho 0.9", normal(0, rho=0.9), 0, 1.0),
    Cell("normal, drop 2 sigma, rho 0.9", normal(-2, rho=0.9), -2, 1.0),
    Cell("bad 5 times as noisy, drop 0", normal(0, sd_bad=5), 0, 5.0),
    Cell("bad 5 times as noisy, drop 8", normal(-8, sd_bad=5), -8, 5.0),
    Cell("at the margin, drop 1", normal(-1), -1.0, 1.0),
    Cell("at the margin, drop 2 of rho 0.5", normal(-2, rho=0.5), -2.0, 2.0),
    Cell("gate 1, drop 0", normal(0), 0, 1.0, gate=True),
    Cell("gate 1, drop 0.5", normal(-0.5), -0.5, 1.0, gate=True),
    Cell("gate 1, drop 0.999", normal(-0.999), -0.999, 1.0, gate=True),
    Cell("gate 1, drop 1.001", normal(-1.001), -1.001, 1.0, gate=True),
    Cell("gate 1, drop 2", normal(-2), -2, 1.0, gate=True),
    Cell("gate 1, drop 4", normal(-4), -4, 1.0, gate=True),
    Cell("100 items, 90 % and 90 %", counted(0.9, 0.9, 100), 0, 3.0),
    Cell("100 items, 99 % and 98 %", counted(0.99, 0.98, 100), -1, 1.0),
    Cell("100 items, 99.9 % and 99.5 %", counted(0.999, 0.995, 100), -0.4, 0.4),
    Cell("100 items, 100 % and 99.5 %", counted(1.0, 0.995, 100), -0.5, 0.5),
    Cell("rounded to 1, sd 0.3, drop 0.3", rounded(-0.3, 0.3, 0), -0.3, 0.3),
    Cell("rounded to 0.1, sd 0.1, drop 0", rounded(0, 0.1, 1), 0, 0.2),
    Cell("heavy tails (t3), drop 0", heavy(0), 0, 2.0),
    Cell("heavy tails (t3), drop 2", heavy(-2), -2, 2.0),
    Cell("10 % collapse by 10 sigma", collapsing(0.1, 10), -1.0, 0.99, tail=True),
    Cell("10 % collapse by 40 sigma", collapsing(0.1, 40), -4.0, 2.0, tail=True),
)


def wrong(verdict: str, gate: str | None, cell: Cell) -> bool:
    """Whether the truth contradicts a verdict or a gate."""
    return (
        (verdict == "worse" and cell.truth >= 0)
        or (verdict == "better" and cell.truth <= 0)
        or (verdict == "equal" and abs(cell.truth) >= cell.margin)
        or (verdict == "not worse" and cell.truth <= -cell.margin)
        or (gate == "passed" and cell.truth <= -cell.margin)
        or (gate == "failed" and cell.truth >= -cell.margin)
    )


def compared(cell: Cell, repetitions: int) -> dict[str, Any]:
    """Run one cell; rates are shares of the repetitions."""
    verdicts: Counter[str] = Counter()
    errors = covered = 0
    trials = []
    for repetition in range(repetitions):
        rng = random.Random(f"{cell.name} {repetition}")
        settings = Settings(alpha=ALPHA, max_trials=cell.max_trials, seed=repetition)
        design = PairedComparison(settings, bad=1, margin=cell.margin, gate=cell.gate)
        while not design.done:
            scores: list[float] = []
            for _ in design.propose()[::2]:
                pair = cell.draw(rng)
                scores += (math.nan if rng.random() < FAILURES else score for score in pair)
            design.tell(scores)
        found = design.judgement
        verdicts[f"{found.verdict}, gate {found.gate}" if cell.gate else found.verdict] += 1
        errors += wrong(found.verdict, found.gate, cell)
        covered += found.low <= cell.truth <= found.high
        trials.append(design.asked)
    return {
        "cell": cell.name,
        "margin": cell.margin,
        "promised": not cell.tail,
        "wrong": errors / repetitions,
        "covered": covered / repetitions,
        "mean_trials": statistics.fmean(trials),
        "p90_trials": statistics.quantiles(trials, n=10)[-1],
        "verdicts": {verdict: n / repetitions for verdict, n in verdicts.most_common()},
    }


def sigma_covered(
    name: str, draw: Callable[[random.Random], float], sigma: float, n: int
) -> dict[str, Any]:
    """Return how often the interval of sigma holds the truth."""
    hits, widths, repetitions = 0, [], 2000
    for repetition in range(repetitions):
        rng = random.Random(f"{name} {repetition}")
        design = GoodAgainstItself(Settings(max_trials=n, seed=repetition))
        while not design.done:
            design.tell([draw(random.Random(f"{rng.random()}")) for _ in design.propose()])
        found = spread(design.runs)
        hits += found.low <= sigma <= found.high
        widths.append(found.high / found.low if found.low > 0 else math.inf)
    return {
        "cell": name,
        "trials": n,
        "covered": hits / repetitions,
        "median_high_over_low": statistics.median(widths),
    }


NOISE = (
    ("normal", lambda rng: rng.gauss(), 1.0, 12),
    ("normal", lambda rng: rng.gauss(), 1.0, 6),
    ("uniform", lambda rng: rng.uniform(-1, 1), 1 / math.sqrt(3), 12),
    ("t with 5 degrees of freedom",
     lambda rng: rng.gauss() / math.sqrt(rng.gammavariate(2.5, 2) / 5), math.sqrt(5 / 3), 12),
    ("1000 items, 95 %",
     lambda rng: 100 * statistics.NormalDist().inv_cdf(0.5) + sum(
         rng.random() < 0.95 for _ in range(1000)) / 10, math.sqrt(1000 * 0.95 * 0.05) / 10, 12),
)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repetitions", type=int, default=1000)
    parser.add_argument(
        "--out", type=Path, default=Path(__file__).parent / "results" / "compare.json"
    )
    asked = parser.parse_args()
    began = time.perf_counter()
    rows = []
    for cell in CELLS:
        row = compared(cell, asked.repetitions)
        rows.append(row)
        print(
            f"{cell.name:36} wrong {row['wrong']:6.1%}  covered {row['covered']:6.1%}  "
            f"trials {row['mean_trials']:6.1f} (p90 {row['p90_trials']:.0f})  "
            + ", ".join(f"{verdict} {share:.0%}" for verdict, share in row["verdicts"].items()),
            flush=True,
        )
    noise = [sigma_covered(*cell) for cell in NOISE]
    for row in noise:
        print(f"sigma, {row['cell']}, {row['trials']} trials: covered {row['covered']:.1%}")
    results = {
        "command": "python benchmarks/compare.py",
        "machine": f"{platform.system()} {platform.machine()}, Python {platform.python_version()}",
        "repetitions": asked.repetitions,
        "alpha": ALPHA,
        "failures": FAILURES,
        "seconds": round(time.perf_counter() - began, 1),
        "compare": rows,
        "noise": noise,
    }
    asked.out.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
