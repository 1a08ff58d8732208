"""Design: chooses the trials of a study and says what they show. Pure: no I/O, no clock."""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from whydrop.core.effect import Effect
from whydrop.core.errors import UsageError
from whydrop.core.factor import Arm
from whydrop.core.trial import Phase
from whydrop.explain import gap
from whydrop.explain.cost import expected_trials
from whydrop.explain.designer import SEEDS_APART, Ask, Standing
from whydrop.explain.failures import Constraint, Failures
from whydrop.explain.settings import Settings
from whydrop.explain.share import step_of

if TYPE_CHECKING:
    from whydrop.explain.mirror import MirrorAttempt
    from whydrop.explain.verify import FlipAttempt
    from whydrop.stats.explanations import Explanations, Terms


ATTEMPTS = (0.85, 0.1, 0.05)  # shares of alpha; never a fourth, however often resumed
SCREEN_RESERVE = 14  # trials left below which no more are spent on screening
VERIFY_RESERVE = 12  # trials left below which no attempt begins
TYPICAL_GAP = 4.0  # standard deviations between seeds
TYPICAL_SCREEN, TYPICAL_VERIFICATION = 12.0, 25.0  # trials

Stop = Literal["", "gap", "no noise", "budget", "settled", "attempts", "failing"]


class Design:
    """The experiment over k factors: gap check, then screen and verification in turns.

    Args:
        k: number of factors; bit i of an arm switches factor i.
        settings: of the study.
        constraints: combinations that are known not to run.

    Example:
        >>> from whydrop.explain.settings import Settings
        >>> design = Design(2, Settings(min_effect=1.0))
        >>> [ask.arm for ask in design.propose()]
        [0, 3, 0, 3, 0, 3]
    """

    def __init__(self, k: int, settings: Settings, constraints: Sequence[Constraint] = ()) -> None:
        import numpy as np

        if k < 1:
            raise UsageError(
                "there is no difference between good and bad",
                where=f"a design over {k} factors",
                do="give two runs that differ",
            )
        self.k = k
        self.settings = settings
        self.bad: Arm = (1 << k) - 1
        self.failures = Failures(k, tuple(constraints))
        self.scores: dict[Arm, list[float]] = {}
        self.history: list[tuple[Ask, float]] = []
        self.drops: list[float] = []  # good less bad of the gap check, in order of arrival
        self.gap_looks = gap.looks()
        self.gap_standing: gap.Standing = "open"
        self.attempts: list[FlipAttempt | MirrorAttempt] = []
        self.stopped: Stop = ""
        self._stage: Phase | None = "gap"
        self._random = np.random.default_rng(settings.seed)
        self._terms: Terms | None = None
        self._seed = 0
        self._tried = 0
        self._screened = 0
        self._folded: tuple[Arm, ...] = ()
        # Seeds whose arms are not all back yet, and what has been tried twice.
        self._rows: dict[int, dict[Arm, float]] = {}
        self._retried: set[tuple[int, Arm]] = set()
        self._wave: tuple[Ask, ...] = ()
        self._next_wave()

    # -- the coordinator's side ----------------------------------------------------------------

    @property
    def done(self) -> bool:
        return self._stage is None

    @property
    def stage(self) -> Phase | None:
        return self._stage

    @property
    def left(self) -> int:
        """Trials that the budget still has."""
        return self.settings.max_trials - len(self.history)

    @property
    def min_effect(self) -> float:
        """The smallest drop worth explaining; by default 1 % of the good run's first score."""
        if self.settings.min_effect is not None:
            return self.settings.min_effect
        first = self.scores.get(0)
        return 0.01 * abs(first[0]) if first else math.nan

    @property
    def named(self) -> Arm:
        """The factors that are proven."""
        return self.attempts[-1].named if self.attempts else 0

    def proof(self, factor: int) -> "FlipAttempt | MirrorAttempt":
        """Return the attempt that named a factor."""
        return next(a for a in self.attempts if factor in a.naming.named)

    def propose(self) -> tuple[Ask, ...]:
        """Return the wave to run now; the same one until it has been told; empty when done."""
        return self._wave

    def tell(self, scores: Sequence[float]) -> None:
        """Take the wave's scores, in its order: the shown unit, larger is better, nan failed."""
        if len(scores) != len(self._wave):
            raise UsageError(
                f"{len(scores)} scores for a wave of {len(self._wave)} trials",
                where="Design.tell()",
                do="tell one score for each trial that propose() asked for, nan where it failed",
            )
        for ask, score in zip(self._wave, scores, strict=True):
            self.history.append((ask, score))
            self.failures.add(ask.arm, score)
            if not math.isnan(score):
                self.scores.setdefault(ask.arm, []).append(score)
            if self._stage == "screen":
                self._screened += 1
            else:
                self._rows.setdefault(ask.seed, {})[ask.arm] = score
        self._next_wave()

    def extend(self, max_trials: int) -> None:
        self.settings = replace(self.settings, max_trials=max_trials)

    def beliefs(self) -> "Explanations":
        """Return the posterior over explanations given all scores so far."""
        from whydrop.stats.explanations import Explanations, Terms

        if self._terms is None:
            self._terms = Terms.of(
                self.k, interactions=self.settings.interactions, weights=self.settings.weights
            )
        return Explanations(self._terms, self.scores)

    # -- what next -----------------------------------------------------------------------------

    def _next_wave(self) -> None:
        wave: tuple[Ask, ...] = ()
        while self._stage is not None and not wave:
            wave = (
                self._retries()
                or {
                    "gap": self._ask_gap,
                    "screen": self._ask_screen,
                    "verify": self._ask_verify,
                }[self._stage]()
            )
            if len(wave) > self.left:
                wave = self._stop("budget")
        self._wave = wave

    def _stop(self, reason: Stop) -> tuple[Ask, ...]:
        if self._stage == "verify":
            self.attempts[-1].naming.look(step_of(self.scores), final=True)
        self._stage, self.stopped = None, reason
        return ()

    def _fresh_seed(self) -> int:
        self._seed += 1
        return self.settings.seed * SEEDS_APART + self._seed

    def _retries(self) -> tuple[Ask, ...]:
        """Return the failed arms of open rows, each once more on its own seed."""
        if self._stage == "screen" or self._stage is None:
            return ()
        again = [
            Ask(arm, seed, self._stage)
            for seed, row in self._rows.items()
            for arm, score in row.items()
            if math.isnan(score) and (seed, arm) not in self._retried
            if not self.failures.impossible(arm)
        ]
        self._retried |= {(ask.seed, ask.arm) for ask in again}
        return tuple(again)

    def _take_rows(self) -> list[dict[Arm, float]]:
        rows = list(self._rows.values())
        self._rows = {}
        return rows

    def _ask_gap(self) -> tuple[Ask, ...]:
        for row in self._take_rows():
            drop = row[0] - row[self.bad]
            if not math.isnan(drop):
                self.drops.append(drop)
        self.gap_looks = self.gap_looks.at(self.drops, step_of(self.scores))
        self.gap_standing = gap.standing(
            self.drops,
            self.gap_looks,
            alpha=self.settings.alpha,
            min_effect=self.min_effect,
            tried=self._tried,
            constant=all(len(set(self.scores.get(arm, ()))) < 2 for arm in (0, self.bad)),
        )
        if self.gap_standing == "no noise":
            return self._stop("no noise")
        if self.failures.impossible(0) or self.failures.impossible(self.bad):
            return self._stop("failing")
        if self.gap_standing == "open":
            pairs = gap.FIRST_PAIRS if not self._tried else max(1, self.settings.wave // 2)
            self._tried += pairs
            seeds = [self._fresh_seed() for _ in range(pairs)]
            return tuple(Ask(arm, seed, "gap") for seed in seeds for arm in (0, self.bad))
        measured = self.scores.get(0) and self.scores.get(self.bad)
        if measured and (self.gap_standing == "confirmed" or self.settings.screen_anyway):
            self._stage = "screen"
            return ()
        return self._stop("gap")

    def _ask_screen(self) -> tuple[Ask, ...]:
        from whydrop.explain import fold_over, mirror, screen

        attempt = len(self.attempts)
        if self.k == 1:
            return self._begin_attempt(1)
        if attempt == len(ATTEMPTS) - 1 and not self.named and not self._folded:
            rows = fold_over.arms(self.k, self._random)
            if self.left >= len(rows) + VERIFY_RESERVE:
                self._folded = tuple(arm for arm in rows if self.failures.allowed(arm))
                return self._screen_asks(self._folded)
        beliefs = self.beliefs()
        limit = screen.budget(self.k, attempt)
        spent = self._screened >= limit or self.left < SCREEN_RESERVE
        found = screen.suspects(beliefs, used=self._screened, spent=spent)
        if found is None:
            arms = screen.candidates(beliefs, self._random, self.failures.allowed)
            batch = screen.next_arms(beliefs, arms, self.settings.wave)
            if batch:
                return self._screen_asks(batch)
            found = screen.suspects(beliefs, used=self._screened, spent=True)
        suspects = found or 0
        if self._folded and attempt == len(ATTEMPTS) - 1:
            runs = [(a, y) for a in dict.fromkeys(self._folded) for y in self.scores.get(a, ())]
            effects = fold_over.large_effects(self.k, runs, self.settings.alpha)
            suspects = fold_over.suspects(effects, screen.MOST_SUSPECTS) or suspects
        if not suspects & ~self.named:
            if self._settled:
                return self._stop("settled")
            if self.k < mirror.FEWEST_FACTORS:
                suspects = self.bad
        if self.left < VERIFY_RESERVE:
            return self._stop("budget")
        return self._begin_attempt(suspects | self.named)

    @property
    def _settled(self) -> bool:
        """Whether the last attempt's seeds show that the named explain the gap."""
        return bool(self.attempts) and self.attempts[-1].settled

    def _screen_asks(self, arms: Sequence[Arm]) -> tuple[Ask, ...]:
        return tuple(Ask(arm, self._fresh_seed(), "screen") for arm in arms)

    def _begin_attempt(self, suspects: Arm) -> tuple[Ask, ...]:
        from whydrop.explain import mirror, verify

        number = len(self.attempts)
        level = self._level()
        beliefs = self.beliefs()
        known, last = self.named, number == len(ATTEMPTS) - 1
        flips = verify.freeze(
            beliefs, suspects, named=known, level=level, allowed=self.failures.allowed
        )
        pairs = mirror.freeze(
            beliefs,
            named=known,
            level=level,
            random=self._random,
            allowed=self.failures.allowed,
        )
        if not flips.contrasts and not pairs.contrasts:
            return self._stop("attempts")
        attempt: FlipAttempt | MirrorAttempt
        if not flips.contrasts or mirror.preferred(beliefs, pairs=pairs, flips=flips):
            attempt = mirror.MirrorAttempt(
                pairs,
                beliefs,
                known=known,
                last=last,
                min_effect=self.min_effect,
                random=self._random,
                allowed=self.failures.allowed,
            )
        else:
            attempt = verify.FlipAttempt(
                flips,
                known=known,
                bad=self.bad,
                last=last,
                min_effect=self.min_effect,
                allowed=self.failures.allowed,
            )
        self.attempts.append(attempt)
        self._stage = "verify"
        return ()

    def _level(self) -> float:
        """Return the level of the next attempt: its own share, and what the last one left whole.

        An attempt that named all it tested has spent nothing on harmless factors: either none was
        among them, or a false name is already counted. So its level passes on.

        Source: Bretz, Maurer, Brannath and Posch (2009), Statist. Med. 28, 586-604.
        """
        level = self.settings.alpha * ATTEMPTS[len(self.attempts)]
        if self.attempts and not self.attempts[-1].naming.pending:
            level += self.attempts[-1].frozen.level
        return level

    def _ask_verify(self) -> tuple[Ask, ...]:
        attempt = self.attempts[-1]
        back = self._take_rows()
        if back:
            attempt.add(back, self.scores)
        rows = attempt.rows(self.settings.wave, self.left)
        asks = []
        for arms in rows:
            seed = self._fresh_seed()
            asks += [Ask(arm, seed, "verify") for arm in arms if self.failures.allowed(arm)]
        return tuple(asks) or self._end_attempt()

    def _end_attempt(self) -> tuple[Ask, ...]:
        from whydrop.explain import screen

        self.attempts[-1].naming.look(step_of(self.scores), final=True)
        beliefs = self.beliefs()
        likely = [i for i in range(self.k) if beliefs.inclusion[i] >= screen.LIKELY]
        explained = self._settled and all(self.named >> i & 1 for i in likely)
        if explained or self.named == self.bad:
            return self._stop("settled")
        if len(self.attempts) == len(ATTEMPTS):
            return self._stop("attempts")
        self._screened = 0
        self._stage = "screen"
        return ()

    # -- where it stands -----------------------------------------------------------------------

    def standing(self) -> Standing:
        """Return where the experiment is; effects are changes of the score, negative hurts."""
        if self._stage == "gap" or not self.attempts:
            bounds = gap.bounds(self.gap_looks, self.gap_standing, self.settings.alpha)
            mean = math.fsum(self.drops) / len(self.drops) if self.drops else math.nan
            effects: tuple[Effect, ...] = (
                Effect(("bad",), -mean, -bounds.high, -bounds.low, units=len(self.drops)),
            )
        else:
            naming = self.attempts[-1].naming
            effects = tuple(
                Effect((str(f),), -_mean(units), -b.high, -b.low, units=len(units))
                for f, units in naming.units.items()
                for b in [naming.interval(f)]
            )
        return Standing(self._stage or "done", self._doing(), effects, self._trials_left())

    def _trials_left(self) -> int:
        """Return the expected number of further trials."""
        if self.done:
            return 0
        done = len(self.history)
        if self._stage == "gap":
            left = expected_trials(self.k, TYPICAL_GAP) - done
        elif self._stage == "screen":
            left = TYPICAL_SCREEN / 2 + TYPICAL_VERIFICATION
        else:
            verified = sum(ask.phase == "verify" for ask, _ in self.history)
            left = sum(attempt.frozen.cost for attempt in self.attempts) - verified
        return int(min(max(left, 2), self.left))

    def _doing(self) -> str:
        if self._stage == "gap":
            return "measuring good against bad"
        if self._stage == "screen":
            return "looking for the factors that matter"
        if self._stage == "verify":
            n = self.attempts[-1].frozen.suspects.bit_count()
            return f"testing {n} {'suspect' if n == 1 else 'suspects'} on fresh seeds"
        return "done"


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values) if values else math.nan
