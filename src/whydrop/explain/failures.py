"""What failed trials say: arms that cannot run, differences that do not go together, crashes."""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from whydrop.core.factor import Arm, members

GIVE_UP = 3  # failures of one arm, without a success, after which it counts as impossible
ALPHA_CRASH = 0.01  # level of "this factor makes the run fail", over all factors


@dataclass(frozen=True)
class Constraint:
    """Arms that never ran: those with every factor of ``on`` on and every one of ``off`` off."""

    on: Arm
    off: Arm

    def rules_out(self, arm: Arm) -> bool:
        return arm & self.on == self.on and arm & self.off == 0


@dataclass(frozen=True)
class CrashFinding:
    """A factor with which trials fail more often than without it."""

    factor: int
    failed_on: int
    trials_on: int
    failed_off: int
    trials_off: int


@dataclass
class Failures:
    """The tally of a study: how often each arm failed and succeeded."""

    k: int
    declared: tuple[Constraint, ...] = ()
    failed: dict[Arm, int] = field(default_factory=dict)
    passed: dict[Arm, int] = field(default_factory=dict)
    learnt: list[Constraint] = field(default_factory=list)

    def add(self, arm: Arm, score: float) -> None:
        counts = self.failed if math.isnan(score) else self.passed
        counts[arm] = counts.get(arm, 0) + 1
        if counts is self.failed and self.impossible(arm):
            self._learn()

    def impossible(self, arm: Arm) -> bool:
        return self.failed.get(arm, 0) >= GIVE_UP and not self.passed.get(arm)

    def allowed(self, arm: Arm) -> bool:
        """Return whether an arm may be asked for."""
        if self.impossible(arm):
            return False
        return not any(c.rules_out(arm) for c in (*self.declared, *self.learnt))

    def _learn(self) -> None:
        """Name the pair of levels that all impossible arms share and no good run has.

        One difference on and another one off: "adam needs its own learning rate". A single level
        cannot be the reason, nor two on or two off together, since good and bad themselves run.
        """
        impossible = [arm for arm in self.failed if self.impossible(arm)]
        for i, j in itertools.permutations(range(self.k), 2):
            constraint = Constraint(1 << i, 1 << j)
            if constraint in self.learnt or any(map(constraint.rules_out, self.passed)):
                continue
            hit = [arm for arm in impossible if constraint.rules_out(arm)]
            lost = sum(self.failed[a] for a in self.failed if constraint.rules_out(a))
            if len(hit) >= 2 and lost >= 2 * GIVE_UP and self._explains(hit):
                self.learnt.append(constraint)

    def _explains(self, hit: Sequence[Arm]) -> bool:
        """Return whether only one pair of levels accounts for these arms."""
        whole = (1 << self.k) - 1
        shared_on, shared_off = whole, whole
        for arm in hit:
            shared_on &= arm
            shared_off &= whole & ~arm
        rivals = (
            Constraint(1 << i, 1 << j) for i in members(shared_on) for j in members(shared_off)
        )
        return sum(not any(map(rival.rules_out, self.passed)) for rival in rivals) == 1

    def crashes(self) -> tuple[CrashFinding, ...]:
        """Return the factors that make trials fail, by Fisher's exact test, Bonferroni over k."""
        arms = self.failed.keys() | self.passed.keys()
        possible = [a for a in arms if self.allowed(a) or self.passed.get(a)]
        found = []
        for i in range(self.k):
            counts = [0, 0, 0, 0]
            for arm in possible:
                on = arm >> i & 1
                counts[2 * on] += self.failed.get(arm, 0)
                counts[2 * on + 1] += self.passed.get(arm, 0)
            failed_off, passed_off, failed_on, passed_on = counts
            if _fisher(failed_on, passed_on, failed_off, passed_off) < ALPHA_CRASH / self.k:
                trials = failed_on + passed_on, failed_off + passed_off
                found.append(CrashFinding(i, failed_on, trials[0], failed_off, trials[1]))
        return tuple(found)


def _fisher(failed_on: int, passed_on: int, failed_off: int, passed_off: int) -> float:
    """Return the one-sided p value of "fails more often when on", given all margins."""
    n_on, failed = failed_on + passed_on, failed_on + failed_off
    total = n_on + failed_off + passed_off
    most = min(n_on, failed)
    ways = math.comb(total, failed)
    tail = sum(
        math.comb(n_on, x) * math.comb(total - n_on, failed - x) for x in range(failed_on, most + 1)
    )
    return tail / ways
