"""mlbisect, the nearest published tool, driven in-process over a simulated world.

The tool is used as it comes: its own search, sampler, seeds, defaults and report. Its subprocess
executor is replaced by the world, and its bootstrap by one with the same draws done in NumPy.
"""

import math
import random
from collections.abc import Collection, Sequence
from functools import cache
from unittest import mock

import mlbisect
import numpy as np
from answer import Answer
from mlbisect import sampler as mlbisect_sampler
from mlbisect import stats as mlbisect_stats
from mlbisect.config import Configuration
from mlbisect.executors.base import RunResult
from mlbisect.manifest import Axis, BudgetConfig, Manifest, MetricConfig, RunConfig
from mlbisect.report import build_report
from mlbisect.search import find_culprits
from numpy.typing import NDArray
from world import World

from whydrop.core.factor import arm_of

VERSION = mlbisect.__version__
DEFAULT_BUDGET = BudgetConfig().max_runs
ASSUMES = "At most three failing sets, each worth over half of min_effect; one verdict for ever."


def ask(world: World, min_effect: float, max_runs: int = DEFAULT_BUDGET) -> Answer:
    """Return what mlbisect's report says of a world.

    Args:
        world: whose factors become its axes.
        min_effect: of its manifest, in points; half of it is its threshold for "bad".
        max_runs: of its manifest.
    """
    manifest = Manifest(
        version=1,
        name="simulated",
        metric=MetricConfig(name="accuracy", direction="higher_is_better", min_effect=min_effect),
        run=RunConfig(command="never started"),
        axes=[Axis(name=f"factor_{i}", old="off", new="on") for i in range(world.k)],
        budget=BudgetConfig(max_runs=max_runs),
    )
    with mock.patch.object(mlbisect_sampler, "bootstrap_ci", bootstrap_ci):
        result = find_culprits(_Executor(world), manifest)
    report = build_report(manifest, result)
    confirmed = [_factors(axes) for axes in report["culprit_sets"]]
    tentative = [_factors(axes) for axes in report["tentative_culprit_sets"]]
    covered: dict[bool, list[bool]] = {True: [], False: []}
    for row in report["configurations"]:
        factors = _factors(row["config"])
        if factors and row["ci"] is not None:
            low, high = row["ci"]
            shown_as_cause = factors in confirmed or factors in tentative
            covered[shown_as_cause].append(low <= world.drop(arm_of(sorted(factors))) <= high)
    named = frozenset[int]().union(*confirmed)
    return Answer(
        named=named,
        suspected=named.union(*tentative),
        covered=tuple(covered[True]),
        also_covered=tuple(covered[False]),
        trials=world.runs,
    )


class _Executor:
    def __init__(self, world: World) -> None:
        self.world = world

    def run(self, config: Configuration, seed: int) -> RunResult:
        score = self.world.run(arm_of(sorted(_factors(config.axes))), seed)
        failed = math.isnan(score)
        return RunResult(
            config=config.axes,
            seed=seed,
            metric=None if failed else score,
            ok=not failed,
            duration_s=0.0,
            error="no metric" if failed else None,
        )


def _factors(axes: Collection[str]) -> frozenset[int]:
    return frozenset(int(axis.removeprefix("factor_")) for axis in axes)


def bootstrap_ci(
    baseline: Sequence[float],
    configuration: Sequence[float],
    direction: str,
    confidence: float = 0.95,
    resamples: int = 2000,
    seed: int = 0,
) -> tuple[float, float]:
    """Return what mlbisect.stats.bootstrap_ci returns, 50 times sooner."""
    of_baseline, of_configuration = _draws(len(baseline), len(configuration), resamples, seed)
    means = np.asarray(baseline)[of_baseline].mean(axis=1)
    drops = means - np.asarray(configuration)[of_configuration].mean(axis=1)
    ordered = np.sort(drops if direction == "higher_is_better" else -drops)
    tail = (1.0 - confidence) / 2.0
    # the tool's linear interpolation between order statistics is NumPy's default
    low, high = np.quantile(ordered, [tail, 1.0 - tail])
    return float(low), float(high)


@cache
def _draws(
    n_baseline: int, n_configuration: int, resamples: int, seed: int
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return the positions that the tool draws, (resamples, n_baseline) and (.., n_configuration).

    They depend on the seed and the sizes alone, and the tool seeds by configuration.
    """
    rng = random.Random(seed)
    sizes = [n_baseline] * n_baseline + [n_configuration] * n_configuration
    drawn = np.array([[rng.randrange(size) for size in sizes] for _ in range(resamples)], np.uint8)
    return drawn[:, :n_baseline], drawn[:, n_baseline:]


def require_same_bootstrap() -> None:
    """Raise AssertionError when an installed mlbisect resamples in another way than ours."""
    rng = random.Random(1)
    baseline = [rng.gauss(80, 1) for _ in range(5)]
    configuration = [rng.gauss(78, 1) for _ in range(7)]
    theirs = mlbisect_stats.bootstrap_ci(baseline, configuration, "higher_is_better", seed=3)
    ours = bootstrap_ci(baseline, configuration, "higher_is_better", seed=3)
    assert np.allclose(theirs, ours, rtol=0, atol=1e-9), (theirs, ours)
