"""Progress: how a running study stands, live on a terminal and as plain lines elsewhere."""

import datetime
import math
import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Protocol, Self

from rich.console import Console, Group, RenderableType
from rich.live import Live

from whydrop.core.effect import Effect
from whydrop.core.study import Study
from whydrop.core.trial import Outcome, Trial
from whydrop.report import amounts
from whydrop.report.names import listing
from whydrop.report.sheet import Sheet

LINE_EVERY_S = 30.0  # between two plain lines of one phase
DRAW_EVERY_S = 0.2  # between two pictures: instant trials are not slowed by looking at them
PHASES = {
    "gap": "gap check",
    "screen": "screen",
    "verify": "verification",
    "noise": "noise",
    "compare": "comparison",
    "done": "done",
}


class Standing(Protocol):
    """What a design says of itself; see the design's own type for the meaning."""

    @property
    def phase(self) -> str: ...
    @property
    def doing(self) -> str: ...
    @property
    def effects(self) -> tuple[Effect, ...]: ...
    @property
    def trials_left(self) -> int: ...


class Progress:
    """Follows a study; a context manager that leaves the terminal as it was.

    The display changes when something happens, not by a clock: no thread of it is alive while
    trials are forked. So it tells when it expects to be done, which stays true in between.

    Args:
        console: standard error, unless given; a terminal gets a live display, a file or a
            notebook plain lines.
        clock: seconds, for tests.
        now: local time, for tests.
    """

    def __init__(
        self,
        console: Console | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime.datetime] = datetime.datetime.now,
    ) -> None:
        self._console = console or Console(stderr=True)
        self._sheet = Sheet(self._console)
        self._clock, self._now = clock, now
        self._began = 0.0  # when it was first told how the study stands
        self._standing: Standing | None = None
        self._study: Study | None = None
        self._waiting: set[int] = set()  # for their outcome, whether they run or are queued
        self._places = 0
        self._ended: dict[int, Outcome] = {}  # by number of the trial
        self._fresh = 0  # of these, ended under our eyes
        self._said: tuple[str, float] = ("", -math.inf)
        self._live: Live | None = None
        self._drawn = -math.inf

    def __enter__(self) -> Self:
        if self._console.is_terminal and not self._console.is_dumb_terminal:
            self._live = Live(
                console=self._console,
                auto_refresh=False,
                transient=True,
                redirect_stdout=False,
                redirect_stderr=False,
            )
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None

    # -- what the coordinator tells ------------------------------------------------------------

    def wave_started(self, trials: Sequence[Trial], places: int) -> None:
        """Show that these trials are queued, and as many running as there are places."""
        self._waiting = {trial.number for trial in trials}
        self._places = places
        self._show()

    def outcome(self, outcome: Outcome) -> None:
        """Count a finished trial."""
        self._waiting.discard(outcome.trial.number)
        self._fresh += self._study is not None and outcome.trial.number not in self._ended
        self._ended[outcome.trial.number] = outcome
        self._show()

    def standing(self, standing: Standing, study: Study) -> None:
        """Show where the design is; ``study`` holds all outcomes, also of earlier sessions."""
        if self._study is None:
            self._began = self._clock()
        self._ended |= {outcome.trial.number: outcome for outcome in study.outcomes}
        self._standing, self._study = standing, study
        self._drawn = -math.inf
        self._show()

    def say(self, line: str) -> None:
        """Show a line that stays."""
        self._console.print(self._sheet.text(line), highlight=False, soft_wrap=True)

    # -- what is shown -------------------------------------------------------------------------

    def _show(self) -> None:
        if self._standing is None:
            return
        if self._live is not None:
            if self._clock() - self._drawn >= DRAW_EVERY_S:
                self._live.update(self._picture(), refresh=True)
                self._drawn = self._clock()
            return
        phase, at = self._said
        due = self._standing.phase != phase or self._clock() - at >= LINE_EVERY_S
        if due and self._standing.phase != "done":
            self._said = (self._standing.phase, self._clock())
            self.say(f"{self._title()}; {self.counts()}")

    def _picture(self) -> RenderableType:
        parts: list[RenderableType] = [
            self._sheet.text(self._title(), "bold"),
            self._sheet.text(self.counts()),
        ]
        rows = self.effects()
        if rows:
            parts.append(self._sheet.table(rows))
        return Group(*parts)

    def _title(self) -> str:
        standing = self._standing
        if standing is None:
            return ""
        phase = PHASES.get(standing.phase, standing.phase)
        return phase if standing.doing in ("", phase) else f"{phase}: {standing.doing}"

    def counts(self) -> str:
        """Return trials done, failed, under way and to come, with the time they take."""
        parts = [f"{amounts.count(len(self._ended), 'trial')} done"]
        failed = sum(outcome.state != "ok" for outcome in self._ended.values())
        if failed:
            parts[0] += f" ({failed:,} failed)"
        running = min(len(self._waiting), self._places)
        if running:
            parts.append(f"{running:,} under way")
        left = self._left()
        elapsed = self._clock() - self._began
        if left:
            parts.append(f"about {left:,} to come")
        if self._fresh:
            parts.append(f"{amounts.duration(elapsed)} so far")
        if left and self._fresh:
            rest = elapsed / self._fresh * left
            end = self._now() + datetime.timedelta(seconds=rest)
            day = f"{end:%H:%M}" if rest < 12 * 3600 else f"{end:%Y-%m-%d %H:%M}"
            parts.append(f"about {amounts.duration(rest)} left, until {day}")
        return ", ".join(parts)

    def _left(self) -> int:
        """Return the expected further trials, less those that ended since the design was asked."""
        if self._standing is None or self._study is None:
            return 0
        since = len(self._ended) - len(self._study.outcomes)
        return max(self._standing.trials_left - since, 0)

    def effects(self) -> list[tuple[str, str, str]]:
        """Return the current estimates: of what, value, bounds."""
        if self._standing is None or self._study is None:
            return []
        metric, rows = self._study.metric, []
        for effect in self._standing.effects:
            if math.isnan(effect.value):
                continue
            digits = amounts.decimals(metric, effect.low, effect.high, effect.value)
            bounds = amounts.interval(effect.low, effect.high, digits)
            rows.append((self._name(effect), amounts.signed(effect.value, digits), bounds))
        return rows

    def _name(self, effect: Effect) -> str:
        """Return what an effect is of: a design names factors by position, the gap by "bad"."""
        factors = self._study.factors if self._study else ()
        if not effect.factors:
            return "spread over seeds"
        if effect.factors == ("bad",) or len(effect.factors) == len(factors) > 1:
            return "bad against good"
        return listing([factors[int(position)].name for position in effect.factors])
