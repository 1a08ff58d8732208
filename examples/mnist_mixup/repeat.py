"""Repeat one of the programs with and without mixup, seed by seed, and keep what it says.

The file grows after each training, so that an interrupted repetition goes on where it was.
"""

import argparse
import dataclasses
import importlib
import json
import os
import platform
import sys
import time
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from data import load
from settings import Settings

PACKAGES = {
    "plain": ("torch",),
    "averaged_first": ("torch",),
    "with_lightning": ("lightning", "torch"),
    "with_keras": ("keras", os.environ.get("KERAS_BACKEND", "tensorflow")),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program", choices=list(PACKAGES))
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--alphas", type=float, nargs="+", default=[0.0, 0.4])
    parser.add_argument("--epochs", type=int, default=Settings.epochs)
    parser.add_argument("--data", type=Path, default=os.environ.get("WHYDROP_DATA", "data"))
    parser.add_argument("--out", type=Path, required=True, help="the JSON file")
    options = parser.parse_args()
    kept: dict[str, Any] = {
        "command": " ".join(["python", "repeat.py", *sys.argv[1:]]),
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "machine": _machine(),
        "versions": {name: version(name) for name in PACKAGES[options.program]},
        "settings": _shared(Settings(epochs=options.epochs)),
        "trainings": [],
    }
    if options.out.exists():
        before = json.loads(options.out.read_text())
        if before["settings"] != json.loads(json.dumps(kept["settings"])):
            raise SystemExit(f"{options.out} is of other settings: give another --out")
        kept["trainings"] = before["trainings"]
    done = {(one["alpha"], one["seed"]) for one in kept["trainings"]}
    train = importlib.import_module(options.program).train
    digits = load(options.data, "train"), load(options.data, "t10k")
    for seed in range(options.seeds):
        for alpha in options.alphas:
            if (alpha, seed) in done:
                continue
            begun = time.perf_counter()
            epochs = train(Settings(alpha, seed, options.epochs), *digits)
            kept["trainings"].append(
                {
                    "alpha": alpha,
                    "seed": seed,
                    "seconds": round(time.perf_counter() - begun, 1),
                    "epochs": [_rounded(dataclasses.asdict(epoch)) for epoch in epochs],
                }
            )
            _write(options.out, kept)


def _machine() -> str:
    return f"{platform.machine()}, {os.cpu_count()} cores, {platform.system()}"


def _shared(settings: Settings) -> dict[str, Any]:
    values = dataclasses.asdict(settings)
    return {name: value for name, value in values.items() if name not in ("alpha", "seed")}


def _rounded(values: dict[str, float]) -> dict[str, float]:
    return {name: round(value, 6) for name, value in values.items()}


def _write(file: Path, kept: dict[str, Any]) -> None:
    """Write a line a training."""
    *head, _ = json.dumps({**kept, "trainings": []}, indent=1).rsplit("\n", 2)
    lines = ",\n".join("  " + json.dumps(one) for one in kept["trainings"])
    part = file.with_suffix(".part")
    part.write_text(f'{head[0]}\n "trainings": [\n{lines}\n ]\n}}\n')
    part.replace(file)


if __name__ == "__main__":
    main()
