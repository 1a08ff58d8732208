import os
import signal
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
