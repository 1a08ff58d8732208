"""The very Design that users run, driven over a simulated world."""

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from answer import Answer
from world import World

from whydrop.core.factor import arm_of, members
from whydrop.explain.design import Design
from whydrop.explain.failures import Constraint
from whydrop.explain.settings import Settings


class Study(NamedTuple):
    """A finished study of a world: its design, what is scored, and how often it asked."""

    design: Design
    answer: Answer
    waves: int


def study(world: World, settings: Settings, constraints: Iterable[Constraint] = ()) -> Study:
    """Return the study of one world."""
    return carried_out(world, Design(world.k, settings, tuple(constraints)))


def carried_out(world: World, design: Design) -> Study:
    """Return the study that a design makes of a world."""
    waves = 0
    while not design.done:
        design.tell([world.run(ask.arm, ask.seed) for ask in design.propose()])
        waves += 1
    covered = []
    for factor in members(design.named):
        true = average_effect(world, factor, design.proof(factor).naming.contrasts[factor].contexts)
        covered.append(true in design.proof(factor).naming.interval(factor))
    named = frozenset(members(design.named))
    answer = Answer(named, len(design.history), named, tuple(covered))
    return Study(design, answer, waves)


def average_effect(world: World, factor: int, contexts: Sequence[int]) -> float:
    """Return the true points that a factor costs, averaged over contexts.

    No contexts stand for all arms, equally likely: the average over the arms of the factors that
    are not harmless, since the others change nothing.
    """
    if contexts:
        return math.fsum(world.effect(factor, c) for c in contexts) / len(contexts)
    others = sorted(world.active - {factor})
    effects = [
        world.effect(factor, arm_of([f for n, f in enumerate(others) if choice >> n & 1]))
        for choice in range(1 << len(others))
    ]
    return math.fsum(effects) / len(effects)


def wrong(world: World, design: Design) -> bool:
    """Return whether a harmless factor is named, or one with the wrong sign."""
    for factor in members(design.named):
        contrast = design.proof(factor).naming.contrasts[factor]
        if average_effect(world, factor, contrast.contexts) * contrast.sign <= 0:
            return True
    return False
