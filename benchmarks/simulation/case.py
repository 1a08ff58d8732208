"""Case: a situation in which whydrop's own design is measured, and what must hold there."""

import json
import time
from dataclasses import asdict, dataclass
from typing import Literal, NamedTuple

from cells import Cell
from engine import carried_out
from misled import Misled
from scoring import Score, score
from world import World

from whydrop.explain.design import Design
from whydrop.explain.failures import Constraint
from whydrop.explain.settings import Settings

SUSPICION = 4.0  # weight of the factor that is suspected beforehand
# What the constants of the design were chosen on: ten factors, level noise, these truths.
TUNED = {
    *((truth, 4.0) for truth in ("one", "two", "three", "and2", "or2", "harm_help", "main_and")),
    *(("tiny", 4.0), ("four", 8.0)),
}


class Target(NamedTuple):
    """What must hold in a case; None where nothing is asked.

    Attributes:
        exact: share of exact answers, at least.
        trials: on average, at most.
        some: share of answers that name one culprit, at least.
    """

    exact: float | None = None
    trials: float | None = None
    some: float | None = None


NO_TARGET = Target()


class Judged(NamedTuple):
    """One repetition: what was said, and the CPU seconds it took."""

    score: Score
    seconds: float


@dataclass(frozen=True)
class Case:
    """A cell, and how it is studied.

    Attributes:
        part: of the report: "A", "B" or "D".
        cell: the worlds.
        target: what must hold.
        wave: trials asked for at once.
        max_trials: the budget.
        suspicion: a factor suspected beforehand: the first culprit, or a harmless one.
        declared: what cannot run is told beforehand.
        misled: the screen believes in harmless factors, so that only the fold-over can help.
    """

    part: Literal["A", "B", "D"]
    cell: Cell
    target: Target = NO_TARGET
    wave: int = 2
    max_trials: int = 150
    suspicion: Literal["", "right", "wrong"] = ""
    declared: bool = False
    misled: bool = False

    @property
    def key(self) -> str:
        """The case in one line of text; its target may change without a new measurement."""
        fields = asdict(self)
        del fields["target"]
        return json.dumps(fields, sort_keys=True)

    @property
    def tuned(self) -> bool:
        """Whether the design's constants were chosen on worlds like these."""
        plain = self.cell == Cell(10, self.cell.truth, self.cell.gap)
        return plain and (self.cell.truth, self.cell.gap) in TUNED

    def measure(self, replicate: int) -> Judged:
        """Return what one study shows; equal arguments give equal answers."""
        world = self.cell.world(replicate)
        settings = Settings(
            min_effect=self.cell.gap / 2,
            max_trials=self.max_trials,
            wave=self.wave,
            seed=replicate,
            weights=self._weights(world),
        )
        declared = [Constraint(1 << i, 1 << j) for i, j in world.needs] if self.declared else []
        started = time.process_time()
        if self.misled:
            design: Design = Misled(world, settings, declared)
        else:
            design = Design(world.k, settings, declared)
        finished = carried_out(world, design)
        return Judged(score(world, finished), time.process_time() - started)

    def _weights(self, world: World) -> tuple[float, ...]:
        if not self.suspicion:
            return ()
        suspect = world.order[0] if self.suspicion == "right" else world.order[-1]
        return tuple(SUSPICION if i == suspect else 1.0 for i in range(world.k))
