"""Memory in huge pages, so that a fork has less to copy."""

import ctypes
import time
from pathlib import Path

PAGE_BYTES = 2 << 20
MADV_COLLAPSE = 25  # Linux 6.1; see madvise(2)
ENOUGH_S = 1.0


def collapse() -> None:
    """Move this process's own memory into huge pages, as far as the kernel can.

    A fork copies one entry for each page, and its end removes them: of a process that has
    imported PyTorch, 70,000 of 4 KiB or a few hundred of 2 MiB. Stops after about a second.
    """
    try:
        regions = Path("/proc/self/maps").read_text().splitlines()
        madvise = ctypes.CDLL(None).madvise
    except (OSError, AttributeError):  # no Linux
        return
    madvise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    end = time.monotonic() + ENOUGH_S
    for start, size in filter(None, map(_whole_pages, regions)):
        if time.monotonic() > end:
            break
        madvise(start, size, MADV_COLLAPSE)  # an error says that some of it stayed as it was


def _whole_pages(region: str) -> tuple[int, int] | None:
    """Return start and size of the huge pages that fit into a line of maps; of private memory.

    Example:
        >>> _whole_pages("00300000-00900000 rw-p 00000000 00:00 0 [heap]")
        (4194304, 4194304)
        >>> _whole_pages("00300000-00900000 rw-p 00000000 08:01 77 /usr/lib/libc.so.6")
    """
    bounds, permissions, _, _, _, *name = region.split(maxsplit=5)
    if permissions != "rw-p" or name not in ([], ["[heap]"]):
        return None
    first, last = (int(bound, 16) for bound in bounds.split("-"))
    start = -(-first // PAGE_BYTES) * PAGE_BYTES
    size = last // PAGE_BYTES * PAGE_BYTES - start
    return (start, size) if size > 0 else None
