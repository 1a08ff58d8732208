"""Train the rows of one of the five cases and print them as a table.

A case is a folder here that holds recipes and `rows.yaml`: which recipes, with which values
changed, over how many seeds, and which columns of the history are told.
"""

import argparse
import json
import multiprocessing
import os
import statistics
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from whydrop.core.config.file import read_config
from whydrop.core.errors import WhydropError
from whydrop.training.recipes.load import load_recipe
from whydrop.training.recipes.schema import Recipe

CASES = sorted(file.parent.name for file in Path(__file__).parent.glob("*/rows.yaml"))


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Train the rows of a case; print a table.")
    parser.add_argument("case", choices=CASES)
    parser.add_argument("--full", action="store_true", help="as long and large as the question")
    parser.add_argument("--seeds", type=int, help="of each row, instead of the case's own")
    parser.add_argument(
        "--jobs", type=int, default=2, help="trainings side by side, one thread each"
    )
    parser.add_argument("--row", action="append", default=[], help="only rows with this in them")
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help="change every row"
    )
    parser.add_argument("--out", type=Path, help="JSON file for all numbers")
    return parser.parse_args()


def recipes_of(
    case: Mapping[str, Any], folder: Path, options: argparse.Namespace
) -> dict[str, Recipe]:
    """Return the recipe of each row by its name."""
    found = {}
    for row in case["rows"]:
        if options.row and not any(part in row["row"] for part in options.row):
            continue
        values = {**case["full"], **row.get("set", {}), **row.get("full", {})}
        if not options.full:
            values = row.get("set", {})
        changes = [f"{key}={json.dumps(value)}" for key, value in values.items()]
        found[row["row"]] = load_recipe(folder / row["recipe"], [*changes, *options.set])
    return found


def trained(recipe: Mapping[str, Any], seed: int) -> dict[str, Any]:
    """Return what the last epoch of a training gave, and how long it took."""
    import torch

    from whydrop.training.recipes.build import make_learner
    from whydrop.training.recipes.load import checked

    torch.set_num_threads(1)
    started = time.perf_counter()
    read = checked(recipe)
    history = make_learner(read, seed).fit(read.train.epochs, quiet=True)
    last = dict(history.rows[-1])
    return {
        **last,
        "reported": last[read.metrics.report],
        "seconds": time.perf_counter() - started,
        "curves": {name: history[name] for name in (read.metrics.report, "valid_loss")},
    }


def told(values: Sequence[float | None], name: str) -> str:
    """Return the mean over seeds, and how much they differ: points where it is a share."""
    known = [value for value in values if value is not None]
    if not known:
        return ""
    scale, digits = (1, 4) if name.endswith("loss") else (100, 1)
    mean = f"{scale * statistics.mean(known):.{digits}f}"
    return mean if len(known) < 2 else f"{mean} ± {scale * statistics.stdev(known):.{digits}f}"


def run_all(
    rows: Mapping[str, Recipe], seeds: Sequence[int], jobs: int
) -> dict[str, list[dict[str, Any]]]:
    """Return what each row gave, seed by seed; tells each row as it is done."""
    context = multiprocessing.get_context("spawn")  # a fork would share torch's threads
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    done = {}
    with ProcessPoolExecutor(jobs, context) as pool:
        waiting = {
            name: [pool.submit(trained, recipe.plain(), seed) for seed in seeds]
            for name, recipe in rows.items()
        }
        try:
            for name, futures in waiting.items():
                done[name] = [future.result() for future in futures]
                print(f"{name}: {told([r['reported'] for r in done[name]], '')}", file=sys.stderr)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return done


def table_of(title: str, columns: Sequence[str], done: Mapping[str, Sequence[Any]]) -> Table:
    table = Table(box=None, title=title, title_justify="left")
    table.add_column("row", overflow="fold")
    for column in (*columns, "seconds"):
        table.add_column(column, justify="right")
    for name, runs in done.items():
        cells = [told([run.get(column) for run in runs], column) for column in columns]
        seconds = statistics.mean(run["seconds"] for run in runs)
        table.add_row(name, *cells, f"{seconds:.0f}")
    return table


def main() -> int:
    options = parse_arguments()
    folder = Path(__file__).parent / options.case
    try:
        case = read_config(folder / "rows.yaml").document.data
        rows = recipes_of(case, folder, options)
        seeds = range(options.seeds or case["seeds"])
        done = run_all(rows, seeds, options.jobs)
    except WhydropError as error:
        print(f"run_case: {error}", file=sys.stderr)
        return error.exit_status
    title = f"{options.case}, {len(seeds)} seed{'s' * (len(seeds) > 1)} a row"
    table = table_of(title, case["columns"], done)
    Console(width=None if sys.stdout.isatty() else 120).print(table)
    if options.out is not None:
        kept = {name: {"recipe": rows[name].plain(), "runs": runs} for name, runs in done.items()}
        options.out.write_text(json.dumps(kept, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
