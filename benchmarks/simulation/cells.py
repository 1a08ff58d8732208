"""Cells: the planted situations that procedures are compared in."""

from dataclasses import dataclass

import numpy as np
from world import Noise, World

IN_WORDS = {  # the common truths; numbers are shares of the gap
    "one": "one culprit",
    "two": "two additive .55 .45",
    "three": "three additive .40 .33 .27",
    "and2": "AND pair",
    "or2": "OR pair",
    "main_and": "one .5 and an AND pair .5",
    "harm_help": "one harms 1.5, one helps .5",
    "four": "four additive",
    "six": "six additive",
    "and3": "AND of three",
    "tiny": "one .8 and nine tiny (k = 7: six)",
    "null": "nothing",
    "two_equal": "two additive .50 .50",
    "two_uneven": "two additive .60 .40",
    "three_equal": "three additive, equal",
    "three_uneven": "three additive .45 .30 .25",
    "four_uneven": "four additive .32 .26 .22 .20",
    "three_ands": "three AND pairs",
}


@dataclass(frozen=True)
class Cell:
    """One situation; its worlds differ in which factors bear the truth, and in all noise.

    Attributes: as the arguments of World, which says what they mean; all in points.
    """

    k: int
    truth: str
    gap: float
    rho: float = 0.0
    noise_at_bad: float = 1.0
    crash: float = 0.05
    nan: float = 0.05
    sigma: float = 1.0
    noise: Noise = "normal"
    noise_when_on: Noise | None = None
    step: float = 0.0
    crashing: tuple[int, ...] = ()
    needs: tuple[tuple[int, int], ...] = ()

    def world(self, replicate: int) -> World:
        """Return world number replicate: the same factors bear the truth for every procedure."""
        return World(
            self.k,
            self.truth,
            self.gap,
            np.random.default_rng([self.k, replicate]),
            rho=self.rho,
            noise_at_bad=self.noise_at_bad,
            crash=self.crash,
            nan=self.nan,
            sigma=self.sigma,
            noise=self.noise,
            noise_when_on=self.noise_when_on,
            step=self.step,
            crashing=self.crashing,
            needs=self.needs,
        )


LEVEL_NOISE = tuple(
    Cell(k, truth, gap)
    for k, gap in ((7, 4.0), (10, 4.0), (20, 4.0), (7, 2.0), (10, 8.0))
    for truth in IN_WORDS
)
UNEQUAL_NOISE = (
    *(Cell(10, truth, 8.0, noise_at_bad=5.0) for truth in ("one", "two", "and2", "or2")),
    *(Cell(10, truth, 40.0, noise_at_bad=20.0) for truth in ("one", "two", "and2", "or2")),
)
SHARED_SEEDS = tuple(Cell(10, truth, 4.0, rho=0.5) for truth in ("one", "two", "and2", "or2"))

# Two culprits of 3 and 2 points and a pair that costs 3 points only together, among six factors.
PEER = tuple(
    Cell(6, "two_and", 8.0, sigma=sigma, crash=0.0, nan=0.0) for sigma in (0.3, 1.0, 2.0, 3.0)
)
