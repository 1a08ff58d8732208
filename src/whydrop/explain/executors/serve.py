"""The fork server: a process that has everything imported and forks a supervisor a trial."""

import contextlib
import gc
import json
import os
import selectors
import signal
import socket
import sys
import time
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from whydrop.core.errors import UsageError
from whydrop.explain.executors import process_tree
from whydrop.explain.executors.call import Function, load, seed_generators
from whydrop.explain.executors.huge_pages import collapse
from whydrop.explain.executors.order import receive_ahead
from whydrop.explain.executors.supervise import supervise
from whydrop.explain.executors.thread_fork import fork_from_new_thread
from whydrop.explain.executors.wakeup import ChildWakeup

FAREWELL_S = 5.0


def main(control_fd: int, target: str, timeout_s: float) -> None:
    """Serve as a process started for it: import what ``target`` names, then fork.

    Args:
        control_fd: the socket that channels arrive on.
        target: "" for a server of programs.
        timeout_s: for the import and the preparation; 0 is no limit.
    """
    control = socket.socket(fileno=control_fd)
    control.set_inheritable(False)
    ahead = receive_ahead(control)
    function = None
    if target:
        sys.argv = [target]
        sys.path.insert(0, str(Path.cwd()))
        signal.signal(signal.SIGALRM, _import_takes_too_long)
        signal.setitimer(signal.ITIMER_REAL, timeout_s)
        try:
            function = load(target)
            prepare(function, ahead)
            signal.setitimer(signal.ITIMER_REAL, 0)
        except BaseException as error:
            traceback.print_exc()
            sys.stderr.flush()
            control.sendall(json.dumps(_import_error(target, error)).encode() + b"\n")
            return
        gc.collect()
        collapse()
    serve(control, function)
    os._exit(0)  # a framework takes its time to leave


def prepare(function: Function, ahead: Sequence[Any]) -> None:
    """Let the function load what its trials share; what fails here fails, and is told, in them."""
    loading = getattr(function, "prepare", None)
    if callable(loading):
        for config in ahead:
            try:
                loading(config)
            except Exception:
                traceback.print_exc()


def serve(control: socket.socket, function: Function | None) -> None:
    """Fork a supervisor for every channel that arrives, until the coordinator is gone."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    process_tree.become_subreaper()
    coordinator = _end_of(os.getppid())
    helpers = set(process_tree.children()[os.getpid()])  # started by the import
    wakeup = ChildWakeup()
    if function is not None:
        seed_generators(0)  # imports, once, what every trial would
    gc.freeze()  # else the collector's marks would copy every page into every trial
    control.sendall(b"true\n")
    supervisors: set[int] = set()
    with selectors.DefaultSelector() as selector:
        for source in (control, wakeup, coordinator):
            if source is not None:
                selector.register(source, selectors.EVENT_READ)
        while True:
            ready = {key.fileobj for key, _ in selector.select()}
            if coordinator in ready:
                break
            if control in ready:
                channel = _next_channel(control)
                if channel is None:
                    break
                with channel:
                    try:
                        pid = _fork_supervisor(channel, control, function, coordinator)
                    except OSError:  # no room for a process: the channel's end tells it
                        traceback.print_exc()
                    else:
                        supervisors.add(pid)
            if wakeup in ready:
                wakeup.clear()
                for pid, status in process_tree.reaped():
                    supervisors.discard(pid)
                    if status:  # it was killed: what it watched is now ours
                        process_tree.kill_descendants(spare=supervisors | helpers)
    # they have seen the same end, and are killing their trials
    end = time.monotonic() + FAREWELL_S
    while supervisors and time.monotonic() < end:
        supervisors -= {pid for pid, _ in process_tree.reaped()}
        time.sleep(0.005)
    process_tree.kill_descendants()


def _fork_supervisor(
    channel: socket.socket,
    control: socket.socket,
    function: Function | None,
    coordinator: int | None,
) -> int:
    def child() -> None:
        control.close()
        supervise(channel, function, coordinator)

    return fork_from_new_thread(child)


def _next_channel(control: socket.socket) -> socket.socket | None:
    try:
        data, fds, _, _ = socket.recv_fds(control, 1, 1)
    except ConnectionError:
        return None
    return socket.socket(fileno=fds[0]) if data else None


def _end_of(pid: int) -> int | None:
    """Return a file descriptor that gets ready when a process has ended, where there are such."""
    if hasattr(os, "pidfd_open"):
        with contextlib.suppress(OSError):
            return os.pidfd_open(pid)
    return None


def _import_takes_too_long(*_: object) -> None:
    raise TimeoutError("it takes longer than a trial may")


def _import_error(target: str, error: BaseException) -> dict[str, str]:
    """Return what, where and do of an error for the user of the target."""
    if isinstance(error, UsageError):
        return {"what": error.what, "where": error.where, "do": error.do}
    what = f"importing {target!r} failed: {type(error).__name__}: {error}"
    do = "make the import work outside whydrop first"
    if isinstance(error, SystemExit):
        what = f"importing {target!r} ended the program"
    if isinstance(error, SystemExit | TimeoutError):
        do = "put what runs the training under if __name__ == '__main__':"
    frames = traceback.extract_tb(error.__traceback__)
    place = Path(target.rpartition(":")[0]).name
    for frame in reversed(frames):
        if Path(frame.filename).name in (place, f"{place.rpartition('.')[2]}.py"):
            return {"what": what, "where": f"{frame.filename}:{frame.lineno}", "do": do}
    return {"what": what, "where": target, "do": do}
