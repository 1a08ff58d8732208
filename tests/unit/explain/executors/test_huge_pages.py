"""collapse: less for a fork to copy, and the same memory."""

import platform
import subprocess
import sys
from pathlib import Path

import pytest

HUGE_PAGES = Path("/sys/kernel/mm/transparent_hugepage")
PROGRAM = """
import re
from pathlib import Path
from whydrop.explain.executors.huge_pages import collapse

def huge_kib():
    held = Path("/proc/self/smaps_rollup").read_text()
    return int(re.search(r"AnonHugePages: +([0-9]+)", held)[1])

kept = [bytes([i % 256]) * 400 for i in range(100_000)]  # 40 MB of small objects
before = huge_kib()
collapse()
assert all(text == bytes([i % 256]) * 400 for i, text in enumerate(kept))
print(huge_kib() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="a call of Linux")
def test_small_objects_move_into_huge_pages_and_keep_their_values():
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    moved_kib = int(done.stdout)
    kernel = tuple(map(int, platform.release().split(".")[:2]))
    if not moved_kib and (kernel < (6, 1) or not HUGE_PAGES.is_dir()):
        pytest.skip("the kernel has no such call, or no huge pages")
    assert moved_kib > 0
