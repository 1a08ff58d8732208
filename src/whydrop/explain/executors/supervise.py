"""The supervisor of one trial: a small process that ends with it, and takes all of it along."""

import contextlib
import fcntl
import json
import os
import selectors
import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path

from whydrop.explain.executors import process_tree
from whydrop.explain.executors.call import Function
from whydrop.explain.executors.capped_log import CappedLog
from whydrop.explain.executors.order import End, Order, Report, receive, send
from whydrop.explain.executors.trial_process import UNSTARTABLE, become
from whydrop.explain.executors.wakeup import ChildWakeup

CHUNK_BYTES = 1 << 18
SAMPLE_S = 0.1
SAMPLE_SHARE = 0.01  # of the time goes into looking at memory, at most
# Helpers that leave by themselves, such as multiprocessing's resource tracker, which removes
# shared memory, are given this long after the trial has ended.
GRACE_S = 0.25


def supervise(channel: socket.socket, function: Function | None, coordinator: int | None) -> None:
    """Run the trial whose order comes through a channel, and report how it ended there.

    The end of the channel's other side is the end of the trial: it is how a trial is cancelled,
    and what happens when the coordinator is killed.

    Args:
        channel: one order comes in, one report goes out.
        function: what an order without a program calls.
        coordinator: process file descriptor, ready when the coordinator has ended; a second
            sign, since a process that it forked may hold its end of the channel open.
    """
    message = receive(channel)
    if message is None:
        return
    order = Order(**message)
    process_tree.become_subreaper()
    try:
        log = CappedLog(Path(order.log))
    except OSError as error:
        send(channel, Report("unwritable", None, 0.0, detail=str(error)))
        return
    watch = _Watch(order, log)
    watch.start(function, channel)
    report = watch.report(channel, coordinator)
    if report is not None:
        with contextlib.suppress(ConnectionError):
            send(channel, report)


class _Watch:
    def __init__(self, order: Order, log: CappedLog) -> None:
        self._order = order
        self._log = log
        self._answer = bytearray()
        self._status: int | None = None  # of the trial's first process, once it has ended
        self._gone = False  # nobody waits for the report

    def start(self, function: Function | None, channel: socket.socket) -> None:
        self._wakeup = ChildWakeup()
        self._output_fd, output = _pipe()
        self._answer_fd, answer = _pipe()
        supervisor = os.getpid()
        self._oom_kills = process_tree.kernel_oom_kills()
        self._started = time.monotonic()
        self._pid = os.fork()
        if self._pid == 0:
            process_tree.die_with_parent(supervisor)
            self._wakeup.close()
            channel.close()
            os.close(self._output_fd)
            os.close(self._answer_fd)
            become(self._order, function, output=output, answer=answer)
        os.close(output)
        os.close(answer)

    def report(self, channel: socket.socket, coordinator: int | None) -> Report | None:
        """Wait for the end; None when nobody is there to be told."""
        with selectors.DefaultSelector() as selector:
            self._selector = selector
            selector.register(self._output_fd, selectors.EVENT_READ, self._read_output)
            selector.register(self._answer_fd, selectors.EVENT_READ, self._read_answer)
            selector.register(self._wakeup, selectors.EVENT_READ, self._reap)
            selector.register(channel, selectors.EVENT_READ, self._leave)
            if coordinator is not None:
                selector.register(coordinator, selectors.EVENT_READ, self._leave)
            end, detail = self._wait()
            seconds = time.monotonic() - self._started
            if end == "exited":
                self._let_helpers_leave()
            self._kill()
            self._drain()
        self._log.close()
        if self._gone:
            return None
        if self._log.error is not None:
            return Report("unwritable", None, seconds, detail=str(self._log.error))
        if end != "exited":
            return Report(end, None, seconds, detail=detail)
        return self._ended(seconds)

    def _wait(self) -> tuple[End, str]:
        """Serve the trial until it has ended or has to be; return which, and what was seen."""
        order, look_at = self._order, self._started + SAMPLE_S
        deadline = None if order.timeout_s is None else self._started + order.timeout_s
        while self._status is None and not self._gone:
            now = time.monotonic()
            if deadline is not None and now >= deadline:
                return "timeout", ""
            if order.memory_mib is not None and now >= look_at:
                used = process_tree.resident_mib(
                    process_tree.descendants(os.getpid()), enough_mib=order.memory_mib
                )
                if used > order.memory_mib:
                    return "memory", f"{used:,.0f} MiB in use"
                cost = time.monotonic() - now
                look_at = now + max(SAMPLE_S, cost / SAMPLE_SHARE)
            waits = [deadline] if deadline is not None else []
            waits += [look_at] if order.memory_mib is not None else []
            self._turn(max(0.0, min(waits) - time.monotonic()) if waits else None)
        return "exited", ""

    def _turn(self, timeout_s: float | None) -> None:
        for key, _ in self._selector.select(timeout_s):
            act: Callable[[], None] = key.data
            act()

    def _read_output(self) -> None:
        self._log.write(self._read(self._output_fd))

    def _read_answer(self) -> None:
        self._answer += self._read(self._answer_fd)

    def _read(self, fd: int) -> bytes:
        chunk = os.read(fd, CHUNK_BYTES)
        if not chunk:
            self._selector.unregister(fd)
        return chunk

    def _reap(self) -> None:
        self._wakeup.clear()
        for pid, status in process_tree.reaped():
            if pid == self._pid:
                self._status = status

    def _leave(self) -> None:
        self._gone = True

    def _let_helpers_leave(self) -> None:
        end = time.monotonic() + GRACE_S
        while process_tree.has_children() and not self._gone:
            left = end - time.monotonic()
            if left <= 0:
                return
            self._turn(min(left, 0.02))

    def _kill(self) -> None:
        if process_tree.has_children():
            process_tree.kill_descendants()
        elif not process_tree.LINUX:
            process_tree.kill_group(self._pid)

    def _drain(self) -> None:
        """Take what is still in the pipes; their writers are dead."""
        for fd, take in (
            (self._output_fd, self._log.write),
            (self._answer_fd, self._answer.extend),
        ):
            with contextlib.suppress(BlockingIOError):
                while chunk := os.read(fd, CHUNK_BYTES):
                    take(chunk)

    def _ended(self, seconds: float) -> Report:
        complete = self._answer and self._status in (0, UNSTARTABLE)
        answer = json.loads(self._answer) if complete else {}
        if "unstartable" in answer:
            return Report("unstartable", None, seconds, detail=answer["unstartable"])
        if self._status == -signal.SIGKILL and process_tree.kernel_oom_kills() > self._oom_kills:
            detail = "the machine ran out, and the kernel ended it"
            return Report("memory", self._status, seconds, detail=detail)
        if "unreadable" in answer:
            return Report("unreadable", self._status, seconds, detail=answer["unreadable"])
        if not self._order.argv and self._status == 0 and not answer:
            detail = "the process ended before the function returned"
            return Report("exited", 0, seconds, detail=detail)
        return Report("exited", self._status, seconds, answer.get("returned"))


def _pipe() -> tuple[int, int]:
    """Return the ends of a pipe; reading never waits."""
    read, write = os.pipe()
    os.set_blocking(read, False)
    if hasattr(fcntl, "F_SETPIPE_SZ"):
        # refused when the user's share of pipe memory is used up; the default serves too
        with contextlib.suppress(OSError):
            fcntl.fcntl(write, fcntl.F_SETPIPE_SZ, CHUNK_BYTES)
    return read, write
