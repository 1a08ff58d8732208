"""Study: the factors of an experiment with the outcomes so far; no I/O."""

from dataclasses import dataclass

from whydrop.core.factor import Arm, Factor
from whydrop.core.metric import Metric
from whydrop.core.trial import Outcome


@dataclass(frozen=True)
class Study:
    """What was asked and what has been seen.

    Attributes:
        factors: bit i of an arm belongs to factors[i].
        metric: what a trial ends with.
        outcomes: in the order of their trials' numbers.
    """

    factors: tuple[Factor, ...]
    metric: Metric
    outcomes: tuple[Outcome, ...] = ()

    @property
    def bad(self) -> Arm:
        """The arm with every factor on."""
        return (1 << len(self.factors)) - 1
