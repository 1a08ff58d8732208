"""How often the demonstration's study names exactly what is planted, over many study seeds.

Every study is run whole, with real trainings and through the public door, as `whydrop demo` does.

    python benchmarks/demo.py               # 20 studies: about 10 minutes on 2 cores
    python benchmarks/demo.py --studies 3   # a look

Writes benchmarks/results/demo.json after each; exits with 1 if a promise is broken.
"""

import argparse
import json
import os
import platform
import tempfile
import time
from pathlib import Path
from typing import Any

import whydrop
from whydrop.demo import BAD, GOOD, METRIC, PLANTED, PROGRAM

RESULT = Path(__file__).parent / "results" / "demo.json"
FIRST_SEED = 1
LEAST_EXACT = 0.9  # of the studies name the planted set and nothing else
MOST_FALSE = 0.05  # of the studies name a harmless factor


def study(seed: int, jobs: int) -> dict[str, Any]:
    """Return what one study found; its folder is deleted."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        result = whydrop.explain(
            PROGRAM, good=GOOD, bad=BAD, metric=METRIC, jobs=jobs, seed=seed, study=f"{folder}/s"
        )
    named = {row.name for row in result.factors if row.verdict == "culprit"}
    return {
        "seed": seed,
        "verdict": result.verdict,
        "named": sorted(named),
        "exact": named == PLANTED,
        "false": sorted(named - PLANTED),
        "effects": [
            {
                "factors": effect.factors,
                "effect": round(effect.value, 2),
                "low": round(effect.low, 2),
                "high": round(effect.high, 2),
            }
            for effect in (*result.culprits, *result.interactions)
        ],
        "trials": result.trials.total,
        "by_phase": dict(result.trials.by_phase),
        "training_seconds": round(result.trials.seconds, 1),
        "wall_seconds": round(time.monotonic() - started, 1),
    }


def summary_of(rows: list[dict[str, Any]], jobs: int, load: float) -> dict[str, Any]:
    return {
        "planted": sorted(PLANTED),
        "studies": len(rows),
        "exact": sum(row["exact"] for row in rows),
        "with_a_harmless_factor": sum(bool(row["false"]) for row in rows),
        "mean_trials": round(sum(row["trials"] for row in rows) / len(rows), 1),
        "mean_wall_seconds": round(sum(row["wall_seconds"] for row in rows) / len(rows), 1),
        "jobs": jobs,
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, load before {load:.1f}",
        "runs": rows,
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=20)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--out", type=Path, default=RESULT)
    options = parser.parse_args()
    load = os.getloadavg()[0]
    rows = []
    for seed in range(FIRST_SEED, FIRST_SEED + options.studies):
        row = study(seed, options.jobs)
        rows.append(row)
        summary = summary_of(rows, options.jobs, load)
        options.out.write_text(json.dumps(summary, indent=1) + "\n")
        print(
            f"seed {seed:2}  {row['verdict']:16} {row['trials']:3} trials "
            f"{row['wall_seconds']:5.0f} s  {'exact' if row['exact'] else row['named']}",
            flush=True,
        )
    print(
        f"exactly the planted set in {summary['exact']} of {len(rows)}, a harmless factor in "
        f"{summary['with_a_harmless_factor']}; {summary['mean_trials']} trials and "
        f"{summary['mean_wall_seconds']} s on average"
    )
    exact, false = summary["exact"] / len(rows), summary["with_a_harmless_factor"] / len(rows)
    return 0 if exact >= LEAST_EXACT and false <= MOST_FALSE else 1


if __name__ == "__main__":
    raise SystemExit(main())
