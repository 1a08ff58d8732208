"""Naming: the only test that may call a factor a culprit, and its guarantee.

Each factor under test collects units: differences "off less on" on fresh seeds whose mean is zero
or below whenever the factor is harmless, in the direction that was fixed beforehand. A look
sequence a factor spends its level; a weighted Holm step moves the level of named factors to the
others. Then the chance that any harmless factor is ever named is at most the level, whatever was
believed before, whatever the dependence between factors, and whenever the study stops.

Source: Holm (1979), Scand. J. Statist. 6, 65-70.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from whydrop.core.effect import Interval
from whydrop.core.factor import Arm
from whydrop.stats.sequential import Looks, mean_and_sd
from whydrop.stats.sign_flip import Signs, proves_positive

FEWEST_UNITS = 4
NEAR = 0.9  # share of a factor's level on the side where it is named; the rest bounds its size
COINS = 0.7  # the same for sign flips, which use up all that they are given, as t tests do not
STEP = 1.1  # a look costs some of the level: the next one when so much more has arrived
HOPELESS = -2.2  # log odds (1 to 9) below which a factor's test is given up
LIGHTEST = 0.03  # weight of a factor that the screen does not believe in
FEWEST_SHARERS = 0.5  # weight that the level is shared among at least; the unbelieved get less
SOUGHT = 1.5  # log odds that an effect of a size read off the units themselves must make up
SHOWN = 2.0  # standard errors
HASTY = 1.5  # standard errors below which no sign-flip test succeeds
UNLIKELY = 0.02  # beliefs below are taken for this
PATIENCE, PATIENCE_LAST = 2.5, 4.0  # units over the planned number at which a test ends


@dataclass(frozen=True)
class Contrast:
    """How one suspect is tested; fixed before the first trial.

    Attributes:
        factor: its position.
        contexts: arms without it; a unit is score(context) - score(context with it). Empty when
            the contexts are drawn at random, equally likely with and without the factor.
        sign: +1 when it should hurt, -1 when it should help.
        planned: units after which half of its level is spent.
        expected: size of the effect that the plan reckons with, if the factor matters.
        belief: of the screen that it matters; its share of the level.
    """

    factor: int
    contexts: tuple[Arm, ...]
    sign: int
    planned: float
    expected: float
    belief: float

    @property
    def weight(self) -> float:
        return min(max(self.belief, LIGHTEST), 1.0)


@dataclass
class Naming:
    """The running tests of one attempt.

    Attributes:
        contrasts: what is tested, by factor.
        level: one-sided chance of a false name in the whole attempt.
        last: no later attempt will follow, so be patient.
        coins: ways to sign units, where the signs of a harmless factor's units are fair coins: a
            name then rests on the sign-flip test, which needs no more than that; else on t tests.
        units: differences "off less on" by factor, in order of arrival.
        looks: of each factor.
        seen: its units at each look.
        named: factors in the order of their naming.
    """

    contrasts: Mapping[int, Contrast]
    level: float
    last: bool
    coins: Signs | None = None
    units: dict[int, list[float]] = field(default_factory=dict)
    looks: dict[int, Looks] = field(default_factory=dict)
    seen: dict[int, list[list[float]]] = field(default_factory=dict)
    named: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        for factor, contrast in self.contrasts.items():
            self.units[factor] = []
            self.seen[factor] = []
            self.looks[factor] = Looks(contrast.planned, smallest=FEWEST_UNITS)

    def look(self, step: float = 0.0, *, final: bool = False) -> None:
        """Look once at all that has arrived, unless it is too little more than at the last look.

        Args:
            step: what differences are multiples of; see ``Looks.at``.
            final: no more will arrive.
        """
        looked = set()
        for factor in self.contrasts:
            looks, units = self.looks[factor], self.units[factor]
            if len(units) > looks.n and (final or len(units) >= STEP * looks.n):
                self.looks[factor] = looks.at(units, step)
                if self.looks[factor] is not looks:
                    self.seen[factor].append(list(units))
                looked.add(factor)
        before = -1
        while before != len(self.named):
            before = len(self.named)
            weights = math.fsum(self.contrasts[f].weight for f in self.pending)
            remaining = max(weights, FEWEST_SHARERS)
            for factor in [f for f in self.pending if f in looked]:
                level = self.level * self.contrasts[factor].weight / remaining
                if self._beyond(factor, level):
                    self.named.append(factor)

    def _beyond(self, factor: int, level: float) -> bool:
        looks, sign = self.looks[factor], self.contrasts[factor].sign
        near = NEAR * level
        if self.coins is None:
            return (looks.lower(near) if sign > 0 else -looks.upper(near)) > 0
        mean, sd = mean_and_sd(self.units[factor])
        if not self.seen[factor] or sign * mean * math.sqrt(len(self.units[factor])) < HASTY * sd:
            return False
        signed = [[sign * unit for unit in units] for units in self.seen[factor]]
        spent = [COINS * level * looks.until(look.n) for look in looks.taken]
        return proves_positive(signed, spent, self.coins)

    @property
    def pending(self) -> tuple[int, ...]:
        return tuple(f for f in self.contrasts if f not in self.named)

    def promising(self, odds: float = HOPELESS) -> tuple[int, ...]:
        """Return the factors not yet named whose log odds to have their effect are above odds."""
        patience = PATIENCE_LAST if self.last else PATIENCE
        return tuple(
            f
            for f in self.pending
            if len(self.units[f]) < patience * self.contrasts[f].planned + FEWEST_UNITS
            and self._odds(f) > odds
        )

    def _odds(self, factor: int) -> float:
        """Return the log odds of the expected effect against none, given belief and units."""
        contrast, n = self.contrasts[factor], len(self.units[factor])
        belief = min(max(contrast.belief, UNLIKELY), 0.95)
        prior = math.log(belief / (1 - belief))
        if n < FEWEST_UNITS:
            return prior
        mean, sd = mean_and_sd([contrast.sign * unit for unit in self.units[factor]])
        effect = contrast.expected
        z = mean * math.sqrt(n) / max(sd, 1e-12)
        if mean < effect and z > SHOWN:  # smaller than expected, but there: the effect it shows
            return prior + z * z / 2 - SOUGHT
        return prior + n * effect * (mean - effect / 2) / max(sd, 1e-12) ** 2

    def interval(self, factor: int) -> Interval:
        """Return bounds of a factor's mean unit, simultaneous over the attempt and all looks.

        Most of the level is on the side of zero, where naming is decided; the bounds of a named
        factor stop at zero, which Holm's step permits.

        Source: Strassburger and Bretz (2008), Statist. Med. 27, 4914-4927.
        """
        whole = math.fsum(c.weight for c in self.contrasts.values())
        level = self.level * self.contrasts[factor].weight / whole
        near, far = NEAR * level, (1 - NEAR) * level
        if self.contrasts[factor].sign > 0:
            bounds = self.looks[factor].interval(near, far)
            return Interval(max(bounds.low, 0.0), bounds.high) if factor in self.named else bounds
        bounds = self.looks[factor].interval(far, near)
        return Interval(bounds.low, min(bounds.high, 0.0)) if factor in self.named else bounds

    def widest(self) -> Sequence[float]:
        """Return the longest list of units: the best witness of the noise of one difference."""
        return max(self.units.values(), key=len, default=[])
