"""One coordinator a study, and no study locked by the dead."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from whydrop.core.errors import JournalError
from whydrop.journal.lock import LOCK_FILE, Lock, is_held

HOLD = """
import sys, time
from pathlib import Path
from whydrop.journal.lock import Lock
lock = Lock(Path(sys.argv[1]))
print("held", flush=True)
time.sleep(60)
"""


@pytest.fixture
def holder(tmp_path):
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_a_second_process_is_refused_and_told_who_holds_the_study(tmp_path, holder):
    for _ in range(2):  # being refused once does not break the lock
        with pytest.raises(JournalError) as refused:
            Lock(tmp_path)
        assert f"process {holder.pid} on {os.uname().nodename}" in refused.value.what
        assert refused.value.where == str(tmp_path)
        assert "whydrop watch" in refused.value.do


def test_the_lock_of_a_killed_process_is_free(tmp_path, holder):
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    lock = Lock(tmp_path)
    assert str(os.getpid()) in (tmp_path / LOCK_FILE).read_text()
    lock.release()


def test_a_second_coordinator_in_this_process_is_refused_and_the_first_keeps_the_lock(tmp_path):
    lock = Lock(tmp_path)
    with pytest.raises(JournalError, match="this very process"):
        Lock(tmp_path / ".." / tmp_path.name)
    assert in_another_process(tmp_path) == "refused"
    lock.release()
    assert in_another_process(tmp_path) == "free"


def test_a_forked_child_does_not_keep_the_lock_of_its_dead_parent(tmp_path):
    reads, writes = os.pipe()
    parent = os.fork()
    if parent == 0:
        Lock(tmp_path)
        orphan = os.fork()
        if orphan == 0:
            signal.pause()
        os.write(writes, str(orphan).encode())
        os.kill(os.getpid(), signal.SIGKILL)
    orphan = int(os.read(reads, 20))
    os.waitpid(parent, 0)
    try:
        Lock(tmp_path).release()
    finally:
        os.kill(orphan, signal.SIGKILL)
        os.close(reads)
        os.close(writes)


def test_releasing_twice_harms_nobody(tmp_path):
    first = Lock(tmp_path)
    first.release()
    second = Lock(tmp_path)
    first.release()
    assert in_another_process(tmp_path) == "refused"
    second.release()


def test_whether_a_study_is_run_can_be_asked_without_disturbing_who_runs_it(tmp_path):
    assert not is_held(tmp_path)
    lock = Lock(tmp_path)
    assert is_held(tmp_path)
    assert in_another_process(tmp_path) == "refused"
    lock.release()
    assert not is_held(tmp_path)


def test_another_processs_study_is_seen_to_run(tmp_path, holder):
    assert is_held(tmp_path)
    holder.kill()
    holder.wait()
    assert not is_held(tmp_path)


def test_asking_all_the_time_keeps_no_coordinator_out(tmp_path):
    (tmp_path / LOCK_FILE).touch()
    code = (
        "import sys; from pathlib import Path; from whydrop.journal.lock import is_held\n"
        "print('asking', flush=True)\n"
        "while True: is_held(Path(sys.argv[1]))"
    )
    argv = [sys.executable, "-c", code, str(tmp_path)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as asking:
        try:
            assert asking.stdout.readline() == "asking\n"
            for _ in range(300):
                Lock(tmp_path).release()
        finally:
            asking.kill()


def test_a_folder_that_cannot_hold_a_lock_says_so(tmp_path):
    with pytest.raises(JournalError, match="cannot be locked") as refused:
        Lock(tmp_path / "missing")
    assert refused.value.where.endswith(LOCK_FILE)


def in_another_process(folder: Path) -> str:
    code = (
        "import sys; from pathlib import Path; from whydrop.journal.lock import Lock\n"
        "from whydrop.core.errors import JournalError\n"
        "try: Lock(Path(sys.argv[1])); print('free')\n"
        "except JournalError: print('refused')"
    )
    argv = [sys.executable, "-c", code, str(folder)]
    return subprocess.run(argv, capture_output=True, text=True, check=True).stdout.strip()
