"""The very Design that users run, driven over a simulated world."""

import math
from collections.abc import Iterable
from typing import NamedTuple

from answer import Answer
from world import World

from whydrop.explain.design import Design
from whydrop.explain.failures import Constraint
from whydrop.explain.settings import Settings


class Study(NamedTuple):
    """A finished study of a world: its design, and what is scored."""

    design: Design
    answer: Answer


def study(world: World, settings: Settings, constraints: Iterable[Constraint] = ()) -> Study:
    """Return the study of one world."""
    design = Design(world.k, settings, tuple(constraints))
    while not design.done:
        design.tell([world.run(ask.arm, ask.seed) for ask in design.propose()])
    covered = []
    for factor, attempt in design.named.items():
        contexts = attempt.contrast(factor).contexts
        true = math.fsum(world.effect(factor, c) for c in contexts) / len(contexts)
        covered.append(true in attempt.interval(factor))
    named = frozenset(design.named)
    return Study(design, Answer(named, len(design.history), named, tuple(covered)))


def wrong(world: World, design: Design) -> bool:
    """Return whether a harmless factor is named, or one with the wrong sign."""
    for factor, attempt in design.named.items():
        contrast = attempt.contrast(factor)
        if all(world.effect(factor, c) * contrast.sign <= 0 for c in contrast.contexts):
            return True
    return False
