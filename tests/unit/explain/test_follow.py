"""Following a study from its journal alone."""

from tests.fixtures.instant import InstantExecutor, chance

from whydrop.core.factor import Factor
from whydrop.core.metric import Metric
from whydrop.core.trial import Outcome, Trial
from whydrop.explain import conduct
from whydrop.explain.follow import follow
from whydrop.explain.request import Request
from whydrop.explain.run import run
from whydrop.journal.lock import is_held
from whydrop.journal.record import Header, Record
from whydrop.journal.store import Journal

REQUEST = Request.of("compare", good="a", bad="b", max_trials=20, margin=5.0)


def measured(trial: Trial) -> Outcome:
    return Outcome.measured(trial, 0.9 - 0.1 * bool(trial.arm) + 0.01 * chance(trial.seed))


class Diary:
    """Writes down what a watcher is told."""

    def __init__(self) -> None:
        self.trials: list[int] = []
        self.ended: list[int] = []
        self.phases: list[str] = []

    def wave_started(self, trials, places) -> None:
        self.places = places
        self.trials += [trial.number for trial in trials]

    def outcome(self, outcome) -> None:
        self.ended.append(outcome.trial.number)

    def standing(self, standing, study) -> None:
        self.phases.append(standing.phase)


def begun(folder) -> Journal:
    header = Header((Factor("lr", 1, 2),), Metric("top1"), settings=REQUEST.to_json())
    return Journal.create(folder, header)


def test_a_running_study_is_followed_to_its_end(tmp_path):
    journal, diary = begun(tmp_path / "s"), Diary()

    def while_we_sleep(seconds: float) -> None:
        run(conduct.fresh_design(journal), InstantExecutor(measured), journal)
        journal.close()

    with Record.open(tmp_path / "s") as record:
        assert follow(record, diary, sleep=while_we_sleep)
        numbers = [outcome.trial.number for outcome in record.study().outcomes]
    assert diary.trials == diary.ended == numbers
    assert (diary.phases[0], diary.phases[-1]) == ("compare", "done")
    assert diary.places == 1


def test_a_study_that_nobody_runs_is_not_waited_for(tmp_path):
    with begun(tmp_path / "s") as journal:
        assert is_held(journal.folder)
    assert not is_held(tmp_path / "s")
    with Record.open(tmp_path / "s") as record:
        assert not follow(record, Diary(), sleep=None)
