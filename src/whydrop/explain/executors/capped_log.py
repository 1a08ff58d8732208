"""CappedLog: a file that keeps the beginning and the end of an output of any length."""

from pathlib import Path

KEPT_BYTES = 1 << 20  # at each end


class CappedLog:
    """Takes bytes and holds at most twice ``tail`` of them in memory.

    The first ``head`` bytes are written as they come; of the rest the last ``tail`` are written
    when it is closed, after a line that says how much is missing.

    Attributes:
        error: why the file could not be written, if so; what comes later is dropped.
    """

    def __init__(self, path: Path, *, head: int = KEPT_BYTES, tail: int = KEPT_BYTES) -> None:
        self.error: OSError | None = None
        self._file = path.open("wb", buffering=0)
        self._room = head
        self._tail_bytes = tail
        self._tail = bytearray()
        self._dropped = 0

    def write(self, data: bytes) -> None:
        first, rest = data[: self._room], data[self._room :]
        self._keep(first)
        self._room -= len(first)
        self._tail += rest
        if len(self._tail) > 2 * self._tail_bytes:
            self._drop(len(self._tail) - self._tail_bytes)

    def close(self) -> None:
        if self._dropped or len(self._tail) > self._tail_bytes:
            self._drop(max(0, len(self._tail) - self._tail_bytes))
            self._drop(self._tail.find(b"\n") + 1)  # whole lines
            self._keep(f"\n[{self._dropped:,} bytes of output were not kept]\n".encode())
        self._keep(self._tail)
        self._file.close()

    def _drop(self, count: int) -> None:
        del self._tail[:count]
        self._dropped += count

    def _keep(self, data: bytes | bytearray) -> None:
        left = memoryview(data)
        while left and self.error is None:
            try:
                left = left[self._file.write(left) :]
            except OSError as error:
                self.error = error
