import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.fixtures.processes import becomes_true, is_alive
from tests.fixtures.small_subject import SmallSubject, call, program, trial

from whydrop.core.errors import DataError, UsageError
from whydrop.explain.executor import Limits
from whydrop.explain.executors.local import LocalExecutor
from whydrop.explain.executors.process_tree import LINUX, descendants
from whydrop.explain.subject import CallTask, ProcessTask

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of forks, Python 3.12
linux = pytest.mark.skipif(not LINUX, reason="finds processes through /proc")

# Leaves a process in a session of its own, whose parent has ended, and says who it is.
FUGITIVE = """
import os, sys, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        with open(sys.argv[1] + "/fugitive", "a") as file:
            file.write(f"{os.getpid()}\\n")
        time.sleep(60)
        os._exit(0)
    os._exit(0)
os.wait()
while not os.path.exists(sys.argv[1] + "/fugitive"):
    time.sleep(0.01)
"""


@pytest.fixture
def executor_of(tmp_path):
    def build(subject, *, jobs=2, limits=None):
        return LocalExecutor(subject, tmp_path / "study", jobs, limits or Limits())

    return build


def outcomes(executor, *numbers):
    for number in numbers:
        executor.submit(trial(number))
    found = {}
    while (outcome := executor.next_outcome(timeout_s=60)) is not None:
        found[outcome.trial.number] = outcome
    return found


def outcome(executor):
    with executor:
        return outcomes(executor, 1)[1]


def pids_in(path):
    return [int(line) for line in path.read_text().split()]


# What a trial leaves behind


@linux
@pytest.mark.parametrize("end", ["", "sys.exit(1)", "os.kill(os.getpid(), 9)", "time.sleep(60)"])
def test_a_process_that_fled_to_its_own_session_dies_with_its_trial(executor_of, tmp_path, end):
    subject = program(FUGITIVE + end, tmp_path)
    done = outcome(executor_of(subject, limits=Limits(timeout_s=3.0)))
    assert done.state == {"": "no-metric", "time.sleep(60)": "timeout"}.get(end, "crashed")
    [pid] = pids_in(tmp_path / "fugitive")
    assert not is_alive(pid)


@linux
def test_a_process_that_keeps_the_output_open_does_not_keep_the_trial(executor_of):
    code = "import subprocess; subprocess.Popen(['sleep', '60']); print(1)"
    done = outcome(executor_of(program(code)))
    assert done.state == "ok"
    assert done.seconds < 5


def test_what_a_helper_still_cleans_up_is_waited_for(executor_of, tmp_path):
    code = f"sleep 0.1; touch {tmp_path / 'cleaned'}"
    subject = program(f"import subprocess; subprocess.Popen(['sh', '-c', {code!r}]); print(1)")
    assert outcome(executor_of(subject)).state == "ok"
    assert (tmp_path / "cleaned").exists()


COORDINATOR = """
import os, sys, time
from pathlib import Path
from tests.fixtures.small_subject import SmallSubject, trial
from whydrop.explain.executor import Limits
from whydrop.explain.executors.local import LocalExecutor
from whydrop.explain.subject import CallTask, ProcessTask

FUGITIVE = Path(sys.argv[2]).read_text()

def train(config, seed):
    Path(sys.argv[1], "function").write_text(str(os.getpid()))
    while True:
        time.sleep(60)

def task(trial, folder):
    if trial.number == 1:
        return CallTask(train, {}, trial.seed)
    return ProcessTask((sys.executable, "-S", "-c", FUGITIVE + "time.sleep(60)", sys.argv[1]))

with LocalExecutor(SmallSubject(task), Path(sys.argv[1], "study"), 3, Limits()) as executor:
    for number in (1, 2, 3):
        executor.submit(trial(number))
    bystander = os.fork()  # holds open every file that this process has
    if bystander == 0:
        time.sleep(60)
        os._exit(0)
    Path(sys.argv[1], "bystander").write_text(str(bystander))
    executor.next_outcome()
"""


