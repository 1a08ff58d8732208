"""The procedures people use today to find which differences lowered a metric.

Each takes a world and the gap its user believes in, in points, and returns the factors that it
calls harmful. The first line of each docstring is what the procedure must assume to be right.
All of them make a failed trial again with a new seed; the world counts every attempt.
"""

import functools
import math
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import hadamard
from world import World

from whydrop.core.factor import arm_of
from whydrop.stats.sequential import anytime_interval, mean_and_sd, t_quantile

Named = frozenset[int]
Procedure = Callable[[World, float], Named]

ALPHA = 0.05
REPEATS = 4  # of each arm, where a procedure fixes the number
LEAST, MOST = 3, 8  # repeats of each arm, where it looks until it is sure
SEEDS = 14  # at most, for the sequential one-at-a-time procedures
GATE = 0.25  # of the gap: a smaller effect does not matter


class Trials:
    """The scores a procedure has paid for."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._seed = 0
        self._scores: dict[int, list[float]] = {}

    def score(self, arm: int) -> float:
        """Return one new score of an arm."""
        while True:
            self._seed += 1
            score = self.world.run(arm, self._seed)
            if not math.isnan(score):
                return score

    def seeded(self, arm: int, seed: int) -> float:
        """Return the score of an arm with a seed that other arms share too."""
        score = self.world.run(arm, seed)
        return self.score(arm) if math.isnan(score) else score

    def scores(self, arm: int, n: int) -> list[float]:
        """Return n scores of an arm; those bought before are used again."""
        kept = self._scores.setdefault(arm, [])
        while len(kept) < n:
            kept.append(self.score(arm))
        return kept[:n]


# One factor at a time: Bonferroni over the factors; pooled t, or an anytime t on paired seeds


def ofat4(world: World, gap: float) -> Named:
    """Each culprit hurts with nothing else on (blind to AND); 4 seeds an arm, level noise."""
    return _one_at_a_time(world, base=0)


def loo4(world: World, gap: float) -> Named:
    """Each culprit hurts with all else on (blind to OR); 4 seeds an arm, level noise."""
    return _one_at_a_time(world, base=world.bad)


def ofat_seq(world: World, gap: float) -> Named:
    """Each culprit hurts with nothing else on (blind to AND); up to 14 paired seeds."""
    return _one_at_a_time_until_sure(world, gap, base=0)


def loo_seq(world: World, gap: float) -> Named:
    """Each culprit hurts with all else on (blind to OR); up to 14 paired seeds."""
    return _one_at_a_time_until_sure(world, gap, base=world.bad)


def _one_at_a_time(world: World, base: int) -> Named:
    trials = Trials(world)
    arms = [base, *(base ^ 1 << i for i in range(world.k))]
    scores = np.array([trials.scores(arm, REPEATS) for arm in arms])  # (k + 1, REPEATS)
    switched = scores.mean(axis=1)
    # switching on costs base - switched; in the bad run the switch is off, and it is the reverse
    cost = (switched[0] - switched[1:]) * (-1 if base else 1)
    pooled = math.sqrt(scores.var(axis=1, ddof=1).mean())
    quantile = t_quantile(ALPHA / world.k, len(arms) * (REPEATS - 1))
    return _positions(cost > quantile * pooled * math.sqrt(2 / REPEATS))


def _one_at_a_time_until_sure(world: World, gap: float, base: int) -> Named:
    trials = Trials(world)
    costs: list[list[float]] = [[] for _ in range(world.k)]
    named, doubtful = set(), set(range(world.k))
    for seed in range(10_000, 10_000 + SEEDS):
        if not doubtful:
            break
        at_base = trials.seeded(base, seed)
        for i in sorted(doubtful):
            lost = at_base - trials.seeded(base ^ 1 << i, seed)
            costs[i].append(-lost if base else lost)
            if len(costs[i]) < LEAST:
                continue
            if anytime_lower(costs[i], ALPHA / world.k) > 0:
                named.add(i)
                doubtful.discard(i)
            elif anytime_lower([GATE * gap - cost for cost in costs[i]], 0.1) > 0:
                doubtful.discard(i)
    return frozenset(named)


# Delta debugging


def ddmin(world: World, gap: float) -> Named:
    """One set of factors alone is worth over half of the gap, and there is a gap.

    Source: Zeller and Hildebrandt (2002), IEEE Trans. Softw. Eng. 28, 183-200.
    """
    is_bad = _halfway_test(world)
    current = _shuffled(world)
    parts = 2
    while len(current) > 1:
        chunks = _chunks(current, parts)
        bad = next((chunk for chunk in chunks if is_bad(arm_of(chunk))), None)
        if bad is not None:
            current, parts = bad, 2
            continue
        rests = [[i for i in current if i not in chunk] for chunk in chunks]
        bad = next((rest for rest in rests if parts > 2 and is_bad(arm_of(rest))), None)
        if bad is not None:
            current, parts = bad, max(parts - 1, 2)
        elif parts == len(current):
            break
        else:
            parts = min(len(current), 2 * parts)
    return frozenset(current)


def probdd(world: World, gap: float) -> Named:
    """One set of factors alone is worth over half of the gap, and there is a gap.

    Source: Wang et al. (2021), Probabilistic delta debugging, ESEC/FSE, 881-892.
    """
    is_bad = _halfway_test(world)
    kept = set(range(world.k))
    needed = dict.fromkeys(kept, 0.25 if world.k > 8 else 0.3)
    while doubtful := [i for i in _shuffled(world) if i in kept and needed[i] < 0.95]:
        doubtful.sort(key=needed.__getitem__)
        none_needed = np.cumprod([1 - needed[i] for i in doubtful])
        best = int(np.argmax(none_needed * np.arange(1, len(doubtful) + 1)))
        without = doubtful[: best + 1]
        if is_bad(arm_of(sorted(kept.difference(without)))):
            kept.difference_update(without)
        elif len(without) == 1:
            needed[without[0]] = 1.0
        else:
            for i in without:
                needed[i] = min(1.0, needed[i] / (1 - float(none_needed[best])))
    return frozenset(kept)


def _halfway_test(world: World) -> Callable[[int], bool]:
    """Return a test of an arm against the middle between good and bad, one answer an arm.

    It repeats an arm until a 90 % t interval of its mean leaves the middle, 3 to 8 times.
    """
    trials = Trials(world)
    ends = [mean_and_sd(trials.scores(arm, 5))[0] for arm in (0, world.bad)]
    middle = sum(ends) / 2

    @functools.cache
    def is_bad(arm: int) -> bool:
        scores = []
        while True:
            scores.append(trials.score(arm))
            if (n := len(scores)) < LEAST:
                continue
            mean, sd = mean_and_sd(scores)
            if n == MOST or abs(mean - middle) > t_quantile(0.05, n - 1) * sd / math.sqrt(n):
                return mean < middle

    return is_bad


# Group screening


def seqbif(world: World, gap: float) -> Named:
    """Effects add up, none helps, and each is worth over a quarter of the gap.

    Source: Bettonvil and Kleijnen (1997), Eur. J. Oper. Res. 96, 180-194.
    """
    trials = Trials(world)
    order = _shuffled(world)
    upto = [arm_of(order[:j]) for j in range(world.k + 1)]

    def matters(start: int, stop: int) -> bool:
        for n in range(LEAST, MOST + 1):
            before, sd_before = mean_and_sd(trials.scores(upto[start], n))
            after, sd_after = mean_and_sd(trials.scores(upto[stop], n))
            radius = t_quantile(0.05, 2 * n - 2) * math.sqrt((sd_before**2 + sd_after**2) / n)
            if abs(before - after - GATE * gap) > radius:
                break
        return before - after >= GATE * gap

    named, groups = set(), [(0, world.k)]
    while groups:
        start, stop = groups.pop(0)
        if not matters(start, stop):
            continue
        if stop - start == 1:
            named.add(order[start])
        else:
            middle = (start + stop) // 2
            groups += [(start, middle), (middle, stop)]
    return frozenset(named)


# Fixed designs


def foldover(world: World, gap: float) -> Named:
    """Effects add up and the noise is level; a two-level screening design and its mirror."""
    rows = next(n for n in (8, 16, 32) if n > world.k)
    half = hadamard(rows)[:, 1 : world.k + 1]
    return _fitted(world, np.vstack([half, -half]))


def factorial(world: World, gap: float) -> Named:
    """At most pairs interact, the noise is level, and 2^k trials are affordable."""
    arms = np.arange(2**world.k)
    levels = 2 * (arms[:, None] >> np.arange(world.k) & 1) - 1  # (2^k, k), -1 or 1
    pairs = [levels[:, i] * levels[:, j] for i, j in combinations(range(world.k), 2)]
    return _fitted(world, levels, pairs)


def _fitted(
    world: World, levels: NDArray[np.int_], others: Sequence[NDArray[np.int_]] = ()
) -> Named:
    """Run a design once and return the factors whose main effect is significantly harmful.

    Args:
        world: of k factors, which are given to the columns at random.
        levels: (rows, k) of -1 and 1, orthogonal, as every further column must be.
        others: further columns of the model, each (rows,).
    """
    trials = Trials(world)
    order = _shuffled(world)
    scores = np.array(
        [trials.score(arm_of([order[j] for j in np.flatnonzero(row > 0)])) for row in levels]
    )
    rows = len(scores)
    model = np.column_stack([np.ones(rows), levels, *others])  # (rows, columns)
    slopes = model.T @ scores / rows
    df = rows - model.shape[1]
    noise = math.sqrt(float(np.sum((scores - model @ slopes) ** 2)) / df / rows)
    harmful = -slopes[1 : world.k + 1] > t_quantile(ALPHA / world.k, df) * noise
    return frozenset(order[j] for j in _positions(harmful))


def _positions(chosen: NDArray[np.bool_]) -> Named:
    return frozenset(int(i) for i in np.flatnonzero(chosen))


def _shuffled(world: World) -> list[int]:
    return [int(i) for i in world.rng.permutation(world.k)]


def _chunks(items: Sequence[int], parts: int) -> list[list[int]]:
    return [chunk.tolist() for chunk in np.array_split(np.array(items), parts)]


PROCEDURES: tuple[Procedure, ...] = (
    ofat4,
    loo4,
    ofat_seq,
    loo_seq,
    ddmin,
    probdd,
    seqbif,
    foldover,
    factorial,
)
LARGEST_K: dict[Procedure, int] = {factorial: 7}


def applicable(k: int) -> Iterator[Procedure]:
    """Yield the procedures that can be run on k factors."""
    return (procedure for procedure in PROCEDURES if k <= LARGEST_K.get(procedure, k))


def assumption(procedure: Procedure) -> str:
    """Return what a procedure must assume to be right."""
    return (procedure.__doc__ or "").partition("\n")[0]


def anytime_lower(values: Sequence[float], level: float) -> float:
    """Return a one-sided anytime lower bound of the mean; -inf while nothing can be said."""
    return anytime_interval(values, min(2 * level, 0.999)).low
