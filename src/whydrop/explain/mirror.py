"""Do the suspects repeat on fresh seeds? Mirrored pairs, in which every trial informs every factor.

A pair is a random arm and its mirror image, on one seed: each factor is on in one of the two, by
the toss of a fair coin. For a factor that changes nothing the coin is independent of both scores,
so the difference "off less on" is symmetric around zero, whatever the other factors do to each
other and however unequal the noise. A prediction of the part that the other factors play, made
without regard to the pair itself and to the factor's own coins, is taken off; it cannot bias that
symmetry, and removes most of the others' effects from the noise.

This is the cheap proof of several causes that add up; causes that act only together are weaker
here, since their partners are off in half of the pairs.

Source: the foldover of Box and Hunter (1961), Technometrics 3, 311-351, with the randomisation of
Fisher (1935), The Design of Experiments, chapter 3.
"""

import math
from collections.abc import Sequence

import numpy as np

from whydrop.core.factor import Arm, arm_of, members
from whydrop.explain.naming import HOPELESS, Contrast, Naming
from whydrop.explain.screen import SHARP
from whydrop.explain.share import Allowed, Row, Scores, Share, step_of
from whydrop.explain.verify import LIKELY, SHARE_SEEDS, Forecast, Freeze
from whydrop.stats.explanations import Explanations, Terms
from whydrop.stats.sequential import needed_differences
from whydrop.stats.sign_flip import sign_flips

FORECAST_ARMS = 24  # random arms that a factor's effect is averaged over
EXTRA_NOISE = 1.15  # of a unit's sd, for what the prediction of the other factors misses
FIRST_PAIRS = 8  # until the first look
NEXT = 0.15  # further pairs, as a share of those before, until the next look
DOUBTFUL = 0.25  # belief in causes that add up, among all that are not one factor
RISK = 60.0  # trials lost by flips of a set that lacks a cause
MOST_PAIRS = 60
MOST_PLANNED = 20.0
UNBELIEVED = 3.0  # times the pairs that are planned for a factor that the screen believes in
TRIES = 200  # tosses for an arm that may run, and its mirror image too
STRONG = 0.0  # log odds of a factor that is worth more pairs at once
OPEN = -0.8  # log odds of one that keeps pairs coming although the gap seems explained
PACED = 0.3  # belief from which a factor's expected effect sets the pace,
PACE = (0.3, 0.5)  # within these shares of the gap
# Without one factor and the two arms of a pair, 2^(k-1) - 2 arms are left to predict it from.
FEWEST_FACTORS = 4


def freeze(
    beliefs: Explanations,
    *,
    named: Arm,
    level: float,
    random: np.random.Generator,
    allowed: Allowed,
) -> Freeze:
    """Return the plan that tests all factors not yet named, each with a level by its belief.

    A factor has no test where its coin cannot fall both ways in any pair that may run.
    """
    k = beliefs.terms.k
    bad = (1 << k) - 1
    arms = [int(a) for a in random.integers(0, bad + 1, FORECAST_ARMS)]
    both = sorted({x for a in arms for i in range(k) for x in (a & ~(1 << i), a | 1 << i)})
    forecast = Forecast.of(beliefs, bad, both)
    noise = float(np.mean(forecast.noise))
    sd = EXTRA_NOISE * math.sqrt(2 * noise)
    open_factors = [
        i
        for i in members(bad & ~named)
        if any(_runs(a, bad, allowed) and _runs(a ^ 1 << i, bad, allowed) for a in arms)
    ]
    likely = [i for i in open_factors if forecast.belief(i) >= LIKELY]
    effects = dict.fromkeys(open_factors, forecast.smallest)
    effects |= {i: _average_effect(forecast, i, arms) for i in likely}
    # All factors share the pairs, so one pace for all: that of a cause of about a third.
    sizes = [abs(effects[i]) for i in open_factors if forecast.belief(i) >= PACED]
    slowest, fastest = (share * beliefs.seen.gap for share in PACE)
    weakest = min(max(min(sizes, default=slowest), slowest), fastest)
    units = needed_differences(weakest, sd, level / max(1, len(likely)))
    units = min(max(FIRST_PAIRS, units), MOST_PLANNED)
    contrasts = tuple(
        Contrast(
            factor=i,
            contexts=(),
            sign=-1 if effects[i] < 0 else 1,
            planned=units * (1 if i in likely else UNBELIEVED),
            expected=max(abs(effects[i]), forecast.smallest),
            belief=forecast.belief(i),
        )
        for i in open_factors
    )
    return Freeze(bad, contrasts, level, 2 * units + 4 * SHARE_SEEDS)


def _average_effect(forecast: Forecast, factor: int, arms: Sequence[Arm]) -> float:
    """Return the drop that switching a factor on costs in these arms, given that it matters."""
    within = forecast.with_factor(factor)
    weight = forecast.weight[within] / forecast.weight[within].sum()
    on = [forecast.at[a | 1 << factor] for a in arms]
    off = [forecast.at[a & ~(1 << factor)] for a in arms]
    drops = (forecast.means[:, on] - forecast.means[:, off])[within].mean(axis=1)
    return float(weight @ drops)


