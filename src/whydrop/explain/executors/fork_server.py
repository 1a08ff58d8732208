"""ForkServer: the coordinator's end of a process that forks trials."""

import contextlib
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from whydrop.core.errors import UsageError
from whydrop.explain.executors.last_words import last_lines, told
from whydrop.explain.executors.order import receive, send_ahead
from whydrop.explain.executors.serve import prepare, serve
from whydrop.explain.executors.thread_fork import fork_from_new_thread

FAREWELL_S = 6.0  # a little more than the server gives its supervisors
KILLED = (-signal.SIGKILL, -signal.SIGTERM)  # by someone else: no fault of the import

# With -P, no file of the working directory can stand in for a module of ours.
_PROGRAM = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from whydrop.explain.executors.serve import main; "
    "main(int(sys.argv[2]), sys.argv[3], float(sys.argv[4]))"
)


class ForkServer:
    """A child process that runs each trial whose channel it is given.

    Attributes:
        function: what its calls call, kept alive as long as the server.
    """

    def __init__(
        self, pid: int, control: socket.socket, *, function: str | Callable[..., Any], log: Path
    ) -> None:
        self.function = function
        self._pid = pid
        self._control = control
        self._log = log
        self._ready = False
        self._status: int | None = None

    @classmethod
    def started(
        cls,
        target: str,
        *,
        env: Mapping[str, str],
        log: Path,
        timeout_s: float | None,
        ahead: Sequence[Any] = (),
    ) -> Self:
        """Start a new interpreter that imports ``target``, or nothing when it is empty.

        Args:
            target: ``"module:name"`` or ``"path/script.py:name"``.
            env: its whole environment.
            log: takes what the import prints.
            timeout_s: for the import and the preparation.
            ahead: configs to prepare; see ``CallTask``.
        """
        ours, theirs = socket.socketpair()
        with theirs:
            theirs.set_inheritable(True)
            path = json.dumps([entry for entry in sys.path if entry])
            program = [sys.executable, "-P", "-c", _PROGRAM]
            pid = os.posix_spawn(
                sys.executable,
                [*program, path, str(theirs.fileno()), target, str(timeout_s or 0.0)],
                env,
                file_actions=[
                    (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                    (os.POSIX_SPAWN_OPEN, 1, log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666),
                    (os.POSIX_SPAWN_DUP2, 1, 2),
                ],
                setsid=True,
            )
        with contextlib.suppress(ConnectionError):  # then its end is the answer
            send_ahead(ours, ahead)
        return cls(pid, ours, function=target, log=log)

    @classmethod
    def forked(cls, function: Callable[..., Any], *, log: Path, ahead: Sequence[Any] = ()) -> Self:
        """Fork this very process, with all that its function refers to as it is now."""
        ours, theirs = socket.socketpair()
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(Exception):
                stream.flush()

        def child() -> None:
            os.setsid()
            ours.close()
            nothing = os.open(os.devnull, os.O_RDONLY)
            said = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            for source, target in ((nothing, 0), (said, 1), (said, 2)):
                os.dup2(source, target)
            prepare(function, ahead)
            serve(theirs, function)

        with theirs:
            pid = fork_from_new_thread(child)
        return cls(pid, ours, function=function, log=log)

    def is_alive(self) -> bool:
        if self._status is None:
            try:
                pid, status = os.waitpid(self._pid, os.WNOHANG)
                self._status = os.waitstatus_to_exitcode(status) if pid else None
            except ChildProcessError:  # something in this program waits for every child
                self._status = 0
        return self._status is None

    def give(self, channel: socket.socket) -> None:
        """Hand over the far end of a trial's channel."""
        with contextlib.suppress(ConnectionError):  # then the channel's own end tells it
            socket.send_fds(self._control, [b"c"], [channel.fileno()])

    def startup_error(self) -> UsageError | None:
        """Return what its import did wrong, if it did; asked once a trial of it is lost."""
        if self._ready or self._control.fileno() == -1:  # a closed one has been replaced
            return None
        word = receive(self._control)
        if isinstance(word, dict):
            return UsageError(**word)
        self._ready = word is not None
        self.wait(0.0 if self._ready else FAREWELL_S)
        if self._ready or self._status in KILLED:
            return None
        return UsageError(
            told(f"importing {self.function!r} ended its process", last_lines(self._log)),
            where=str(self._log),
            do="make the import work outside whydrop first",
        )

    def close(self) -> None:
        """End it, with all that still runs below it."""
        with contextlib.suppress(OSError):  # it may have ended first
            self._control.shutdown(socket.SHUT_RDWR)  # whoever else holds this end open
        self._control.close()
        self.wait(FAREWELL_S)
        if self.is_alive():
            os.kill(self._pid, signal.SIGKILL)
            self.wait(FAREWELL_S)

    def wait(self, timeout_s: float) -> None:
        """Wait until it has ended, or for so long."""
        end = time.monotonic() + timeout_s
        while self.is_alive() and time.monotonic() < end:
            time.sleep(0.002)
