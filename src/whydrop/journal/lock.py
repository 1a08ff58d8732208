"""Lock: a study folder has one coordinator at a time.

A POSIX record lock: the kernel frees it when its process dies, however that happens, and unlike
``flock`` a forked trial does not inherit it, so an orphan cannot keep a study locked. Its one
trap is that a process loses the lock when it closes *any* descriptor of the file; this module
is the only one that opens the file, and it looks in ``_held`` first.
"""

import contextlib
import fcntl
import os
import socket
import time
from pathlib import Path

from whydrop.core.errors import JournalError

LOCK_FILE = "lock"
ATTEMPTS, PAUSE_S = 10, 0.01

_held: set[tuple[int, Path]] = set()  # process and file: a lock does not pass to a fork


class Lock:
    """The right to write a study; held from construction until ``release``.

    Raises:
        JournalError: another coordinator has it, or the folder cannot be written.
    """

    def __init__(self, folder: Path) -> None:
        path = (folder / LOCK_FILE).resolve()
        self._key = (os.getpid(), path)
        if self._key in _held:
            raise _refusal(folder, "this very process")
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise JournalError(
                f"the study cannot be locked: {error.strerror}",
                where=str(path),
                do="choose a folder you may write with --study",
            ) from error
        if not _taken_in_time(descriptor):
            owner = os.pread(descriptor, 300, 0).decode("utf-8", "replace").strip()
            os.close(descriptor)
            raise _refusal(folder, owner or "another process")
        _held.add(self._key)
        self._descriptor: int | None = descriptor
        # Who holds it is for the message only; on a full disk the lock holds all the same.
        with contextlib.suppress(OSError):
            os.ftruncate(descriptor, 0)
            owner = f"process {os.getpid()} on {socket.gethostname()}\n"
            os.pwrite(descriptor, owner.encode(), 0)

    def release(self) -> None:
        """Give the lock up; the file stays, since removing it would race with the next owner."""
        if self._descriptor is not None:
            _held.discard(self._key)
            os.close(self._descriptor)
            self._descriptor = None


def is_held(folder: Path) -> bool:
    """Return whether a coordinator has a study now."""
    path = (folder / LOCK_FILE).resolve()
    if (os.getpid(), path) in _held:
        return True
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.lockf(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    else:
        return False
    finally:
        os.close(descriptor)  # which gives up the shared lock


def _taken_in_time(descriptor: int) -> bool:
    """Take the lock of an open file; one that is only being asked about is free in no time."""
    for _ in range(ATTEMPTS):
        with contextlib.suppress(OSError):
            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        time.sleep(PAUSE_S)
    return False


def _refusal(folder: Path, owner: str) -> JournalError:
    return JournalError(
        f"this study is being run by {owner}",
        where=str(folder),
        do="wait for it or stop it; `whydrop watch` shows it meanwhile",
    )
