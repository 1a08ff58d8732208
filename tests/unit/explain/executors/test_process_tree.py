import os
import subprocess
import sys
import time

import pytest
from tests.fixtures.processes import becomes_true, is_alive

from whydrop.explain.executors.process_tree import (
    LINUX,
    MIB,
    become_subreaper,
    descendants,
    has_children,
    kill_descendants,
    resident_mib,
)
from whydrop.explain.executors.thread_fork import fork_from_new_thread

pytestmark = [
    pytest.mark.skipif(not LINUX, reason="reads /proc"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]


def test_children_of_children_are_found_and_spared_ones_are_not():
    code = "import subprocess, sys; subprocess.run(['sleep', '30'])"
    with subprocess.Popen([sys.executable, "-S", "-c", code]) as child:
        assert becomes_true(lambda: len(descendants(child.pid)) == 1, within_s=10)
        [sleeper] = descendants(child.pid)
        mine = descendants(os.getpid())
        assert mine.index(child.pid) < mine.index(sleeper)
        assert not {child.pid, sleeper} & set(descendants(os.getpid(), spare=[child.pid]))
        os.kill(sleeper, 9)
        child.wait()


def test_a_name_with_brackets_and_spaces_does_not_hide_a_process(tmp_path):
    program = tmp_path / "a) S 1 (b"
    program.symlink_to("/bin/sleep")
    with subprocess.Popen([program, "30"]) as child:
        assert becomes_true(lambda: child.pid in descendants(os.getpid()), within_s=5)
        child.kill()


def test_a_page_that_forks_share_is_counted_once_where_it_matters():
    shared = bytearray(os.urandom(64 * MIB))
    root = os.fork()
    if root == 0:
        for _ in range(3):
            os.fork()  # twice as many each time: eight in all
        time.sleep(30)
        os._exit(0)
    try:
        assert becomes_true(lambda: len(descendants(root)) == 7, within_s=10)
        family = [root, *descendants(root)]
        upper = resident_mib(family, enough_mib=1_000_000)  # eight times all of this process
        assert upper > 8 * 64
        assert resident_mib(family, enough_mib=100) < upper / 3
    finally:
        for pid in reversed([root, *descendants(root)]):
            os.kill(pid, 9)
        os.waitpid(root, 0)
    assert len(shared) == 64 * MIB


def test_all_descendants_are_killed_whatever_session_they_fled_to(tmp_path):
    def child():
        become_subreaper()
        for depth in range(3):
            if os.fork() == 0:
                os.setsid()
                if os.fork():
                    os._exit(0)
                (tmp_path / f"{os.getpid()}").touch()
                time.sleep(30)
                os._exit(depth)
        assert becomes_true(lambda: len(list(tmp_path.iterdir())) == 3, within_s=10)
        assert has_children()
        kill_descendants()
        assert not has_children()

    _, status = os.waitpid(fork_from_new_thread(child), 0)
    assert status == 0
    assert not any(is_alive(int(path.name)) for path in tmp_path.iterdir())
