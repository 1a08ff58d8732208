"""Measure the procedures people use today, and mlbisect, on simulated worlds.

    python benchmarks/simulation/run_baselines.py              everything, into benchmarks/results
    python benchmarks/simulation/run_baselines.py baselines    one of the two tables
    python benchmarks/simulation/run_baselines.py mlbisect
    python benchmarks/simulation/run_baselines.py --quick      a few cells; kept only with --out

mlbisect is in the dependency group "bench", which "dev" includes.
"""

import argparse
import datetime
import importlib.metadata
import json
import platform
import shlex
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
from answer import Answer
from baselines import Procedure, applicable, assumption
from cells import LEVEL_NOISE, PEER, SHARED_SEEDS, UNEQUAL_NOISE, Cell
from tables import Row, assumption_list, baseline_table, peer_table, situation
from world import World

from whydrop.explain.settings import Settings

RESULTS = Path(__file__).parents[1] / "results"
REPETITIONS = 600
BASELINE_CELLS = (*LEVEL_NOISE, *UNEQUAL_NOISE, *SHARED_SEEDS)
# Points: the smallest true effect of the PEER cells; of 1, 2, 3 and 4 the one that serves it best.
PEER_MIN_EFFECT = 2.0
AMPLE_BUDGET = 300  # trials
WHYDROP_ASSUMES = (
    "To find: few causes, each one factor, an AND of two or three, or an OR of two. Not to name "
    "falsely: differences of paired trials that are normal, or symmetric where nothing changes."
)


class Contender(NamedTuple):
    """A procedure with its settings.

    Attributes:
        name: in the table.
        ask: returns its answer for one world.
        assumes: what must hold for it to be right.
        budget: the most trials it may make; None where it has no such setting.
    """

    name: str
    ask: Callable[[World], Answer]
    assumes: str
    budget: int | None = None


def baseline_contenders(cell: Cell) -> Iterator[Contender]:
    """Yield the procedures of today that can be run in a cell."""

    def ask(procedure: Procedure, world: World) -> Answer:
        return Answer(named=procedure(world, cell.gap), trials=world.runs)

    for procedure in applicable(cell.k):
        yield Contender(procedure.__name__, partial(ask, procedure), assumption(procedure))


def peer_contenders(cell: Cell) -> Iterator[Contender]:
    """Yield mlbisect and whydrop, with mlbisect's own budget, whydrop's own, and others."""
    import engine
    import mlbisect_peer

    from whydrop.explain.screen import SUSPECT

    def whydrop(world: World, budget: int) -> Answer:
        settings = Settings(min_effect=PEER_MIN_EFFECT, max_trials=budget)
        design, answer, _ = engine.study(world, settings)
        likely = (i for i, p in enumerate(design.beliefs().inclusion) if p >= SUSPECT)
        return replace(answer, suspected=answer.named.union(likely))

    mlbisect_peer.require_same_bootstrap()
    for budget in (mlbisect_peer.DEFAULT_BUDGET, Settings().max_trials, AMPLE_BUDGET):
        yield Contender(
            f"mlbisect {mlbisect_peer.VERSION}",
            partial(mlbisect_peer.ask, min_effect=PEER_MIN_EFFECT, max_runs=budget),
            mlbisect_peer.ASSUMES,
            budget,
        )
    for budget in (mlbisect_peer.DEFAULT_BUDGET, 80, 100, Settings().max_trials, AMPLE_BUDGET):
        yield Contender("whydrop", partial(whydrop, budget=budget), WHYDROP_ASSUMES, budget)


