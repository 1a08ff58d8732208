"""Settings: what a study may spend and how sure it must be."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Settings:
    """The choices of one study, fixed before its first trial.

    Attributes:
        alpha: bound on the chance that any harmless factor is named.
        min_effect: the smallest drop worth explaining, in the shown unit (points for shares);
            None takes 1 % of the good run's first score.
        max_trials: the whole budget, failures included.
        wave: trials asked for at once; the proposals depend on it, the executor's places not.
        seed: of the study; equal seeds give equal proposals.
        interactions: how many factors may act only together, 1 to 3.
        weights: prior suspicion by factor position, mean 1, kept within 1/4 to 4.
        screen_anyway: go on although the gap is not shown.
    """

    alpha: float = 0.05
    min_effect: float | None = None
    max_trials: int = 150
    wave: int = 2
    seed: int = 0
    interactions: Literal[1, 2, 3] = 3
    weights: tuple[float, ...] = ()
    screen_anyway: bool = False
