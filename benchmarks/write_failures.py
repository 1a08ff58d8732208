"""Let every write of a study's journal fail in turn: is the study readable, and the end clear?

    python benchmarks/write_failures.py [--every 1]

    error, full, torn   SQLite's 1st, 2nd, ... n-th write or truncation fails (see
                        ``failing_writes.py``) until a study completes without meeting it.
    size limit          the kernel refuses files beyond a size that grows until a study completes.
    small disk          a file system in memory (needs root), a page larger each time; the study
                        is read while the disk is still full.
    cut log             the write-ahead log of a killed study is cut, zeroed or scrambled from an
                        offset on, at every kind of place in every frame: a disk that lied.

Each time: the coordinator ends by itself with an error in three parts that says how to go on (or
dies, when torn); every acknowledged outcome can be read; a new coordinator on a sound disk ends
with the very study that an undisturbed one makes. A cut log must hold a beginning of the study.
"""

import argparse
import json
import os
import platform
import random
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, get_args

from failing_writes import FailingWrites, Fault
from kills import AT_ONCE, Plan, Tally, check, essence
from whydrop.core.errors import JournalError
from whydrop.journal.record import STUDY_FILE, Record

STUDY_SEED = 1
PAGE = 4096
LOG_HEADER, FRAME_HEADER = 32, 24  # bytes; sqlite.org/fileformat2.html, section 4
COMPLETED, MET_NOTHING, CLEAR, UNCLEAR, DIED = "completed", "untouched", "clear", "unclear", "died"
WRONG = (
    "lost",
    "changed",
    "counted_twice",
    "acknowledged_but_started_again",
    "unreadable",
    "different_studies",
    "not_resumable",
    "not_a_beginning",
    UNCLEAR,
)
_EXITS = {0: COMPLETED, 3: MET_NOTHING, 4: CLEAR, -9: DIED}


def plan_in(folder: Path) -> Plan:
    """Return a study of one factor: some twenty trials, in a gap check and a verification."""
    return Plan(AT_ONCE, folder, STUDY_SEED, True, only=("a",))


def life(plan: Plan, spoil: Callable[[], Callable[[], bool]]) -> str:
    """Run a study in a process whose writes are spoilt, and return how that ended.

    Args:
        plan: of the study, begun or not.
        spoil: called in the process; what it returns tells whether any write was spoilt.
    """
    child = os.fork()
    if not child:
        status = 1
        try:
            met = spoil()
            plan.live()
            status = 0 if met() else 3
        except JournalError as error:
            parts = (error.what, error.where, error.do)
            status = 4 if all(parts) and str(plan.folder) in error.where + error.do else 1
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(status)
    _, status = os.waitpid(child, 0)
    return _EXITS.get(os.waitstatus_to_exitcode(status), UNCLEAR)


def spoilt(plan: Plan, ending: str, tally: Tally, calm: list[Any]) -> None:
    """Check a study whose coordinator met a failure, then resume it and check it again."""
    tally[ending] += 1
    check(plan, tally)
    tally["not_begun"] += not (plan.folder / STUDY_FILE).exists()
    resumed = life(plan, lambda: lambda: True)
    tally["not_resumable"] += resumed != COMPLETED
    if resumed == COMPLETED:
        check(plan, tally)
        tally["different_studies"] += essence(plan) != calm


def nth_write(fault: Fault, workplace: Path, calm: list[Any], every: int) -> Tally:
    """Let the n-th write fail, for all n."""
    tally = Tally(dict.fromkeys(WRONG, 0))
    for n in range(1, 100_000, every):
        plan = plan_in(workplace / str(n))

        def spoil(n: int = n) -> Callable[[], bool]:
            writes = FailingWrites(fault, n)
            return lambda: writes.fired

        ending = life(plan, spoil)
        if ending == MET_NOTHING:
            tally["writes_in_a_study"] = n - 1
            return tally
        spoilt(plan, ending, tally, calm)
    raise RuntimeError("no study completed")


def size_limit(workplace: Path, calm: list[Any], every: int) -> Tally:
    """Let no file grow beyond a limit, for growing limits."""
    tally = Tally(dict.fromkeys(WRONG, 0))
    for limit in range(1500, 10_000_000, 1999 * every):
        plan = plan_in(workplace / str(limit))

        def spoil(limit: int = limit) -> Callable[[], bool]:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))  # Python ignores SIGXFSZ
            return lambda: False

        ending = life(plan, spoil)
        if ending == MET_NOTHING:
            tally["bytes_that_suffice"] = limit
            return tally
        spoilt(plan, ending, tally, calm)
    raise RuntimeError("no study completed")


