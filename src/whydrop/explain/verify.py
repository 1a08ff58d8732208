"""Do the suspects repeat on fresh seeds? Flips of one factor in chosen contexts.

Before its first trial an attempt freezes the suspects, the contexts in which each is flipped and
the expected signs. After that each flip (the same seed and context, the factor off and on) is one
unit of its test; a full factorial of the suspects lets every trial serve every suspect.
"""

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from whydrop.core.factor import Arm, arm_of, members
from whydrop.explain.naming import FEWEST_UNITS, Contrast, Naming
from whydrop.explain.share import Allowed, Row, Scores, Share, step_of
from whydrop.stats.explanations import Explanations, Floats
from whydrop.stats.sequential import needed_differences

FULL_BLOCK = 4  # factors whose full factorial is run at once
CAUTION = 1.0  # sds between explanations that a flip's expected effect is lowered by
SIMILAR = 0.6  # a context is used when its expected effect is this share of the best one's
MOST_SEEDS = 40
OVERRUN = 2.0  # of the expected trials, after which the plan was wrong
SHARE_SEEDS = 2.0  # expected for the share of the gap
LIKELY = 0.5
SMALLEST = 0.25  # share of the gap below which no culprit is planned for

Contexts = Callable[[int], tuple[Arm, ...]]  # of a factor, by its position


@dataclass(frozen=True)
class Freeze:
    """What was fixed before the first trial of an attempt; the report quotes it.

    Attributes:
        suspects: the factors under test, with those named before.
        contrasts: one for each factor not yet named.
        level: of the whole attempt.
        cost: expected trials.
    """

    suspects: Arm
    contrasts: tuple[Contrast, ...]
    level: float
    cost: float


def freeze(
    beliefs: Explanations, suspects: Arm, *, named: Arm, level: float, allowed: Allowed
) -> Freeze:
    """Return the plan of flips that is expected to cost the fewest trials.

    Args:
        beliefs: the posterior; only used for choosing, never for proving.
        suspects: factors to test, and those named by an earlier attempt.
        named: the latter.
        level: one-sided level of this attempt.
        allowed: whether an arm can run.
    """
    bad = (1 << beliefs.terms.k) - 1
    open_factors = members(suspects & ~named)
    share = {0, bad, suspects, bad & ~suspects}
    options = _factorials(suspects, bad)
    # Causes that add up need no chosen contexts, but many.
    if beliefs.additive <= 1 - beliefs.alone - beliefs.additive:
        options = _chosen_contexts(suspects, bad) + options
    everything = sorted(
        {a for plan in options for i in open_factors for c in plan(i) for a in (c, c | 1 << i)}
    )
    forecast = Forecast.of(beliefs, suspects, everything)
    each = level / max(1, len(open_factors))
    best: tuple[int, float, Freeze] | None = None
    for plan in options:
        contrasts, arms, seeds = [], set[Arm](), 1
        for i in open_factors:
            usable = [c for c in plan(i) if allowed(c) and allowed(c | 1 << i)]
            contrast = _contrast(forecast, i, usable, each)
            if contrast is not None:
                contrasts.append(contrast)
                arms |= {a for c in contrast.contexts for a in (c, c | 1 << i)}
                if contrast.belief >= LIKELY:
                    seeds = max(seeds, math.ceil(contrast.planned / len(contrast.contexts)))
        extra = sum(max(0.0, SHARE_SEEDS - seeds * (a in arms)) for a in share)
        cost = len(arms) * seeds + extra
        if contrasts and (best is None or (-len(contrasts), cost) < best[:2]):
            best = (-len(contrasts), cost, Freeze(suspects, tuple(contrasts), level, cost))
    return best[2] if best else Freeze(suspects, (), level, math.inf)


def _chosen_contexts(suspects: Arm, bad: Arm) -> list[Contexts]:
    """Return ways to test a factor at the ends: good, bad, the suspects alone, or undone."""
    rest = bad & ~suspects
    return [
        lambda i: (suspects & ~(1 << i),),
        lambda i: (rest,),
        lambda i: (0, suspects & ~(1 << i)),
        lambda i: (suspects & ~(1 << i), bad & ~(1 << i)),
        lambda i: (0, suspects & ~(1 << i), rest, bad & ~(1 << i)),
    ]


def _factorials(suspects: Arm, bad: Arm) -> list[Contexts]:
    """Return ways to test a factor among its block's: all others off, all others on, or both."""
    positions = members(suspects)

    def factorial(size: int, low: bool, high: bool) -> Contexts:
        def contexts(i: int) -> tuple[Arm, ...]:
            start = positions.index(i) // size * size
            block = [j for j in positions[start : start + size] if j != i]
            subsets = [
                arm_of(group)
                for n in range(len(block) + 1)
                for group in itertools.combinations(block, n)
            ]
            outside = bad & ~arm_of([*block, i])
            return tuple(s for s in subsets if low) + tuple(s | outside for s in subsets if high)

        return contexts

    return [
        factorial(size, low, high)
        for size in range(1, min(FULL_BLOCK, max(1, len(positions))) + 1)
        for low, high in ((True, False), (False, True), (True, True))
    ]