def preferred(beliefs: Explanations, *, pairs: Freeze, flips: Freeze) -> bool:
    """Return whether mirrored pairs are the better proof.

    A sharp belief is tested by whatever costs less. Otherwise the flips' suspects may lack a
    cause, which pairs would find; but a belief in interactions wants chosen contexts.
    """
    tested = {c.factor for c in pairs.contrasts}
    if beliefs.terms.k < FEWEST_FACTORS or any(c.factor not in tested for c in flips.contrasts):
        return False
    belief = beliefs.sets[beliefs.top]
    if belief >= SHARP:
        additive = beliefs.additive > 0.5 * (1 - beliefs.alone) and beliefs.alone < 0.5
        return additive and pairs.cost < flips.cost + RISK * (1 - belief)
    return beliefs.additive > DOUBTFUL * (1 - beliefs.alone)


class MirrorAttempt:
    """One attempt to prove factors by mirrored pairs.

    Args:
        frozen: the plan.
        beliefs: the posterior at the freeze.
        known: factors that an earlier attempt proved.
        last: no later attempt will follow.
        min_effect: the smallest drop worth explaining.
        random: source of the coins.
        allowed: whether an arm can run.
    """

    kind = "mirrored pairs of random arms"

    def __init__(
        self,
        frozen: Freeze,
        beliefs: Explanations,
        *,
        known: Arm,
        last: bool,
        min_effect: float,
        random: np.random.Generator,
        allowed: Allowed,
    ) -> None:
        self.frozen = frozen
        self.known = known
        contrasts = {c.factor: c for c in frozen.contrasts}
        flips = sign_flips(random.spawn(1)[0], MOST_PAIRS)
        self.naming = Naming(contrasts, frozen.level, last, flips)
        self.share = Share((1 << beliefs.terms.k) - 1, allowed)
        self._min_effect = min_effect
        self._terms = Terms.of(beliefs.terms.k - 1)
        self._back: list[Row] = []
        self._k = beliefs.terms.k
        self._random = random
        self._allowed = allowed
        self._asked = 0
        self._pairing = True

    @property
    def named(self) -> Arm:
        """All that is proven, by this attempt and by earlier ones."""
        return self.known | arm_of(self.naming.named)

    @property
    def settled(self) -> bool:
        """Whether the named factors explain the gap: all others have been tested beside them."""
        return self.share.shown and not self.naming.promising(OPEN)

    def rows(self, wave: int, left: int) -> list[tuple[Arm, ...]]:
        """Return the arms of the next seeds, one tuple a seed; none when the attempt is over."""
        share = self.share
        if not self._asked or self._promising(STRONG):
            return self._pairs(wave, left)
        if self.named and not share.shown and share.open(self._min_effect):
            self._pairing = False
            return [share.arms()] * max(1, min(wave // 4, 2))
        if not self._promising(OPEN if share.shown else HOPELESS):
            return []
        return self._pairs(wave, left)

    def _promising(self, odds: float) -> list[int]:
        """Return the promising factors; once pairs are back, those that they tell anything of."""
        units = self.naming.units
        return [f for f in self.naming.promising(odds) if units[f] or not self._back]

    def _pairs(self, wave: int, left: int) -> list[tuple[Arm, ...]]:
        """Return as many pairs as the next look waits for."""
        n = math.ceil(NEXT * self._asked) if self._asked else FIRST_PAIRS
        n = max(1, min(max(n, wave // 2), left // 2))
        if self._asked + n > MOST_PAIRS:
            return []
        self._pairing = True
        self._asked += n
        return [pair for _ in range(n) for pair in [self._pair()] if pair]

    def _pair(self) -> tuple[Arm, ...]:
        bad = (1 << self._k) - 1
        for _ in range(TRIES):
            arm = int(self._random.integers(0, bad + 1))
            if _runs(arm, bad, self._allowed):
                return arm, bad & ~arm
        return ()

    def add(self, rows: Sequence[Row], scores: Scores) -> None:
        """Take finished seeds and look.

        Args:
            rows: score by arm.
            scores: all scores of the study, these included, by arm.
        """
        # Rows for the share may have two arms too (all factors named, arms that cannot run), but
        # no coin was tossed for them.
        if self._pairing:
            whole = [row for row in rows if len(row) == 2]
            self._back += [row for row in whole if not math.isnan(math.fsum(row.values()))]
            for factor in self.naming.contrasts if self._back else ():
                self.naming.units[factor] = self._units(factor, scores)
            self.naming.look(step_of(scores))
        else:
            self.share.rows.extend(rows)
        if self.named:
            self.share.look(self.named, self.naming.widest())

    def _units(self, factor: int, scores: Scores) -> list[float]:
        """Return what switching a factor on takes away, pair by pair.

        What the other factors do to a pair is predicted from all scores but its own two, with the
        factor struck from every arm: so the prediction does not know the factor's coins.
        """
        struck: dict[Arm, list[float]] = {}
        for arm, values in scores.items():
            struck.setdefault(_without(arm, factor), []).extend(values)
        arms = [tuple(_without(arm, factor) for arm in row) for row in self._back]
        others = Explanations(self._terms, struck).left_out([(a, b) for a, b in arms])
        units = []
        for row, predicted in zip(self._back, others, strict=True):
            (first, a), (second, b) = row.items()
            if _runs(first ^ 1 << factor, first | second, self._allowed):
                coin = 1 if first >> factor & 1 else -1
                units.append(coin * (b - a + float(predicted)))
        return units


def _runs(arm: Arm, bad: Arm, allowed: Allowed) -> bool:
    """Return whether an arm and its mirror image can run."""
    return allowed(arm) and allowed(bad & ~arm)


def _without(arm: Arm, factor: int) -> Arm:
    """Return an arm of the other factors: the bit of one factor taken out."""
    below = arm & (1 << factor) - 1
    return below | arm >> factor + 1 << factor