@contextmanager
def small_disk(folder: Path, size_bytes: int) -> Iterator[None]:
    """Put a file system of this size on a folder; on leaving the context it is gone."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size_bytes}", "whydrop", str(folder)]
    subprocess.run(mount, check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def full_disk(workplace: Path, calm: list[Any], every: int) -> Tally:
    """Let the disk be too small, by ever less."""
    tally = Tally(dict.fromkeys(WRONG, 0))
    for pages in range(1, 10_000, every):
        plan = plan_in(workplace / str(pages))
        with small_disk(plan.folder, pages * PAGE):
            ending = life(plan, lambda: lambda: False)
            if ending == MET_NOTHING:
                tally["bytes_that_suffice"] = pages * PAGE
                return tally
            check(plan, tally)  # while it is full
            larger = ["mount", "-o", "remount,size=100m", str(plan.folder)]
            subprocess.run(larger, check=True)
            spoilt(plan, ending, tally, calm)
    raise RuntimeError("no study completed")


def cut_log(workplace: Path, calm: list[Any], every: int, writes: int) -> Tally:
    """Damage the write-ahead log of a study that was killed midway, from any offset on."""
    tally = Tally(dict.fromkeys(WRONG, 0))
    whole = plan_in(workplace / "killed")

    def spoil() -> Callable[[], bool]:
        torn = FailingWrites("torn", writes * 7 // 10)  # before the log is folded in
        return lambda: torn.fired

    if life(whole, spoil) != DIED:
        raise RuntimeError("the study to damage was not killed")
    log = (whole.folder / f"{STUDY_FILE}-wal").read_bytes()
    told = [line.split()[1] for line in whole.notes.read_text().splitlines() if "kept" in line]
    inside_a_frame = (0, 1, FRAME_HEADER // 2, FRAME_HEADER, FRAME_HEADER + 1, 1000, PAGE + 23)
    frames = range(LOG_HEADER, len(log), FRAME_HEADER + PAGE)
    places = [
        0,
        1,
        LOG_HEADER - 1,
        *(frame + inner for frame in frames for inner in inside_a_frame),
    ]
    chance = random.Random(0)
    endings: dict[str, Callable[[int], bytes]] = {
        "cut": lambda size: b"",
        "zeroed": bytes,
        "scrambled": chance.randbytes,
    }
    for number, place in enumerate(place for place in places[::every] if place < len(log)):
        for kind, ending in endings.items():
            plan = plan_in(workplace / f"{kind}-{place}")
            plan.folder.mkdir()
            shutil.copyfile(whole.folder / STUDY_FILE, plan.folder / STUDY_FILE)
            damaged = log[:place] + ending(len(log) - place)
            (plan.folder / f"{STUDY_FILE}-wal").write_bytes(damaged)
            with Record.open(plan.folder) as record:
                kept = {str(outcome.trial.number) for outcome in record.study().outcomes}
            tally[kind] += 1
            tally["not_a_beginning"] += kept != set(told[: len(kept)])
            if number % 10 == 0:
                spoilt(plan, "resumed", tally, calm)
            shutil.rmtree(plan.folder)
    return tally


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--every", type=int, default=1, help="only each n-th case")
    default = Path(__file__).parent / "results/write_failures.json"
    parser.add_argument("--out", type=Path, default=default)
    options = parser.parse_args()
    # The writes are what is spoilt here, not the disk below them: memory does, where there is any.
    memory = "/dev/shm" if Path("/dev/shm").is_dir() else None
    found: dict[str, Counter[str]] = {}
    with tempfile.TemporaryDirectory(prefix="whydrop-writes-", dir=memory) as parent:
        undisturbed = plan_in(Path(parent, "calm"))
        undisturbed.live()
        calm = essence(undisturbed)

        def part(name: str, measure: Callable[..., Tally], *rest: Any) -> None:
            began = time.monotonic()
            workplace = Path(parent, name)
            workplace.mkdir()
            found[name] = measure(workplace, calm, options.every, *rest)
            found[name]["wall_s"] = round(time.monotonic() - began)
            print(name, json.dumps(found[name]), flush=True)

        for fault in get_args(Fault):
            part(fault, lambda *rest, fault=fault: nth_write(fault, *rest))
        part("size limit", size_limit)
        if os.geteuid() == 0:
            part("small disk", full_disk)
        part("cut log", cut_log, found["torn"]["writes_in_a_study"])
    sound = not any(tally[name] for tally in found.values() for name in WRONG)
    about = {
        "command": f"python benchmarks/write_failures.py --every {options.every}",
        "date": time.strftime("%Y-%m-%d"),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, {platform.system()}",
        "sqlite": sqlite3.sqlite_version,
    }
    options.out.write_text(json.dumps({**about, **found, "sound": sound}, indent=2) + "\n")
    sys.exit(not sound)


if __name__ == "__main__":
    main()
