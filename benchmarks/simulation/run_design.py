"""Measure whydrop's own design on simulated worlds: accuracy, cost, coverage, the guarantee.

    python benchmarks/simulation/run_design.py             all, into benchmarks/results
    python benchmarks/simulation/run_design.py --part A    cells with targets
    python benchmarks/simulation/run_design.py --part B    causes that add up
    python benchmarks/simulation/run_design.py --part C    the guarantee under attack
    python benchmarks/simulation/run_design.py --part D    branches
    python benchmarks/simulation/run_design.py --quick     a few cells; kept only with --out

A row is kept as soon as it is measured. Started again, the command makes only what is missing, or
was made with other code or fewer repetitions.
"""

import argparse
import datetime
import json
import math
import multiprocessing
import os
import platform
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from multiprocessing.pool import Pool
from pathlib import Path
from typing import Any

import numpy as np
from attack import Attack
from catalogue import CATALOGUE, QUICK, Work
from design_tables import report
from provenance import fingerprint
from summary import attack_row, case_row, missed

RESULTS = Path(__file__).parents[1] / "results"
REPETITIONS = {"A": 300, "B": 300, "C": 2000, "D": 200}
QUICK_REPETITIONS = 6
GUESS_SECONDS = 0.15  # of a study or an attack that was never measured
CHUNK = 5  # repetitions that a process takes at once

Row = dict[str, Any]


def measured(work: Work, repetitions: int, pool: Pool) -> Row:
    """Return the row of a case or an attack; equal for equal code, whatever the processes."""
    replicates = range(repetitions)
    if isinstance(work, Attack):
        return attack_row(pool.map(work.measure, replicates, CHUNK))
    return case_row(pool.map(work.measure, replicates, CHUNK))


def kept(path: Path | None) -> dict[str, Row]:
    """Return the rows of an earlier run by their key; a line cut off by an interruption is none."""
    rows: dict[str, Row] = {}
    if path and path.exists():
        for line in path.read_text().splitlines():
            try:
                row = json.loads(line)
            except json.JSONDecodeError:
                continue
            if "key" in row:
                rows[row["key"]] = row
    return rows


def missing(
    works: Sequence[Work], rows: Mapping[str, Row], engine: str, repetitions: Mapping[str, int]
) -> Iterator[Work]:
    """Yield what has no row of this code with so many repetitions."""
    for work in works:
        row = rows.get(work.key)
        if not row or row["engine"] != engine or row["repetitions"] < repetitions[work.part]:
            yield work


def seconds_of(
    works: Sequence[Work], rows: Mapping[str, Row], repetitions: Mapping[str, int]
) -> float:
    """Return the CPU seconds that works will take, by what their last rows took."""
    return math.fsum(
        rows.get(work.key, {}).get("seconds_each", GUESS_SECONDS) * repetitions[work.part]
        for work in works
    )


def store(folder: Path, works: Sequence[Work], rows: Mapping[str, Row], engine: str) -> str:
    """Write rows in the order of the catalogue, and the report; return the latter."""
    lines = [(work, rows[work.key]) for work in works if work.key in rows]
    about = {
        "command": "python benchmarks/simulation/run_design.py",
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "machine": f"{platform.machine()}, {platform.system()}, Python {platform.python_version()}",
        "numpy": np.__version__,
        "engine": engine,
        "seeds": "worlds: numpy default_rng([k, replicate]), replicate 0, 1, ...; "
        "the study's seed is the replicate",
    }
    text = report(lines, engine=engine)
    entries = [{"about": about}, *(row for _, row in lines)]
    _replace(folder / "design.jsonl", "".join(json.dumps(entry) + "\n" for entry in entries))
    _replace(folder / "design.md", text)
    return text


def _replace(path: Path, text: str) -> None:
    draft = path.with_suffix(".part")
    draft.write_text(text)
    draft.replace(path)


def run(
    works: Sequence[Work],
    repetitions: Mapping[str, int],
    rows: dict[str, Row],
    *,
    engine: str,
    path: Path | None,
    processes: int,
) -> None:
    """Measure works one after the other, adding their rows to rows and to a file."""
    estimate = seconds_of(works, rows, repetitions) / processes / 60
    _tell(f"rows to measure: {len(works)}, about {estimate:.0f} minutes on {processes} processes")
    os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    started = time.perf_counter()
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        for number, work in enumerate(works, 1):
            n = repetitions[work.part]
            row = {"key": work.key, "part": work.part, "engine": engine, "repetitions": n}
            row |= measured(work, n, pool)
            rows[work.key] = row
            if path:
                with path.open("a") as file:
                    file.write(json.dumps(row) + "\n")
            left = seconds_of(works[number:], rows, repetitions) / processes / 60
            _tell(
                f"{number}/{len(works)} {_gist(work, row)}; "
                f"{(time.perf_counter() - started) / 60:.1f} minutes gone, about {left:.0f} left"
            )


def _gist(work: Work, row: Row) -> str:
    cell = f"{work.part} k={work.cell.k} {work.cell.truth} {work.cell.gap:g}"
    if isinstance(work, Attack):
        return f"{cell}, {work.kind}: false {100 * row['false']:.2f} %"
    measured_text = f"exact {100 * row['exact']:.1f} %, {row['trials']:.1f} trials"
    return f"{cell}: {measured_text}, missed: {', '.join(missed(work, row)) or 'nothing'}"


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--part", choices=REPETITIONS, action="append", help="default: all")
    parser.add_argument("--quick", action="store_true", help="a few cells; kept only with --out")
    parser.add_argument("--repetitions", type=int, help=f"default {REPETITIONS}")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--out", type=Path, help="folder; default benchmarks/results")
    options = parser.parse_args()
    catalogue = QUICK if options.quick else CATALOGUE
    default = dict.fromkeys(REPETITIONS, QUICK_REPETITIONS) if options.quick else REPETITIONS
    repetitions = {part: options.repetitions or n for part, n in default.items()}
    folder = options.out or (None if options.quick else RESULTS)
    path = folder / "design.jsonl" if folder else None
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
    engine = fingerprint()
    rows = kept(path)
    wanted = [work for work in catalogue if work.part in (options.part or REPETITIONS)]
    todo = list(missing(wanted, rows, engine, repetitions))
    run(todo, repetitions, rows, engine=engine, path=path, processes=options.processes)
    if folder:
        text = store(folder, catalogue, rows, engine)
    else:
        lines = [(work, rows[work.key]) for work in catalogue if work.key in rows]
        text = report(lines, engine=engine)
    print(text)


if __name__ == "__main__":
    main()