@linux
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_nothing_outlives_a_coordinator_that_is_killed(tmp_path, number):
    (tmp_path / "fugitive.py").write_text(FUGITIVE)
    command = [sys.executable, "-c", COORDINATOR, str(tmp_path), str(tmp_path / "fugitive.py")]
    function, fugitive, bystander = (
        tmp_path / name for name in ("function", "fugitive", "bystander")
    )
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as coordinator:
        assert becomes_true(lambda: bystander.exists() and pids_in(bystander), within_s=30)
        assert becomes_true(lambda: function.exists() and pids_in(function), within_s=30)
        assert becomes_true(lambda: fugitive.exists() and len(pids_in(fugitive)) == 2, within_s=30)
        # two servers, three supervisors, three trials and what fled from two of them
        spare = pids_in(bystander)
        assert becomes_true(lambda: len(descendants(coordinator.pid, spare=spare)) == 10, 10)
        below = descendants(coordinator.pid, spare=spare)
        assert {*pids_in(function), *pids_in(fugitive)} < set(below)
        coordinator.send_signal(number)
        gone = becomes_true(lambda: not any(map(is_alive, below)), within_s=2)
        os.kill(*pids_in(bystander), signal.SIGKILL)
        assert gone


@linux
def test_a_supervisor_that_is_killed_takes_only_its_own_trial_along(executor_of, tmp_path):
    code = FUGITIVE.replace("sys.argv[1]", "'{folder}'") + "time.sleep(0.7); print(1)"
    with executor_of(program(code)) as executor:
        executor.submit(trial(1))
        executor.submit(trial(2))
        victim = tmp_path / "study/trials/00001/fugitive"
        assert becomes_true(lambda: victim.exists() and pids_in(victim), within_s=10)
        [pid] = pids_in(victim)
        supervisor = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
        os.kill(supervisor, signal.SIGKILL)
        done = outcomes(executor)
        assert done[1].state == "crashed"
        assert "was killed" in done[1].message
        assert done[2].state == "ok"
        assert becomes_true(lambda: not is_alive(pid), within_s=2)


@linux
def test_a_server_that_is_killed_is_replaced_and_the_running_trials_finish(executor_of, tmp_path):
    script = tmp_path / "train.py"
    script.write_text(
        "import os, time\n"
        "def train(config, seed):\n"
        "    time.sleep(0.5)\n"
        "    return {'top1': os.getppid()}\n"
    )
    with executor_of(call(f"{script}:train")) as executor:
        assert outcomes(executor, 1)[1].state == "ok"
        executor.submit(trial(2))
        [server] = [p for p in descendants(os.getpid()) if str(script) in command_line(p)][:1]
        assert becomes_true(lambda: len(descendants(server)) == 2, within_s=5)
        os.kill(server, signal.SIGKILL)
        done = outcomes(executor, 3, 4)
    assert [done[n].state for n in (2, 3, 4)] == ["ok"] * 3


@linux
def test_a_server_that_is_killed_during_its_import_is_replaced(executor_of, tmp_path):
    script = tmp_path / "train.py"
    script.write_text(
        "import pathlib, time\n"
        f"begun = pathlib.Path({str(tmp_path / 'begun')!r})\n"
        "if not begun.exists():\n"
        "    begun.touch()\n"
        "    time.sleep(60)\n"
        "def train(config, seed): return {'top1': 1}\n"
    )
    before = set(descendants(os.getpid()))  # such as the resource tracker of multiprocessing
    with executor_of(call(f"{script}:train")) as executor:
        executor.submit(trial(1))
        assert becomes_true((tmp_path / "begun").exists, within_s=20)
        [server] = set(descendants(os.getpid())) - before
        os.kill(server, signal.SIGKILL)
        assert outcomes(executor)[1].state == "ok"


def command_line(pid):
    return Path(f"/proc/{pid}/cmdline").read_text()


