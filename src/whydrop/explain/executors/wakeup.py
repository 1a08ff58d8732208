"""ChildWakeup: the end of a child process as something a selector can wait for."""

import contextlib
import signal
import socket


class ChildWakeup:
    """Readable after a child of this process has ended. One a process, in its main thread."""

    def __init__(self) -> None:
        self._read, self._write = socket.socketpair()
        self._read.setblocking(False)
        self._write.setblocking(False)
        signal.set_wakeup_fd(self._write.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def fileno(self) -> int:
        return self._read.fileno()

    def clear(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while self._read.recv(1 << 10):
                pass

    def close(self) -> None:
        """Give the signal back, for a fork that becomes something else."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self._read.close()
        self._write.close()
