import os
import signal
import subprocess
import sys
import time

import pytest

from whydrop.explain.executors.thread_fork import fork_from_new_thread

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def test_the_child_ends_with_its_function_and_its_status_tells():
    def fails():
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        raise ValueError

    for child, expected in ((lambda: None, 0), (fails, 1), (lambda: os._exit(5), 5)):
        _, status = os.waitpid(fork_from_new_thread(child), 0)
        assert os.waitstatus_to_exitcode(status) == expected


def test_the_child_may_handle_signals_as_a_main_thread_does():
    def child():
        signal.signal(signal.SIGUSR1, lambda *_: os._exit(9))
        os.kill(os.getpid(), signal.SIGUSR1)
        time.sleep(5)

    _, status = os.waitpid(fork_from_new_thread(child), 0)
    assert os.waitstatus_to_exitcode(status) == 9


def test_what_the_waiting_stack_of_the_parent_holds_is_not_finalised_in_the_child(tmp_path):
    class Resource:
        def __del__(self):
            (tmp_path / f"closed-by-{os.getpid()}").touch()

    resource = Resource()
    pid = fork_from_new_thread(lambda: None)
    os.waitpid(pid, 0)
    assert not list(tmp_path.iterdir())
    del resource
    assert [path.name for path in tmp_path.iterdir()] == [f"closed-by-{os.getpid()}"]


AFTER_OPENMP = """
import os, sys, time
import torch
from whydrop.explain.executors.thread_fork import fork_from_new_thread

def work():
    torch.set_num_threads(2)
    x = torch.randn(300, 300)
    (x @ x).exp().sum()
    torch.nn.Linear(300, 10)(x).sum().backward()

work()
pid = fork_from_new_thread(work)
for _ in range(3000):
    if os.waitpid(pid, os.WNOHANG)[0]:
        print("finished")
        break
    time.sleep(0.01)
else:
    os.kill(pid, 9)
    print("hung")
"""


def test_torch_works_with_several_threads_in_a_fork_of_a_program_that_did_too():
    done = subprocess.run([sys.executable, "-c", AFTER_OPENMP], capture_output=True, text=True)
    assert done.stdout == "finished\n"