# Input and output


def test_a_program_that_asks_for_input_fails_at_once_and_is_told(executor_of):
    done = outcome(executor_of(program("input('lr? ')")))
    assert done.state == "crashed"
    assert "asked for input" in done.message
    assert done.seconds < 5


@linux
def test_a_flood_of_output_neither_blocks_nor_fills_the_disk_nor_loses_the_metric(
    executor_of, tmp_path
):
    code = (
        "import os\n"
        "os.write(1, b'first\\n')\n"
        "for _ in range(300): os.write(1, (b'x' * 99 + b'\\n') * 10_000)\n"
        "os.write(1, b'0.75\\n')"
    )
    subject = program(code)
    done = outcome(executor_of(subject, limits=Limits(timeout_s=60)))
    assert done.value == 0.75
    log = tmp_path / "study" / done.log
    assert log.stat().st_size <= 2 * 2**20 + 100
    text = log.read_text()
    assert text.startswith("first\n")
    assert "bytes of output were not kept]" in text


def test_output_that_cannot_be_written_ends_the_study_and_is_no_outcome(executor_of):
    def make(trial, folder):
        (folder / "output.log").mkdir()
        return ProcessTask((sys.executable, "-c", "print(1)"))

    with executor_of(SmallSubject(make)) as executor, pytest.raises(DataError) as caught:
        outcomes(executor, 1)
    assert "could not be kept" in caught.value.what


def test_what_an_earlier_run_of_the_trial_left_is_gone(executor_of, tmp_path):
    stale = tmp_path / "study/trials/00001/metrics.json"
    stale.parent.mkdir(parents=True)
    stale.write_text("{}")
    subject = program("import os; print(int(os.path.exists(r'{folder}/metrics.json')))")
    assert outcome(executor_of(subject)).value == 0


# Setups that are wrong


def test_a_command_that_does_not_exist_is_a_usage_error(executor_of):
    subject = SmallSubject(lambda trial, folder: ProcessTask(("no-such-program", "--lr", "1")))
    with pytest.raises(UsageError, match="No such file or directory: no-such-program"):
        outcome(executor_of(subject))


def test_a_working_directory_that_does_not_exist_is_a_usage_error(executor_of):
    subject = SmallSubject(lambda trial, folder: ProcessTask(("true",), cwd="/no/such/place"))
    with pytest.raises(UsageError, match="/no/such/place"):
        outcome(executor_of(subject))


@pytest.mark.parametrize(
    ("text", "what", "do"),
    [
        ("import no_such_module", "ModuleNotFoundError: No module named 'no_such_module'", ""),
        ("def trane(config, seed): ...", "no function 'train'", "did you mean 'trane'"),
        ("raise SystemExit(0)", "ended the program", "__main__"),
        ("import os\nprint('bye', flush=True)\nos._exit(3)", "ended its process: bye", ""),
        ("x = (", "SyntaxError", ""),
    ],
)
def test_a_function_that_cannot_be_imported_is_a_usage_error(executor_of, tmp_path, text, what, do):
    script = tmp_path / "script.py"
    script.write_text(text)
    with pytest.raises(UsageError) as caught:
        outcome(executor_of(call(f"{script}:train")))
    assert what in caught.value.what
    assert do in caught.value.do


def test_an_import_that_trains_is_stopped_when_the_time_of_a_trial_is_up(executor_of, tmp_path):
    script = tmp_path / "script.py"
    script.write_text("import time\nwhile True: time.sleep(0.01)")
    with pytest.raises(UsageError, match="takes longer than a trial") as caught:
        outcome(executor_of(call(f"{script}:train"), limits=Limits(timeout_s=0.5)))
    assert caught.value.where == f"{script}:2"
    assert "__main__" in caught.value.do


def test_no_places_are_refused(tmp_path):
    with pytest.raises(UsageError, match="0 trials at once"):
        LocalExecutor(program("print(1)"), tmp_path, 0, Limits())


