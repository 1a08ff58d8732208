"""The coordinator: what the design asks for is run, written down, and told to the design.

All that it knows is in the journal. Whatever is proposed is written before it runs, and whatever
came of it before the design hears of it, so a study is a function of its seed and its outcomes:
it may be killed at any moment, and a new coordinator goes on where the journal ends.
"""

import shlex
import time
from collections.abc import Sequence
from typing import Any, Protocol

from whydrop.core.errors import Interrupted
from whydrop.core.metric import Metric
from whydrop.core.study import Study
from whydrop.core.trial import Outcome, Trial
from whydrop.explain.designer import Designer, Standing
from whydrop.explain.executor import Executor
from whydrop.explain.replay import replay, scores, settled
from whydrop.journal.record import PHASE, UNIT
from whydrop.journal.store import Journal


class Watcher(Protocol):
    """Is told how a study goes on; a progress display, for one."""

    def wave_started(self, trials: Sequence[Trial], places: int) -> None:
        """These trials are about to run, as many at once as there are places.

        On resume, those of the wave that are still to run.
        """
        ...

    def outcome(self, outcome: Outcome) -> None:
        """A trial ended, and its outcome is kept."""
        ...

    def standing(self, standing: Standing, study: Study) -> None:
        """The design has heard of a whole wave, or of all that the journal held."""
        ...


def run(
    design: Designer,
    executor: Executor,
    journal: Journal,
    *,
    max_time_s: float | None = None,
    watch: Watcher | None = None,
) -> Study:
    """Run a study to its end, from wherever its journal is.

    Args:
        design: fresh: it has been told nothing yet.
        executor: not entered yet; it is not, if nothing is left to run.
        journal: of a new study, or of one to resume.
        max_time_s: wall time for this call; trials that run when it is over are dropped.
        watch: is told of the progress.

    Returns:
        The study with its outcomes. ``design.done`` is False if the time ran out first; a
        wave that was then cut short is in the outcomes, but not told to the design.

    Raises:
        Interrupted: on KeyboardInterrupt, when the trials have been stopped.
        JournalError: an outcome cannot be written, or the journal is not of this design.
    """
    deadline = None if max_time_s is None else time.monotonic() + max_time_s
    try:
        _keep_unit(journal, replay(design, journal).metric)
        _show(design, journal, watch)
        if not design.done:
            with executor:
                while not design.done and _run_wave(design, executor, journal, deadline, watch):
                    _show(design, journal, watch)
        return journal.study()
    except KeyboardInterrupt:
        raise Interrupted(
            f"interrupted; {len(journal.study().outcomes)} finished trials are kept",
            where=str(journal.folder),
            do=f"go on by {_going_on(journal)}",
        ) from None


def _going_on(journal: Journal) -> str:
    if journal.header.command:
        return f"`whydrop resume {shlex.quote(str(journal.folder))}`"
    return f"the same call with study={str(journal.folder)!r}"


def _run_wave(
    design: Designer,
    executor: Executor,
    journal: Journal,
    deadline: float | None,
    watch: Watcher | None,
) -> bool:
    """Run the wave that the design asks for, as far as it was not, and tell it to the design.

    Returns:
        False if the time ran out first.
    """
    # Every complete wave of the journal has been told, so an incomplete one is what is asked for.
    waves = journal.waves()
    if not waves or waves[-1].complete:
        first = 1 + sum(len(wave.trials) for wave in waves)
        trials = [Trial(n, *ask) for n, ask in enumerate(design.propose(), start=first)]
        begins = not waves or waves[-1].trials[-1].phase != trials[0].phase
        decisions = {PHASE: _frozen(design.standing(), journal)} if begins else None
        journal.propose(trials, decisions)
        waves = journal.waves()
    wave = waves[-1]
    running = {
        t.number: t for t, known in zip(wave.trials, wave.outcomes, strict=True) if not known
    }
    if watch:
        watch.wave_started(tuple(running.values()), executor.places)
    for trial in running.values():
        executor.submit(trial)
    while running:
        left_s = None if deadline is None else deadline - time.monotonic()
        if left_s is not None and left_s <= 0:
            return False
        outcome = executor.next_outcome(left_s)
        if outcome is None:
            return False
        journal.append(outcome)
        del running[outcome.trial.number]
        if watch:
            watch.outcome(outcome)
    wave = journal.waves()[-1]
    metric = settled(journal.study().metric, wave)
    _keep_unit(journal, metric)
    design.tell(scores(metric, wave))
    return True


def _frozen(standing: Standing, journal: Journal) -> dict[str, Any]:
    """Return what a phase set out to do, such as the factors it tests, before it saw anything."""
    names = {str(i): factor.name for i, factor in enumerate(journal.header.factors)}
    testing = [[names.get(word, word) for word in effect.factors] for effect in standing.effects]
    return {"phase": standing.phase, "doing": standing.doing, "effects": testing}


def _keep_unit(journal: Journal, metric: Metric) -> None:
    if metric != journal.study().metric:
        journal.decide(UNIT, metric.unit)


def _show(design: Designer, journal: Journal, watch: Watcher | None) -> None:
    if watch:
        watch.standing(design.standing(), journal.study())
