"""Follow a study that another process runs, by reading its journal."""

import time
from collections.abc import Callable

from whydrop.explain.conduct import asked_in, fresh_design
from whydrop.explain.replay import replay
from whydrop.explain.run import Watcher
from whydrop.journal.lock import is_held
from whydrop.journal.record import Record


def follow(
    record: Record,
    watch: Watcher,
    *,
    poll_s: float = 0.5,
    sleep: Callable[[float], None] = time.sleep,
) -> bool:
    """Tell a watcher all that a study has done and does, until it ends or nobody runs it.

    Returns:
        Whether the study is finished.
    """
    known: set[int] = set()
    started = told = -1
    while True:
        running = is_held(record.folder)  # asked first: what it wrote last is then read below
        waves = record.waves()
        for wave in waves:
            if wave.number > started:
                watch.wave_started(wave.trials, asked_in(record).jobs)
                started = wave.number
            for outcome in wave.outcomes:
                if outcome and outcome.trial.number not in known:
                    known.add(outcome.trial.number)
                    watch.outcome(outcome)
        complete = sum(wave.complete for wave in waves)
        if complete != told:
            told = complete
            design = fresh_design(record)
            study = replay(design, record)
            watch.standing(design.standing(), study)
            if design.done:
                return True
        if not running:
            return False
        sleep(poll_s)