# Functions


def test_a_module_beside_the_working_directory_cannot_replace_one_of_python(tmp_path):
    for name in ("json", "selectors", "socket", "random"):
        (tmp_path / f"{name}.py").write_text("raise RuntimeError('mine')\n")
    (tmp_path / "mine_train.py").write_text("def train(config, seed): return {'top1': 1}\n")
    code = (
        "import sys; sys.path.append(sys.argv[1])\n"
        "from pathlib import Path\n"
        "from tests.fixtures.small_subject import call, trial\n"
        "from whydrop.explain.executor import Limits\n"
        "from whydrop.explain.executors.local import LocalExecutor\n"
        "with LocalExecutor(call('mine_train:train'), Path('s'), 1, Limits()) as executor:\n"
        "    executor.submit(trial(1))\n"
        "    print(executor.next_outcome().value)\n"
    )
    command = [sys.executable, "-P", "-c", code, str(Path.cwd())]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.stdout == "1.0\n", done.stderr


def test_the_function_is_never_imported_in_the_coordinator(executor_of, tmp_path):
    script = tmp_path / "only_over_there.py"
    script.write_text("import os\ndef train(c, seed): return {'top1': os.getpid()}\n")
    done = outcome(executor_of(call(f"{script}:train")))
    assert done.value != os.getpid()
    assert "only_over_there" not in sys.modules


def test_the_module_is_imported_once_for_all_trials(executor_of, tmp_path):
    script = tmp_path / "counting.py"
    script.write_text(
        f"with open({str(tmp_path / 'imports')!r}, 'a') as file:\n"
        "    file.write('x')\n"
        "def train(c, seed): return {'top1': seed}\n"
    )
    with executor_of(call(f"{script}:train")) as executor:
        done = outcomes(executor, *range(1, 6))
    assert {o.value for o in done.values()} == {101, 102, 103, 104, 105}
    assert (tmp_path / "imports").read_text() == "x"


def test_threads_are_limited_before_the_import(executor_of, tmp_path):
    script = tmp_path / "threads_of_it.py"
    script.write_text(
        "import os\nat_import = os.environ['OMP_NUM_THREADS']\n"
        "def train(c, seed): return {'top1': int(at_import)}\n"
    )
    subject = call(f"{script}:train")
    assert outcome(executor_of(subject, limits=Limits(threads=3))).value == 3


def test_a_closure_sees_what_it_closed_over_and_equal_seeds_give_equal_draws(executor_of):
    import random

    import numpy as np

    offset = 1000

    def train(config, seed):
        return {"top1": offset + random.random() + np.random.rand()}

    subject = SmallSubject(lambda trial, folder: CallTask(train, {}, seed=trial.number % 2))
    with executor_of(subject) as executor:
        done = outcomes(executor, 1, 2, 3)
    assert done[1].value == done[3].value != done[2].value
    assert 1000 < done[1].value < 1002


def test_a_trial_of_this_process_leaves_its_open_database_alone(executor_of, tmp_path):
    database = sqlite3.connect(tmp_path / "journal.sqlite")
    database.execute("pragma journal_mode = wal")
    database.execute("create table t (x)")
    with database:
        database.execute("insert into t values (1)")
    with executor_of(call(lambda config, seed: {"top1": 1})) as executor:
        outcomes(executor, 1, 2)
        with database:
            database.execute("insert into t values (2)")
    assert (tmp_path / "journal.sqlite-wal").exists()
    assert database.execute("select sum(x) from t").fetchone() == (3,)
    database.close()


