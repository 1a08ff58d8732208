"""What every executor promises, over every executor there is."""

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.fixtures.processes import becomes_true, is_alive
from tests.fixtures.small_subject import SmallSubject, call, program, trial

from whydrop.core.trial import Outcome
from whydrop.explain.executor import Executor, Limits
from whydrop.explain.executors.local import LocalExecutor

Make = Callable[..., Executor]

EXECUTORS: dict[str, type[Executor]] = {"local": LocalExecutor}

FUNCTIONS = """
import os, sys, time

def train(config, seed):
    print("training with", seed)
    return {"top1": seed + config["plus"]}

def act(config, seed):
    print("acting")
    if config["how"] == "nan":
        return {"top1": float("nan")}
    if config["how"] == "raise":
        raise ValueError("lr must be positive")
    if config["how"] == "exit":
        sys.exit(7)
    if config["how"] == "signal":
        os.kill(os.getpid(), 11)
    if config["how"] == "hang":
        time.sleep(60)
    if config["how"] == "grow":
        hoard = bytearray(400 << 20)
        time.sleep(60)
    if config["how"] == "memory-error":
        raise MemoryError
"""

PROGRAM = """
import os, sys, time
print("acting")
how = sys.argv[1]
if how == "nan":
    print("nan")
if how == "raise":
    raise ValueError("lr must be positive")
if how == "exit":
    sys.exit(7)
if how == "signal":
    os.kill(os.getpid(), 11)
if how == "hang":
    time.sleep(60)
if how == "grow":
    hoard = bytearray(400 << 20)
    time.sleep(60)
if how == "memory-error":
    raise MemoryError
"""


@pytest.fixture(params=sorted(EXECUTORS))
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Make:
    def build(subject: SmallSubject, *, jobs: int = 2, limits: Limits | None = None) -> Executor:
        return EXECUTORS[request.param](subject, tmp_path, jobs, limits or Limits())

    return build


@pytest.fixture
def functions(tmp_path: Path) -> str:
    path = tmp_path / "functions.py"
    path.write_text(FUNCTIONS)
    return str(path)


@pytest.fixture(params=["program", "function"])
def acting(request: pytest.FixtureRequest, functions: str) -> Callable[[str], SmallSubject]:
    if request.param == "program":
        return lambda how: program(PROGRAM, how)
    return lambda how: call(f"{functions}:act", how=how)


def all_outcomes(executor: Executor) -> list[Outcome]:
    found = []
    while (outcome := executor.next_outcome(timeout_s=30)) is not None:
        found.append(outcome)
    return found


def only_outcome(executor: Executor) -> Outcome:
    with executor:
        executor.submit(trial(1))
        [outcome] = all_outcomes(executor)
        return outcome


@pytest.mark.parametrize("jobs", [1, 3, 9])
def test_every_submitted_trial_yields_exactly_one_outcome(make, jobs):
    with make(program("print({n})"), jobs=jobs) as executor:
        for number in range(1, 6):
            executor.submit(trial(number))
        outcomes = all_outcomes(executor)
    assert sorted(o.trial.number for o in outcomes) == [1, 2, 3, 4, 5]
    assert all(o.value == o.trial.number for o in outcomes)


def test_no_more_trials_run_at_once_than_there_are_places(make, tmp_path):
    running = tmp_path / "running"
    running.mkdir()
    code = (
        "import os, sys, time; from pathlib import Path; mine = Path(sys.argv[1], '{n}');"
        "mine.touch(); time.sleep(0.1); print(len(os.listdir(mine.parent))); mine.unlink()"
    )
    with make(program(code, running), jobs=2) as executor:
        assert executor.places == 2
        for number in range(1, 6):
            executor.submit(trial(number))
        assert {o.value for o in all_outcomes(executor)} <= {1.0, 2.0}


def test_a_function_gets_its_config_and_seed(make, functions):
    outcome = only_outcome(make(call(f"{functions}:train", plus=0.5)))
    assert outcome.value == 101.5


def test_a_program_finds_its_seed_in_the_environment(make):
    outcome = only_outcome(make(program("import os; print(os.environ['WHYDROP_SEED'])")))
    assert outcome.value == 101


