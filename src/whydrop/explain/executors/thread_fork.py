"""Forking from a thread that has done no numeric work."""

import os
import sys
import threading
import traceback
import warnings
from collections.abc import Callable


def fork_from_new_thread(child: Callable[[], None]) -> int:
    """Fork a process that runs ``child`` and ends; return its process id.

    An OpenMP library (libgomp under PyTorch) keeps its pool of workers with the thread that used
    it. A fork takes none of the workers along, so in a child of that thread the next parallel
    loop waits for them for ever. A child of a new thread has no pool, and makes its own.

    Raises:
        OSError: no further process can be made.
    """
    pids: list[int] = []
    errors: list[OSError] = []

    def fork() -> None:
        try:
            # Python 3.12 warns of forks beside other threads; the child touches no lock of theirs
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)
                pid = os.fork()
        except OSError as error:
            errors.append(error)
            return
        if pid:
            pids.append(pid)
        else:
            _run(child)

    thread = threading.Thread(target=fork)
    thread.start()
    thread.join()
    if errors:
        raise errors[0]
    return pids[0]


def _run(child: Callable[[], None]) -> None:
    status = 1
    try:  # the stack above belongs to the parent, and must never go on here
        child()
        status = 0
    except BaseException:
        traceback.print_exc(file=sys.__stderr__)
    finally:
        os._exit(status)