def test_what_the_coordinator_has_not_flushed_is_not_printed_again_by_trials(tmp_path):
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from tests.fixtures.small_subject import call, trial\n"
        "from whydrop.explain.executor import Limits\n"
        "from whydrop.explain.executors.local import LocalExecutor\n"
        "sys.stdout.write('once ')\n"
        "def train(config, seed): print('trial'); return {'top1': 1}\n"
        "with LocalExecutor(call(train), Path(sys.argv[1]), 1, Limits()) as executor:\n"
        "    executor.submit(trial(1))\n"
        "    executor.next_outcome()\n"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.stdout == "once "
    assert (tmp_path / "trials/00001/output.log").read_text() == "trial\n"


TORCH_NOTEBOOK = """
import sys
from pathlib import Path
import torch
from tests.fixtures.small_subject import call, trial
from whydrop.explain.executor import Limits
from whydrop.explain.executors.local import LocalExecutor

torch.set_num_threads(2)
data = torch.randn(512, 64)
labels = (data[:, 0] > 0).long()

def train(config, seed):
    model = torch.nn.Sequential(torch.nn.Linear(64, 64), torch.nn.ReLU(), torch.nn.Linear(64, 2))
    optimizer = torch.optim.SGD(model.parameters(), lr=config["lr"])
    for _ in range(5):
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(model(data), labels)
        loss.backward()
        optimizer.step()
    threads = torch.get_num_threads()
    return {"top1": (model(data).argmax(1) == labels).float().mean() + 10 * threads}

(data @ data.T).exp().sum()  # the pool of this process is in use
train({"lr": 0.1}, 0)
limits = Limits(threads=2, timeout_s=60)
with LocalExecutor(call(train, lr=0.1), Path(sys.argv[1]), 2, limits) as executor:
    for _ in range(2):
        executor.submit(trial(1))
    print([executor.next_outcome().value for _ in range(2)])
"""


def test_a_torch_training_of_a_notebook_runs_with_threads_and_repeats_by_seed(tmp_path):
    command = [sys.executable, "-c", TORCH_NOTEBOOK, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True)
    first, second = json.loads(done.stdout)
    assert first == second
    assert 20 < first <= 21


def test_a_coordinator_that_waits_uses_no_processor(executor_of):
    with executor_of(program("import time; time.sleep(1); print(1)")) as executor:
        executor.submit(trial(1))
        before = time.process_time()
        assert executor.next_outcome(timeout_s=30).state == "ok"
        assert time.process_time() - before < 0.05


# What trials share

PREPARED = """
import os
loaded = {}

def train(config, seed):
    return {"top1": loaded[config["data"]] if loaded else -1}

def prepare(config):
    if config["data"] == "broken":
        raise ValueError("no such data")
    assert config["data"] not in loaded
    loaded[config["data"]] = 100 * config["value"] + len(loaded)

train.prepare = prepare
"""


@pytest.mark.parametrize("live", [False, True])
def test_what_a_function_prepares_is_loaded_once_and_seen_by_every_trial(
    executor_of, tmp_path, live
):
    script = tmp_path / "script.py"
    script.write_text(PREPARED)
    names = {}
    exec(PREPARED, names)
    function = names["train"] if live else f"{script}:train"
    # larger than what a socket holds: it is waited for, and nothing after it is lost
    ahead = ({"data": "a", "value": 1, "text": "x" * 1_000_000}, {"data": "b", "value": 2})
    subject = SmallSubject(
        lambda trial, folder: CallTask(function, ahead[trial.number % 2], trial.seed, ahead)
    )
    with executor_of(subject) as executor:
        done = outcomes(executor, 1, 2, 3, 4)
    assert [done[number].value for number in (1, 2, 3, 4)] == [201, 100, 201, 100]


def test_what_cannot_be_prepared_is_told_by_the_trials_and_not_by_the_server(executor_of, tmp_path):
    script = tmp_path / "script.py"
    script.write_text(PREPARED)
    config = {"data": "broken"}
    subject = SmallSubject(
        lambda trial, folder: CallTask(f"{script}:train", config, trial.seed, (config,))
    )
    assert outcome(executor_of(subject)).value == -1
    assert "no such data" in (tmp_path / "study" / "fork-server.log").read_text()
