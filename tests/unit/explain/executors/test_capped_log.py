import errno
from pathlib import Path

import pytest

from whydrop.explain.executors.capped_log import CappedLog


def log_of(path, *chunks, head=10, tail=10):
    log = CappedLog(path, head=head, tail=tail)
    for chunk in chunks:
        log.write(chunk)
    log.close()
    return path.read_bytes()


@pytest.mark.parametrize("size", [0, 1, 9, 10, 11, 19, 20])
def test_what_fits_is_kept_as_it_is(tmp_path, size):
    data = bytes(range(65, 65 + size))
    assert log_of(tmp_path / "log", *(data[i : i + 3] for i in range(0, size, 3))) == data


def test_of_a_flood_the_beginning_and_the_last_whole_lines_are_kept(tmp_path):
    lines = [b"line %04d\n" % i for i in range(1000)]
    kept = log_of(tmp_path / "log", *lines, head=30, tail=35)
    assert kept == (
        b"line 0000\nline 0001\nline 0002\n"
        b"\n[9,940 bytes of output were not kept]\n"
        b"line 0997\nline 0998\nline 0999\n"
    )


def test_the_number_of_dropped_bytes_and_the_kept_ones_make_the_whole(tmp_path):
    for size in range(21, 80):
        kept = log_of(tmp_path / "log", *[b"x"] * size)
        dropped = int(kept.split(b"[")[1].split()[0])
        assert kept.count(b"x") + dropped == size


def test_memory_is_bounded_whatever_comes(tmp_path):
    log = CappedLog(tmp_path / "log", head=100, tail=100)
    for _ in range(1000):
        log.write(b"y" * 77)
        assert len(log._tail) <= 200
    log.close()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is full")
def test_a_full_disk_is_remembered_and_nothing_is_raised():
    log = CappedLog(Path("/dev/full"))
    log.write(b"lost")
    log.close()
    assert log.error is not None
    assert log.error.errno == errno.ENOSPC
