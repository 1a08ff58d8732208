"""The first trials of good: a program that cannot work at all is said so at once."""

from collections.abc import Callable, Sequence
from pathlib import Path

from whydrop.core.errors import UsageError
from whydrop.core.study import Study
from whydrop.core.trial import Outcome, Trial
from whydrop.explain.designer import Standing
from whydrop.explain.executors.last_words import last_lines, told
from whydrop.explain.run import Watcher

FAILURES = 2  # of good, before any success; two in a row by chance are rare
DO = {
    "no-metric": "correct --metric: a pattern with {{}} in it, FILE:key/path, or a returned name",
    "nan": "make the good run train first: its metric must be a finite number",
    "timeout": "raise --timeout, or make a trial shorter",
    "memory": "raise --memory, or run fewer --jobs",
    "crashed": "try {alone} and correct what fails; the log holds all that it printed",
}


class FirstTrials:
    """Watches for another watcher, and raises when good fails from the start.

    Args:
        folder: of the study.
        study: as it was when the coordinator began.
        watch: is told everything too.
        alone: how a user runs a trial without the study.
    """

    def __init__(
        self, folder: Path, study: Study, watch: Watcher | None, alone: Callable[[Trial], str]
    ) -> None:
        self._folder = folder
        self._watch = watch
        self._alone = alone
        self._works = any(outcome.state == "ok" for outcome in study.outcomes)
        self._failed = 0

    def wave_started(self, trials: Sequence[Trial], places: int) -> None:
        if self._watch:
            self._watch.wave_started(trials, places)

    def outcome(self, outcome: Outcome) -> None:
        """Pass an outcome on.

        Raises:
            UsageError: good does not run, with the last lines it printed.
        """
        if self._watch:
            self._watch.outcome(outcome)
        if outcome.state == "ok":
            self._works = True
        elif not self._works and outcome.trial.arm == 0:
            self._failed += 1
            # A missing metric is missing every time; anything else may be an accident once.
            if self._failed >= FAILURES or outcome.state == "no-metric":
                raise self._hopeless(outcome)

    def standing(self, standing: Standing, study: Study) -> None:
        if self._watch:
            self._watch.standing(standing, study)

    def _hopeless(self, outcome: Outcome) -> UsageError:
        said = outcome.message
        log = self._folder / outcome.log
        if outcome.state in ("nan", "no-metric") and outcome.log and "\n" not in said:
            said = told(said, last_lines(log))
        return UsageError(
            f"the good run gives no metric, so the study was stopped after "
            f"{self._failed} failed {'trial' if self._failed == 1 else 'trials'}: {said}",
            where=str(log),
            do=DO[outcome.state].format(alone=self._alone(outcome.trial)),
        )