@dataclass(frozen=True)
class Forecast:
    """Expected drops and noise of arms under the explanations inside a set of suspects."""

    at: Mapping[Arm, int]
    means: Floats
    weight: Floats
    involved: tuple[Arm, ...]
    noise: Floats
    smallest: float

    @classmethod
    def of(cls, beliefs: Explanations, suspects: Arm, arms: Sequence[Arm]) -> "Forecast":
        inside = [j for j, m in enumerate(beliefs.models) if not beliefs.involved(m) & ~suspects]
        means, _ = beliefs.predict(arms, inside)
        weight = beliefs.p[inside] / beliefs.p[inside].sum()
        noise = beliefs.residual_noise * beliefs.seen.variance_factor(weight @ means)
        involved = tuple(beliefs.involved(beliefs.models[j]) for j in inside)
        at = {a: n for n, a in enumerate(arms)}
        return cls(at, np.asarray(means), weight, involved, noise, SMALLEST * beliefs.seen.gap)

    def with_factor(self, factor: int) -> list[int]:
        return [m for m, arm in enumerate(self.involved) if arm >> factor & 1]

    def belief(self, factor: int) -> float:
        return float(self.weight[self.with_factor(factor)].sum())

    def flip(self, context: Arm, factor: int) -> tuple[float, float]:
        """Return the cautious effect of a flip, given that the factor matters, and its variance.

        Cautious is the mean less one standard deviation between the explanations with the factor.
        """
        a, b = self.at[context], self.at[context | 1 << factor]
        variance = float(self.noise[a] + self.noise[b])
        if self.belief(factor) < LIKELY:  # nothing is known of its contexts: take them all
            return self.smallest, variance
        within = self.with_factor(factor)
        weight = self.weight[within] / self.weight[within].sum()
        effects = self.means[within, b] - self.means[within, a]
        mean = float(weight @ effects)
        doubt = math.sqrt(float(weight @ (effects - mean) ** 2))
        return math.copysign(max(0.0, abs(mean) - CAUTION * doubt), mean), variance


def _contrast(
    forecast: Forecast, factor: int, contexts: Sequence[Arm], level: float
) -> Contrast | None:
    """Return the test of a factor that is expected to cost least, from the usable contexts."""
    if not contexts:
        return None
    flips = {c: forecast.flip(c, factor) for c in dict.fromkeys(contexts)}
    order = sorted(flips, key=lambda c: -abs(flips[c][0]) / math.sqrt(flips[c][1]))
    first = flips[order[0]][0]
    sign = -1 if first < 0 else 1
    order = order[:1] + [c for c in order[1:] if sign * flips[c][0] > SIMILAR * abs(first)]
    best: tuple[float, Contrast] | None = None
    for n in range(1, len(order) + 1):
        effects = [flips[c][0] for c in order[:n]]
        mean = math.fsum(effects) / n
        spread = math.fsum((e - mean) ** 2 for e in effects) / n
        sd = math.sqrt(math.fsum(flips[c][1] for c in order[:n]) / n + spread)
        expected = max(abs(mean), forecast.smallest)
        units = max(FEWEST_UNITS, needed_differences(expected, sd, level))
        # More contexts need fewer seeds, but each seed then costs more trials.
        cost = units / n * (1 + 0.15 * n)
        if best is None or cost < best[0]:
            belief = forecast.belief(factor)
            best = cost, Contrast(factor, tuple(order[:n]), sign, units, expected, belief)
    return best and best[1]


class FlipAttempt:
    """One attempt to prove a frozen set of suspects by flips.

    Attributes:
        frozen: the plan.
        naming: its tests.
        share: what the named explain of the gap.
    """

    kind = "flips of one factor in chosen contexts"

    def __init__(
        self,
        frozen: Freeze,
        *,
        known: Arm,
        bad: Arm,
        last: bool,
        min_effect: float,
        allowed: Allowed,
    ) -> None:
        self.frozen = frozen
        self.known = known
        self.naming = Naming({c.factor: c for c in frozen.contrasts}, frozen.level, last)
        self.share = Share(bad, allowed, named=frozen.suspects)
        self._min_effect = min_effect
        self._rows = 0
        self._spent = 0

    @property
    def named(self) -> Arm:
        """All that is proven, by this attempt and by earlier ones."""
        return self.known | arm_of(self.naming.named)

    @property
    def settled(self) -> bool:
        """Whether the named factors explain the gap."""
        return self.share.settles(self._min_effect)

    def rows(self, wave: int, left: int) -> list[tuple[Arm, ...]]:
        """Return the arms of the next seeds, one tuple a seed; none when the attempt is over."""
        arms = set[Arm]()
        unseen = not self._rows
        for factor in self.naming.pending if unseen else self.naming.promising():
            for context in self.naming.contrasts[factor].contexts:
                arms |= {context, context | 1 << factor}
        if unseen or (self.named and self.share.open(self._min_effect)):
            arms |= set(self.share.arms())
        if not arms or self._rows >= MOST_SEEDS or self._spent > OVERRUN * self.frozen.cost + 8:
            return []
        seeds = max(1, wave // len(arms))
        if unseen:
            units = [len(c.contexts) for c in self.frozen.contrasts]
            seeds = max(seeds, math.ceil(FEWEST_UNITS / min(units, default=FEWEST_UNITS)))
        seeds = max(1, min(seeds, left // len(arms)))
        return [tuple(sorted(arms))] * seeds

    def add(self, rows: Sequence[Row], scores: Scores) -> None:
        """Take finished seeds and look.

        Args:
            rows: score by arm.
            scores: all scores of the study; flips need only their own.
        """
        self._rows += len(rows)
        self._spent += sum(map(len, rows))
        for row in rows:
            for factor, contrast in self.naming.contrasts.items():
                flips = (
                    row.get(c, math.nan) - row.get(c | 1 << factor, math.nan)
                    for c in contrast.contexts
                )
                self.naming.units[factor] += [unit for unit in flips if not math.isnan(unit)]
        self.naming.look(step_of(scores))
        self.share.rows.extend(rows)
        if self.named:
            self.share.look(self.named, self.naming.widest())
