"""Progress on a terminal and in a file."""

import datetime
import io
import math
from typing import NamedTuple

import pytest
from rich.console import Console
from tests.fixtures.results import by_hand

from whydrop.core.effect import Effect
from whydrop.core.study import Study
from whydrop.core.trial import Outcome, Trial
from whydrop.explain.run import Watcher
from whydrop.report.progress import LINE_EVERY_S, Progress


class Standing(NamedTuple):
    phase: str
    doing: str
    effects: tuple[Effect, ...]
    trials_left: int


class Clock:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock():
    return Clock()


def watcher(clock, **options) -> tuple[Progress, io.StringIO]:
    out = io.StringIO()
    console = Console(file=out, width=80, **options)
    noon = datetime.datetime(2026, 3, 1, 12, 0)
    return Progress(console, clock=clock, now=lambda: noon), out


def trial(number: int) -> Trial:
    return Trial(number, 0, number, "gap")


def study(outcomes=()) -> Study:
    made = by_hand().study
    return Study(made.factors, made.metric, tuple(outcomes))


def run_two(progress: Progress, clock: Clock) -> list[Outcome]:
    progress.standing(Standing("gap", "is bad worse than good?", (), 60), study())
    progress.wave_started([trial(1), trial(2), trial(3)], 1)
    ended = [
        Outcome.measured(trial(1), 0.7),
        Outcome.failed(trial(2), "timeout", "no result within 60 s"),
    ]
    for outcome in ended:
        clock.seconds += 60
        progress.outcome(outcome)
    return ended


def test_it_counts_trials_and_foretells_the_end(clock):
    progress, _ = watcher(clock)
    with progress:
        run_two(progress, clock)
        # 2 trials in 2 minutes; 60 - 2 to come take 58 minutes
        assert progress.counts() == (
            "2 trials done (1 failed), 1 under way, about 58 to come, 2 min so far, "
            "about 58 min left, until 12:58"
        )


@pytest.mark.parametrize(("places", "running"), [(1, 1), (2, 2), (8, 3)])
def test_only_what_runs_is_under_way(clock, places, running):
    progress, _ = watcher(clock)
    with progress:
        progress.standing(Standing("gap", "", (), 60), study())
        progress.wave_started([trial(1), trial(2), trial(3)], places)
        assert f"done, {running} under way, " in progress.counts()


def test_trials_of_an_earlier_session_count_but_do_not_slow_the_forecast(clock):
    progress, _ = watcher(clock)
    with progress:
        before = [Outcome.measured(trial(n), 0.7) for n in range(10, 20)]
        progress.standing(Standing("screen", "", (), 8), study(before))
        clock.seconds += 60
        progress.outcome(Outcome.measured(trial(20), 0.7))
        assert progress.counts().startswith("11 trials done, about 7 to come")
        assert "about 7 min left" in progress.counts()


def test_a_study_that_is_followed_from_its_journal_is_counted_once(clock):
    progress, _ = watcher(clock)
    with progress:
        past = [Outcome.measured(trial(n), 0.7) for n in range(1, 11)]
        progress.wave_started([outcome.trial for outcome in past], 1)
        for outcome in past:
            progress.outcome(outcome)
        progress.standing(Standing("screen", "", (), 8), study(past))
        # How fast the journal was read says nothing of how fast trials are.
        assert progress.counts() == "10 trials done, about 8 to come"


def test_effects_are_named_by_their_factors(clock):
    progress, _ = watcher(clock)
    effects = (
        Effect(("bad",), -4.3, -5.1, -3.5),
        Effect(("0",), -2.9, -math.inf, math.inf),
        Effect(("1", "2"), -1.2, -1.7, -0.7),
        Effect((), 0.4, 0.3, 0.9),
        Effect(("3",), math.nan, -math.inf, math.inf),
    )
    with progress:
        progress.standing(Standing("verify", "", effects, 3), study())
    assert progress.effects() == [
        ("bad against good", "-4.3", "[-5.1, -3.5]"),
        ("output", "-2.9", "[-∞, +∞]"),
        ("crop and cutout", "-1.2", "[-1.7, -0.7]"),
        ("spread over seeds", "+0.4", "[+0.3, +0.9]"),
    ]


def test_a_file_gets_a_plain_line_at_each_phase_and_seldom_in_between(clock):
    progress, out = watcher(clock)
    with progress:
        ended = run_two(progress, clock)
        lines = len(out.getvalue().splitlines())
        clock.seconds += LINE_EVERY_S / 2
        progress.standing(Standing("gap", "is bad worse than good?", (), 58), study(ended))
        assert len(out.getvalue().splitlines()) == lines
        progress.standing(Standing("screen", "which factors?", (), 40), study(ended))
        progress.standing(Standing("done", "", (), 0), study(ended))
    text = out.getvalue()
    assert "\x1b" not in text
    assert text.splitlines()[0] == (
        "gap check: is bad worse than good?; 0 trials done, about 60 to come"
    )
    assert len(text.splitlines()) == lines + 1
    assert text.splitlines()[-1].startswith("screen: which factors?; 2 trials done (1 failed)")


def test_a_terminal_is_left_as_it_was(clock):
    progress, out = watcher(clock, force_terminal=True, force_interactive=True)
    with pytest.raises(KeyboardInterrupt), progress:
        run_two(progress, clock)
        raise KeyboardInterrupt
    text = out.getvalue()
    assert "is bad worse than good?" in text
    assert text.count("\x1b[?25l") == text.count("\x1b[?25h") == 1  # cursor hidden, shown again


def test_a_hostile_message_does_not_reach_the_terminal(clock):
    progress, out = watcher(clock)
    with progress:
        progress.standing(Standing("gap", "\x1b[2Jdoing [bold]", (), 1), study())
    assert "\x1b" not in out.getvalue()
    assert "[bold]" in out.getvalue()


def test_the_coordinator_can_be_watched_with_it(clock):
    progress, _ = watcher(clock)
    watched: Watcher = progress
    assert watched.outcome
