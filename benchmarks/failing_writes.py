"""Faults in the writes of SQLite itself, put in through its own hook for system calls."""

import _sqlite3
import ctypes
import errno
import os
import signal
from collections.abc import Callable
from typing import Any, Literal

Fault = Literal["error", "full", "torn"]

_CODE = {"error": errno.EIO, "full": errno.ENOSPC}


class _Vfs(ctypes.Structure):
    """The beginning of SQLite's ``sqlite3_vfs``, version 3 (sqlite.org/c3ref/vfs.html)."""

    _fields_ = (
        ("version", ctypes.c_int),
        ("file_bytes", ctypes.c_int),
        ("path_bytes", ctypes.c_int),
        ("next", ctypes.c_void_p),
        ("name", ctypes.c_char_p),
        ("data", ctypes.c_void_p),
        ("methods", ctypes.c_void_p * 13),  # xOpen to xCurrentTimeInt64
        ("set_system_call", ctypes.c_void_p),
        ("get_system_call", ctypes.c_void_p),
        ("next_system_call", ctypes.c_void_p),
    )


_SET = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p)
_GET = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_char_p)
_WRITE = ctypes.CFUNCTYPE(
    ctypes.c_ssize_t, ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t, use_errno=True
)
_PWRITE = ctypes.CFUNCTYPE(
    ctypes.c_ssize_t,
    ctypes.c_int,
    ctypes.c_void_p,
    ctypes.c_size_t,
    ctypes.c_int64,
    use_errno=True,
)
_TRUNCATE = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int, ctypes.c_int64, use_errno=True)


class FailingWrites:
    """Makes one write of every SQLite connection of this process fail, for good.

    Args:
        fault: "error": the n-th write, and only that one, fails with EIO. "full": the n-th and
            all later ones fail with ENOSPC. "torn": half of the n-th reaches the file and the
            process dies, as at a power cut.
        n: 1, 2, ... over writes and truncations of all files.

    Attributes:
        count: writes and truncations so far.
    """

    def __init__(self, fault: Fault, n: int) -> None:
        self.fault = fault
        self.n = n
        self.count = 0
        # The library that Python's own sqlite3 module is linked with, not another copy.
        library = ctypes.CDLL(_sqlite3.__file__)
        find: Any = library.sqlite3_vfs_find
        find.restype = ctypes.POINTER(_Vfs)
        vfs = find(None)
        self._kept: list[Any] = [  # ctypes forgets callbacks that nobody holds
            _WRITE(lambda fd, data, size: self._write(fd, data, size, None)),
            _PWRITE(self._write),
            _TRUNCATE(self._truncate),
        ]
        get, put = _GET(vfs.contents.get_system_call), _SET(vfs.contents.set_system_call)
        names = {b"write": 0, b"pwrite": 1, b"pwrite64": 1, b"ftruncate": 2}
        for name, which in names.items():
            if get(vfs_address(vfs), name):
                put(vfs_address(vfs), name, ctypes.cast(self._kept[which], ctypes.c_void_p))

    @property
    def fired(self) -> bool:
        return self.count >= self.n

    def _write(self, fd: int, data: int, size: int, offset: int | None) -> int:
        content = ctypes.string_at(data, size)
        put: Callable[[bytes], int] = (
            (lambda part: os.write(fd, part))
            if offset is None
            else (lambda part: os.pwrite(fd, part, offset))
        )
        if self._fails(lambda: put(content[: size // 2])):
            return -1
        return put(content)

    def _truncate(self, fd: int, size: int) -> int:
        if self._fails(lambda: None):
            return -1
        os.ftruncate(fd, size)
        return 0

    def _fails(self, tear: Callable[[], object]) -> bool:
        self.count += 1
        if self.count < self.n or (self.fault != "full" and self.count > self.n):
            return False
        if self.fault == "torn":
            tear()
            os.kill(os.getpid(), signal.SIGKILL)
        ctypes.set_errno(_CODE[self.fault])
        return True


def vfs_address(vfs: Any) -> int | None:
    return ctypes.cast(vfs, ctypes.c_void_p).value
