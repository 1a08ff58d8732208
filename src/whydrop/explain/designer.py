"""Designer: anything that asks for trials in waves and hears what came of them."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from whydrop.core.effect import Effect
from whydrop.core.factor import Arm
from whydrop.core.trial import Phase

SEEDS_APART = 100_000  # seeds of studies with different seeds do not meet


class Ask(NamedTuple):
    """A trial that a design wants: see Trial for the fields."""

    arm: Arm
    seed: int
    phase: Phase


class Standing(NamedTuple):
    """Where a running experiment is.

    Attributes:
        phase: "gap", "screen", "verify" or "done".
        doing: one short sentence for a person.
        effects: by factor position (or several positions for one interaction), what is
            estimated so far; the names in them are positions as text.
        trials_left: expected further trials, most likely value.
    """

    phase: str
    doing: str
    effects: tuple[Effect, ...]
    trials_left: int


class Designer(Protocol):
    """The coordinator's view of a design: it asks in waves and is told all of a wave at once.

    Whole waves make the proposals a function of the study seed and the outcomes alone,
    whatever the order in which trials finish and however often the study was resumed.
    """

    @property
    def done(self) -> bool: ...

    def propose(self) -> tuple[Ask, ...]:
        """Return the next wave; calling it again before tell() returns the same wave."""
        ...

    def tell(self, scores: Sequence[float]) -> None:
        """Take the scores of the wave, in its order: larger is better, nan is a failure."""
        ...

    def extend(self, max_trials: int) -> None:
        """Raise the budget; heard before the scores of the wave in progress, if there is one."""
        ...

    def standing(self) -> Standing: ...
