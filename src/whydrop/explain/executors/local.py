"""LocalExecutor: trials as processes of this machine."""

import contextlib
import os
import selectors
import shutil
import socket
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from whydrop.core.errors import UsageError
from whydrop.core.trial import Outcome, Trial
from whydrop.explain.executor import Limits
from whydrop.explain.executors.fork_server import ForkServer
from whydrop.explain.executors.judgement import judged
from whydrop.explain.executors.order import Order, Report, receive, send
from whydrop.explain.executors.process_tree import LINUX
from whydrop.explain.executors.threads import in_process, thread_variables
from whydrop.explain.subject import CallTask, ProcessTask, Subject

LOG_NAME = "output.log"
CANCEL_S = 10.0
TRIES = 5  # of a trial whose server dies each time before it begins
DYING_S = 0.5  # a killed process may take a moment to be gone


@dataclass(frozen=True)
class _Running:
    trial: Trial
    folder: Path
    server: ForkServer
    tries: int


class LocalExecutor:
    """Runs up to ``jobs`` trials at once, each under a supervisor of its own.

    Every trial has a folder ``trials/<number>`` in the study's, emptied before it starts, with
    what it printed in ``output.log``. Supervisors are forked by a server process: a bare
    interpreter for programs, one that has imported the function's module for functions, or a
    fork of this process for a function that lives in it.

    Args:
        subject: what runs.
        study_folder: where the trials' folders are made.
        jobs: places, at least 1.
        limits: what one trial may use.

    Raises:
        UsageError: a program or function that cannot be started at all, when its first trial
            is submitted or awaited.
        DataError: the output of a trial could not be written.
    """

    def __init__(self, subject: Subject, study_folder: Path, jobs: int, limits: Limits) -> None:
        if jobs < 1:
            raise UsageError(f"{jobs} trials at once", where="jobs", do="give at least 1")
        if limits.memory_mib is not None and not LINUX:
            raise UsageError(
                "a memory limit needs Linux", where="memory limit", do="leave the limit out"
            )
        self._subject = subject
        self._study_folder = study_folder.absolute()
        self._jobs = jobs
        self._limits = limits
        self._queue: deque[Trial] = deque()
        self._running: dict[socket.socket, _Running] = {}
        self._servers: list[ForkServer] = []
        self._selector = selectors.DefaultSelector()

    @property
    def places(self) -> int:
        return self._jobs

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.cancel()
        for server in self._servers:
            server.close()
        self._servers.clear()
        self._selector.close()

    def submit(self, trial: Trial) -> None:
        self._queue.append(trial)
        self._fill_places()

    def next_outcome(self, timeout_s: float | None = None) -> Outcome | None:
        """Return the next finished outcome; None when time is up or no trial is left."""
        end = None if timeout_s is None else time.monotonic() + timeout_s
        self._fill_places()
        while self._running:
            ready = self._selector.select(None if end is None else max(0, end - time.monotonic()))
            if not ready:
                return None
            channel = ready[0][0].fileobj
            assert isinstance(channel, socket.socket)  # noqa: S101
            message = receive(channel)
            running = self._forget(channel)
            if message is None and self._never_began(running):
                self._start(running.trial, tries=running.tries + 1)
                continue
            outcome = self._outcome(running, message)
            self._fill_places()
            return outcome
        return None

    def cancel(self) -> None:
        self._queue.clear()
        for channel in self._running:
            with contextlib.suppress(OSError):
                channel.shutdown(socket.SHUT_WR)  # its supervisor kills the trial
        end = time.monotonic() + CANCEL_S
        for channel in tuple(self._running):
            channel.settimeout(max(0.01, end - time.monotonic()))
            with contextlib.suppress(TimeoutError):
                receive(channel)  # nothing but the end comes when all is dead
            self._forget(channel)

    def _fill_places(self) -> None:
        while self._queue and len(self._running) < self._jobs:
            self._start(self._queue.popleft())

    def _start(self, trial: Trial, *, tries: int = 1) -> None:
        folder = self._study_folder / "trials" / f"{trial.number:05d}"
        with contextlib.suppress(FileNotFoundError):
            shutil.rmtree(folder)  # left by a run that was killed
        folder.mkdir(parents=True)
        task = self._subject.task(trial, folder)
        server = self._server_for(task)
        ours, theirs = socket.socketpair()
        with theirs:
            server.give(theirs)
        self._running[ours] = _Running(trial, folder, server, tries)
        self._selector.register(ours, selectors.EVENT_READ)
        with contextlib.suppress(ConnectionError):  # then its end is the answer
            send(ours, self._order(trial, folder, task))

    def _order(self, trial: Trial, folder: Path, task: ProcessTask | CallTask) -> Order:
        log = str(folder / LOG_NAME)
        limits = self._limits
        env = thread_variables(limits, self._jobs, os.environ)
        env["WHYDROP_SEED"] = str(trial.seed)
        if isinstance(task, ProcessTask):
            # so that the last words of a program that is stopped are not lost in its buffer
            env |= {"PYTHONUNBUFFERED": "1", **task.env}
            return Order(
                log,
                argv=task.argv,
                cwd=task.cwd,
                env=env,
                timeout_s=limits.timeout_s,
                memory_mib=limits.memory_mib,
            )
        threads = limits.threads
        if threads is None and not isinstance(task.function, str):
            # loaded in this process, where the variables came too late
            threads = in_process(limits, self._jobs, os.environ)
        return Order(
            log,
            config=task.config,
            seed=task.seed,
            env=env,
            threads=threads,
            timeout_s=limits.timeout_s,
            memory_mib=limits.memory_mib,
        )

    def _server_for(self, task: ProcessTask | CallTask) -> ForkServer:
        """Return a server that lives and serves this task, a new one where needed."""
        function = task.function if isinstance(task, CallTask) else ""
        for server in self._servers:
            if server.function == function:
                if server.is_alive():
                    return server
                server.close()
                self._servers.remove(server)
                break
        log = self._study_folder / "fork-server.log"
        ahead = task.ahead if isinstance(task, CallTask) else ()
        if isinstance(function, str):
            env = os.environ | thread_variables(self._limits, self._jobs, os.environ)
            # else torch.cuda.is_available() in a module would spoil the GPU for its forks
            env.setdefault("PYTORCH_NVML_BASED_CUDA_CHECK", "1")
            server = ForkServer.started(
                function, env=env, log=log, timeout_s=self._limits.timeout_s, ahead=ahead
            )
        else:
            server = ForkServer.forked(function, log=log, ahead=ahead)
        self._servers.append(server)
        return server

    def _never_began(self, running: _Running) -> bool:
        """Return whether a lost trial was lost before it began, most likely with its server.

        Raises:
            UsageError: the server never got ready.
        """
        wrong_setup = running.server.startup_error()
        if wrong_setup is not None:
            raise wrong_setup
        if running.tries == TRIES or (running.folder / LOG_NAME).exists():
            return False
        running.server.wait(DYING_S)
        return True

    def _forget(self, channel: socket.socket) -> _Running:
        self._selector.unregister(channel)
        channel.close()
        return self._running.pop(channel)

    def _outcome(self, running: _Running, message: Any) -> Outcome:
        log = running.folder / LOG_NAME
        if message is None:
            what = "the process that watched this trial was killed"
            outcome, seconds, status = Outcome.failed(running.trial, "crashed", what), 0.0, None
        else:
            report = Report(**message)
            outcome = judged(
                report, self._subject, running.trial, running.folder, log=log, limits=self._limits
            )
            seconds, status = report.seconds, report.status
        relative = log.relative_to(self._study_folder).as_posix()
        return outcome.timed(seconds, exit_status=status, log=relative)
