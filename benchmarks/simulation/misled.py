"""Beliefs that are wrong: whydrop's screen convinced that the harmless factors are the culprits."""

from collections.abc import Mapping, Sequence

from world import World

from whydrop.core.factor import Arm, arm_of, members
from whydrop.explain.design import Design
from whydrop.explain.failures import Constraint
from whydrop.explain.settings import Settings
from whydrop.stats.explanations import Explanations

Scores = Mapping[Arm, Sequence[float]]


def exchanged(world: World) -> Mapping[int, int]:
    """Return factor -> factor: culprits and harmless factors change places, as far as they go."""
    harmless = [i for i in world.order[::-1] if i not in world.active]
    culprits = [i for i in world.order if i in world.active]
    pairs = list(zip(culprits, harmless, strict=False))
    return {i: i for i in range(world.k)} | dict(pairs) | {b: a for a, b in pairs}


def relabelled(scores: Scores, places: Mapping[int, int]) -> Scores:
    """Return the scores as if each factor had stood in another one's place."""
    return {arm_of([places[i] for i in members(arm)]): values for arm, values in scores.items()}


class Misled(Design):
    """A design that takes harmless factors for the culprits whenever it asks its beliefs."""

    def __init__(
        self, world: World, settings: Settings, constraints: Sequence[Constraint] = ()
    ) -> None:
        self._places = exchanged(world)
        super().__init__(world.k, settings, constraints)

    def beliefs(self) -> Explanations:
        return Explanations(super().beliefs().terms, relabelled(self.scores, self._places))
