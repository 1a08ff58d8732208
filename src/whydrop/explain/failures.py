"""What failed trials say: arms that cannot run, differences that do not go together, crashes."""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from whydrop.core.factor import Arm

GIVE_UP = 3  # failures of one arm, without a success, after which it counts as impossible
ALPHA_LEARNT = 0.001  # chance, over all pairs, that what cannot run is learnt from bad luck
NOTHING = (1.0, 0, (0, 0, 0, 0))
ALPHA_CRASH = 0.01  # level of "this factor makes the run fail", over all factors
APART = 20.0  # times that the p value of the next factor must be larger


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
        if counts is self.failed:
            self._learn()

    def impossible(self, arm: Arm) -> bool:
        return self.failed.get(arm, 0) >= GIVE_UP and not self.passed.get(arm)

    def allowed(self, arm: Arm) -> bool:
        """Return whether an arm may be asked for."""
        if self.impossible(arm):
            return False
        return not any(c.rules_out(arm) for c in (*self.declared, *self.learnt))

    def _learn(self) -> None:
        """Name the pairs of levels that no good run has, where chance fails so often very rarely.

        One difference on and another one off: "adam needs its own learning rate". A single level
        cannot be the reason, nor two on or two off together, since good and bad themselves run.
        A pair is not learnt while another one accounts for the same failures, or all but one.
        """
        pairs = [Constraint(1 << i, 1 << j) for i, j in itertools.permutations(range(self.k), 2)]
        possible = [pair for pair in pairs if not any(map(pair.rules_out, self.passed))]
        hits = {pair: {arm for arm in self.failed if pair.rules_out(arm)} for pair in possible}
        for pair, arms in hits.items():
            rivals = (other for other in possible if other != pair)
            if (
                pair not in self.learnt
                and self._by_chance(arms) <= ALPHA_LEARNT / len(pairs)
                and not any(len(arms - hits[rival]) <= 1 for rival in rivals)
            ):
                self.learnt.append(pair)

    def _by_chance(self, arms: set[Arm]) -> float:
        """Return the chance that all of these arms fail, were they like all others.

        An arm counts once, since its repeats may share a seed; twice when it is impossible.
        """
        failed = sum(n for arm, n in self.failed.items() if arm not in arms)
        rate = (failed + 1) / (failed + sum(self.passed.values()) + 2)
        return rate ** sum(2 if self.impossible(arm) else 1 for arm in arms)

    def crashes(self) -> tuple[CrashFinding, ...]:
        """Return the factors that make trials fail, strongest first.

        Fisher's exact test, Bonferroni over the factors, among the arms between good and bad:
        those two run most often and would lend any factor what another one does. Nothing is said
        while another factor accounts for the failures nearly as well, because it was on in the
        same arms. Once a factor is found, the others are only looked at where it is off.
        """
        ends = {0, (1 << self.k) - 1}
        arms = [
            a
            for a in (self.failed.keys() | self.passed.keys()) - ends
            if self.allowed(a) or self.passed.get(a)
        ]
        found: list[CrashFinding] = []
        while True:
            tested = [
                (_fisher(*counts), i, counts)
                for i in range(self.k)
                if all(i != crash.factor for crash in found)
                for counts in [self._counts(arms, i)]
            ]
            (p, i, counts), (rival, *_), *_ = *sorted(tested), NOTHING, NOTHING
            if p >= ALPHA_CRASH / self.k or p * APART > rival:
                return tuple(found)
            failed_on, passed_on, failed_off, passed_off = counts
            trials = failed_on + passed_on, failed_off + passed_off
            found.append(CrashFinding(i, failed_on, trials[0], failed_off, trials[1]))
            arms = [a for a in arms if not a >> i & 1]

    def _counts(self, arms: Sequence[Arm], factor: int) -> tuple[int, int, int, int]:
        """Return failures and successes with a factor on, then with it off."""
        counts = [0, 0, 0, 0]
        for arm in arms:
            off = 0 if arm >> factor & 1 else 2
            counts[off] += self.failed.get(arm, 0)
            counts[off + 1] += self.passed.get(arm, 0)
        return counts[0], counts[1], counts[2], counts[3]


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
