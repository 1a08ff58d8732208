"""The descendants of this process: found, measured and killed, whatever session they fled to.

Linux only where it says so; elsewhere the callers fall back to process groups.
"""

import contextlib
import ctypes
import os
import signal
import sys
import time
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

LINUX = sys.platform == "linux"
# linux/prctl.h
PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
MIB = 1 << 20


def become_subreaper() -> None:
    """Have orphaned descendants handed to this process instead of init (Linux)."""
    if LINUX:
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def die_with_parent(parent: int) -> None:
    """Have the kernel kill this process when the thread that forked it ends (Linux)."""
    if LINUX:
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:  # it ended before the call
            os._exit(1)


def volunteer_for_oom() -> None:
    """Have the kernel pick this process before its parents when memory runs out (Linux)."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("500")


def kernel_oom_kills() -> int:
    """Return how many processes the kernel has killed for lack of memory since it started."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/vmstat").read_text().splitlines():
            if line.startswith("oom_kill "):
                return int(line.split()[1])
    return 0


def children() -> dict[int, list[int]]:
    """Return the process ids of the children of every process; empty where /proc is not."""
    found: dict[int, list[int]] = defaultdict(list)
    for entry in os.scandir("/proc") if LINUX else ():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                stat = _read(f"{entry.path}/stat")
                # proc_pid_stat(5): pid (comm) state ppid ...; comm may hold anything
                found[int(stat.rpartition(b")")[2].split()[1])].append(int(entry.name))
    return found


def _read(path: str) -> bytes:
    """Return the beginning of a small file: several times a second, for every process."""
    fd = os.open(path, os.O_RDONLY)
    try:
        return os.read(fd, 1 << 12)
    finally:
        os.close(fd)


def descendants(root: int, *, spare: Collection[int] = ()) -> list[int]:
    """Return all processes below one, parents first; spared ones and what is below them not."""
    below = children()
    found = [pid for pid in below.get(root, ()) if pid not in spare]
    for pid in found:  # grows while it is walked
        found.extend(child for child in below.get(pid, ()) if child not in spare)
    return found


def has_children() -> bool:
    """Return whether this process has a child, a dead one that was not waited for included.

    Linux only; elsewhere the answer is no.
    """
    if not LINUX:
        return False
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True


def resident_mib(pids: Iterable[int], *, enough_mib: float) -> float:
    """Return the memory that processes hold together, in MiB, pages they share counted once.

    The plain sum of resident sizes counts a page that forked workers share once for each; it
    is cheap, and an upper bound. Only when it passes ``enough_mib`` are the shares looked at.
    """
    pids = tuple(pids)
    upper = sum(_resident_bytes(pid) for pid in pids) / MIB
    if upper <= enough_mib:
        return upper
    return sum(_proportional_bytes(pid) for pid in pids) / MIB


def _resident_bytes(pid: int) -> int:
    with contextlib.suppress(OSError, IndexError):
        return int(_read(f"/proc/{pid}/statm").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return 0


def _proportional_bytes(pid: int) -> int:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) << 10
    return _resident_bytes(pid)


def reaped() -> Iterator[tuple[int, int]]:
    """Yield each child that has ended, and its exit status or minus the signal."""
    with contextlib.suppress(ChildProcessError):
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            yield pid, os.waitstatus_to_exitcode(status)


def kill_group(leader: int) -> None:
    """Kill a process group, which is all there is where /proc is not."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


def kill_descendants(*, spare: Collection[int] = (), patience_s: float = 5.0) -> None:
    """Kill and reap all descendants of this process, which must be a subreaper (Linux).

    Orphans become children of this process, so they are all found, whatever they do. One that
    the kernel cannot end (it waits for a disk) is given up after ``patience_s``.
    """
    end = time.monotonic() + patience_s
    while time.monotonic() < end:
        doomed = descendants(os.getpid(), spare=spare)
        if not doomed:
            return
        for pid in doomed:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.002)
        for pid in doomed:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