def measured(cell: Cell, contender: Contender, repetitions: int) -> Row:
    """Return one line of a table: how often a procedure is right in a cell, and what it pays.

    An exact answer names the whole target and no harmless factor; with nothing to find, it names
    nothing. A false naming is any harmless factor. Shares are 0 to 1.
    """
    started = time.perf_counter()
    worlds = [cell.world(replicate) for replicate in range(repetitions)]
    answers = [contender.ask(world) for world in worlds]
    trials = [answer.trials for answer in answers]
    row = {
        "k": cell.k,
        "truth": cell.truth,
        "gap": cell.gap,
        "sigma": cell.sigma,
        "rho": cell.rho,
        "noise_at_bad": cell.noise_at_bad,
        "procedure": contender.name,
        "budget": contender.budget,
        "repetitions": repetitions,
        **_accuracy(worlds, [answer.named for answer in answers], "exact", "false"),
        "found": _found(worlds, answers),
        "trials_mean": round(float(np.mean(trials)), 1),
        "trials_p90": int(np.percentile(trials, 90)),
    }
    if any(answer.suspected for answer in answers):
        suspected = [answer.suspected for answer in answers]
        row |= _accuracy(worlds, suspected, "exact_suspected", "false_suspected")
    for key in ("covered", "also_covered"):
        if inside := [hit for answer in answers for hit in getattr(answer, key)]:
            row[key] = _share(inside)
            row[f"{key}_of"] = len(inside)
    return row | {"seconds": round(time.perf_counter() - started, 2)}


def _accuracy(
    worlds: Sequence[World], named: Sequence[frozenset[int]], exact: str, false: str
) -> Row:
    pairs = list(zip(worlds, named, strict=True))
    return {
        exact: _share(world.target <= found <= world.active for world, found in pairs),
        false: _share(not found <= world.active for world, found in pairs),
    }


def _found(worlds: Sequence[World], answers: Sequence[Answer]) -> float | None:
    """Return the mean share of the target that is named; None with nothing to find."""
    shares = [
        len(world.target & answer.named) / len(world.target)
        for world, answer in zip(worlds, answers, strict=True)
        if world.target
    ]
    return round(float(np.mean(shares)), 4) if shares else None


def _share(hits: Iterable[bool]) -> float:
    return round(float(np.mean(list(hits))), 4)


def rows_of(
    cells: Sequence[Cell],
    contenders: Callable[[Cell], Iterable[Contender]],
    repetitions: int,
) -> list[Row]:
    """Return a row for each contender in each cell, telling on standard error how far it is."""
    rows = []
    for number, cell in enumerate(cells, 1):
        print(
            f"cell {number} of {len(cells)}: {situation(vars(cell))}, truth {cell.truth}",
            file=sys.stderr,
        )
        rows += [measured(cell, contender, repetitions) for contender in contenders(cell)]
    return rows


def store(path: Path, rows: Sequence[Row], assumptions: dict[str, str]) -> None:
    """Write JSON lines: first how and where they were measured, then one line a row."""
    about = {
        "command": shlex.join(["python", *sys.argv]),
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "machine": f"{platform.machine()}, {platform.system()}, Python {platform.python_version()}",
        "numpy": np.__version__,
        "whydrop": importlib.metadata.version("whydrop"),
        "seeds": "numpy default_rng([k, replicate])",
        "assumptions": assumptions,
    }
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(json.dumps(line) + "\n" for line in ({"about": about}, *rows)))


TABLES = {
    "baselines": (BASELINE_CELLS, baseline_contenders, baseline_table),
    "mlbisect": (PEER, peer_contenders, peer_table),
}
QUICK_CELLS = {
    "baselines": (Cell(7, "one", 4.0), Cell(7, "and2", 4.0), Cell(7, "or2", 4.0)),
    "mlbisect": (PEER[0], PEER[-1]),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("table", nargs="?", choices=TABLES, help="default: both")
    parser.add_argument("--quick", action="store_true", help="a few cells; kept only with --out")
    parser.add_argument("--repetitions", type=int, help=f"default {REPETITIONS}, quick 10")
    parser.add_argument(
        "--out", type=Path, help="folder for the results; default benchmarks/results"
    )
    options = parser.parse_args()
    repetitions = options.repetitions or (10 if options.quick else REPETITIONS)
    folder = options.out or (None if options.quick else RESULTS)
    for name in [options.table] if options.table else list(TABLES):
        cells, contenders, table = TABLES[name]
        cells = QUICK_CELLS[name] if options.quick else cells
        assumptions = {who.name: who.assumes for cell in cells for who in contenders(cell)}
        rows = rows_of(cells, contenders, repetitions)
        text = f"{table(rows)}\n{assumption_list(assumptions)}"
        print(text)
        if folder:
            store(folder / f"{name}.jsonl", rows, assumptions)
            (folder / f"{name}.md").write_text(text)


if __name__ == "__main__":
    main()
