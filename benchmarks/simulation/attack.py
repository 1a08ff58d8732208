"""Attack: verification is told to test harmless factors, on beliefs that are wrong."""

import json
import math
import time
from dataclasses import asdict, dataclass
from typing import Literal, NamedTuple, get_args

import numpy as np
from cells import Cell
from engine import average_effect
from misled import exchanged, relabelled
from world import World

from whydrop.core.factor import Arm, arm_of
from whydrop.explain import mirror, verify
from whydrop.explain.share import Row, step_of
from whydrop.stats.explanations import Explanations, Terms

ALPHA = 0.05  # all of it in one attempt
PAIRS, SCREENED = 4, 12  # trials of good and bad, and of random arms, that the beliefs come from
MOST_TRIALS = 400
WAVE = 2
SHIFT = 50_000  # the chance of attacks is not that of studies

Kind = Literal[
    "flips of harmless factors",
    "flips of harmless factors and one culprit",
    "mirrored pairs",
]
KINDS: tuple[Kind, ...] = get_args(Kind)


class Struck(NamedTuple):
    """One repetition.

    Attributes:
        false: whether a harmless factor is named, or one with the wrong sign.
        named: whether any factor is.
        trials: of the verification.
        seconds: CPU time.
    """

    false: bool
    named: bool
    trials: int
    seconds: float


@dataclass(frozen=True)
class Attack:
    """One attempt of verification in a cell's worlds, against its guarantee.

    Screen and beliefs have harmless factors and culprits exchanged, so that the harmless ones
    have nearly all of the belief, and with it of the level.
    """

    cell: Cell
    kind: Kind
    part: Literal["C"] = "C"

    @property
    def key(self) -> str:
        return json.dumps(asdict(self), sort_keys=True)

    def measure(self, replicate: int) -> Struck:
        """Return whether one attempt names a harmless factor; equal arguments, equal answers."""
        started = time.process_time()
        world = self.cell.world(SHIFT + replicate)
        random = np.random.default_rng([world.k, SHIFT + replicate, 1])
        scores = _screened(world, random)
        terms = Terms.of(world.k)
        beliefs = Explanations(terms, relabelled(scores, exchanged(world)))
        attempt = self._attempt(world, beliefs, random)
        trials = _carried_out(world, attempt, scores)
        contrasts = attempt.naming.contrasts
        false = any(
            contrasts[f].sign * average_effect(world, f, contrasts[f].contexts) <= 0
            for f in attempt.naming.named
        )
        seconds = time.process_time() - started
        return Struck(false, bool(attempt.naming.named), trials, seconds)

    def _attempt(
        self, world: World, beliefs: Explanations, random: np.random.Generator
    ) -> verify.FlipAttempt | mirror.MirrorAttempt:
        if self.kind == "mirrored pairs":
            pairs = mirror.freeze(beliefs, named=0, level=ALPHA, random=random, allowed=_everything)
            return mirror.MirrorAttempt(
                pairs,
                beliefs,
                known=0,
                last=True,
                min_effect=self.cell.gap / 2,
                random=random,
                allowed=_everything,
            )
        suspects = _harmless(world, random)
        if self.kind == "flips of harmless factors and one culprit":
            suspects.append(world.order[0])
        flips = verify.freeze(beliefs, arm_of(suspects), named=0, level=ALPHA, allowed=_everything)
        return verify.FlipAttempt(
            flips,
            known=0,
            bad=world.bad,
            last=True,
            min_effect=self.cell.gap / 2,
            allowed=_everything,
        )


def _everything(arm: Arm) -> bool:
    return True


def _harmless(world: World, random: np.random.Generator) -> list[int]:
    """Return one to three harmless factors, the last of the world's order among them."""
    harmless = [i for i in world.order if i not in world.active]
    others = random.permutation(harmless[:-1])[: random.integers(0, 3)]
    return [harmless[-1], *(int(i) for i in others)]


def _screened(world: World, random: np.random.Generator) -> dict[Arm, list[float]]:
    """Return scores of the good, the bad and some random arms; both ends have at least one."""
    arms = [0, world.bad] * PAIRS + [int(a) for a in random.integers(1, world.bad, SCREENED)]
    scores: dict[Arm, list[float]] = {}
    for seed, arm in enumerate(arms):
        score = math.nan
        while math.isnan(score):
            score = world.run(arm, seed)
        scores.setdefault(arm, []).append(score)
    return scores


def _carried_out(
    world: World,
    attempt: verify.FlipAttempt | mirror.MirrorAttempt,
    scores: dict[Arm, list[float]],
) -> int:
    """Run an attempt to its end, failed trials once more, and return its trials."""
    seed, before = len(scores) + 1000, world.runs
    while rows := attempt.rows(WAVE, MOST_TRIALS - (world.runs - before)):
        finished: list[Row] = []
        for arms in rows:
            seed += 1
            finished.append({arm: _twice(world, arm, seed) for arm in arms})
        for row in finished:
            for arm, score in row.items():
                if not math.isnan(score):
                    scores.setdefault(arm, []).append(score)
        attempt.add(finished, scores)
        if world.runs - before >= MOST_TRIALS:
            break
    attempt.naming.look(step_of(scores), final=True)
    return world.runs - before


def _twice(world: World, arm: Arm, seed: int) -> float:
    score = world.run(arm, seed)
    return world.run(arm, seed) if math.isnan(score) else score