def test_an_outcome_says_how_long_it_took_and_where_its_output_is(make, tmp_path):
    outcome = only_outcome(make(program("import time; time.sleep(0.3); print('word', 1)")))
    assert 0.3 <= outcome.seconds < 5
    assert outcome.exit_status == 0
    assert outcome.log == "trials/00001/output.log"
    assert (tmp_path / outcome.log).read_text() == "word 1\n"


def test_a_metric_that_is_not_a_number_is_a_nan(make, acting):
    outcome = only_outcome(make(acting("nan")))
    assert outcome.state == "nan"
    assert outcome.value is None


def test_a_trial_that_raises_crashed_with_its_last_words(make, acting):
    outcome = only_outcome(make(acting("raise")))
    assert (outcome.state, outcome.exit_status) == ("crashed", 1)
    assert outcome.message.startswith("exit status 1: ValueError: lr must be positive")


def test_a_trial_that_a_signal_ended_crashed_and_the_signal_is_named(make, acting):
    outcome = only_outcome(make(acting("signal")))
    assert (outcome.state, outcome.exit_status) == ("crashed", -11)
    assert outcome.message.startswith("killed by SIGSEGV")


def test_a_trial_that_leaves_early_crashed(make, acting):
    outcome = only_outcome(make(acting("exit")))
    assert outcome.state == "crashed"
    assert "7" in outcome.message


def test_a_trial_that_hangs_is_stopped_when_its_time_is_up(make, acting):
    outcome = only_outcome(make(acting("hang"), limits=Limits(timeout_s=0.4)))
    assert outcome.state == "timeout"
    assert outcome.message == "no result within 0.4 s: acting"
    assert 0.4 <= outcome.seconds < 3


def test_a_trial_that_takes_too_much_memory_is_stopped(make, acting):
    outcome = only_outcome(make(acting("grow"), limits=Limits(memory_mib=300, timeout_s=30)))
    assert outcome.state == "memory"
    assert "300 MiB are allowed" in outcome.message


def test_a_memory_error_of_the_trials_own_is_out_of_memory_too(make, acting):
    assert only_outcome(make(acting("memory-error"))).state == "memory"


def test_a_crash_fails_no_other_trial(make):
    code = "import os, time; time.sleep(0.1); print(1); {n} == 2 and os.kill(os.getpid(), 9)"
    with make(program(code), jobs=3) as executor:
        for number in (1, 2, 3):
            executor.submit(trial(number))
        states = {o.trial.number: o.state for o in all_outcomes(executor)}
    assert states == {1: "ok", 2: "crashed", 3: "ok"}


def test_none_comes_when_the_time_is_up_and_the_outcome_later(make):
    with make(program("import time; time.sleep(0.4); print(1)")) as executor:
        executor.submit(trial(1))
        assert executor.next_outcome(timeout_s=0.05) is None
        outcome = executor.next_outcome(timeout_s=30)
    assert outcome is not None
    assert outcome.state == "ok"


def test_none_comes_at_once_when_there_is_nothing_to_wait_for(make):
    with make(program("print(1)")) as executor:
        assert executor.next_outcome() is None


def test_cancelled_trials_end_without_an_outcome_and_later_ones_run(make, tmp_path):
    code = "import os, time; open(r'{folder}/pid', 'w').write(str(os.getpid())); time.sleep({n})"
    with make(program(code + "; print(1)")) as executor:
        for number in (60, 61, 62):
            executor.submit(trial(number))
        pids = [wait_for_pid(tmp_path, number) for number in (60, 61)]
        executor.cancel()
        assert not any(map(is_alive, pids))
        executor.submit(trial(0))
        assert [o.trial.number for o in all_outcomes(executor)] == [0]


def test_leaving_kills_what_still_runs(make, tmp_path):
    code = "import os, time; open(r'{folder}/pid', 'w').write(str(os.getpid())); time.sleep(60)"
    with make(program(code)) as executor:
        executor.submit(trial(1))
        pid = wait_for_pid(tmp_path, 1)
    assert not is_alive(pid)


def wait_for_pid(study_folder: Path, number: int) -> int:
    path = study_folder / "trials" / f"{number:05d}" / "pid"
    assert becomes_true(lambda: path.is_file() and path.read_text(), within_s=20)
    return int(path.read_text())
