"""A folder of files: whatever stops it, it goes on to the same folder."""

import csv
import errno
import itertools
import subprocess
import sys
from pathlib import Path

import pytest

from whydrop.augment.expansion import folder as folder_module
from whydrop.augment.expansion.folder import write_folder
from whydrop.core.errors import DataError, UsageError

NAMES = [f"{at % 3}/{at}.txt" for at in range(8)]
SETTINGS = {"what": [1, 2.5, None], "made_by": "one"}
END = b"."


class Stopped(BaseException):
    """Stands for a signal: nothing may catch it."""


def content(at: int) -> bytes:
    return bytes([65 + at]) * 30 + END


def files(start, made=None, content=content):
    for at in range(start, len(NAMES)):
        if made is not None:
            made.append(at)
        yield (NAMES[at], at, at / 7), content(at)


def is_whole(path: Path) -> bool:
    return path.exists() and path.read_bytes().endswith(END)


def write(path, *, files_from=files, settings=SETTINGS, header=("file", "n", "part"), **how):
    return write_folder(
        path, settings, header, NAMES, files_from=files_from, is_whole=is_whole, **how
    )


def contents(path: Path) -> dict[str, bytes]:
    found = (entry for entry in path.rglob("*") if entry.is_file())
    return {entry.relative_to(path).as_posix(): entry.read_bytes() for entry in found}


@pytest.fixture
def whole(tmp_path):
    assert write(tmp_path / "whole") == len(NAMES)
    return contents(tmp_path / "whole")


def test_all_files_are_there_with_their_rows(whole):
    assert set(whole) == {*NAMES, "manifest.json", "manifest.csv"}
    rows = list(csv.reader(whole["manifest.csv"].decode().splitlines()))
    assert rows[0] == ["file", "n", "part"]
    assert [(row[0], int(row[1]), float(row[2])) for row in rows[1:]] == [
        (name, at, at / 7) for at, name in enumerate(NAMES)
    ]
    assert all(whole[name] == content(at) for at, name in enumerate(NAMES))


def test_a_run_stopped_at_any_change_of_the_disk_goes_on_to_the_same_folder(
    tmp_path, whole, monkeypatch
):
    """Every write and rename is a moment to be killed at: before it, or half way."""
    real_write, real_replace = Path.write_bytes, Path.replace

    def stopped_at(moment, half):
        at = itertools.count()

        def change(do, *args):
            if next(at) == moment:
                if half and do is real_write:
                    do(args[0], args[1][: len(args[1]) // 2])
                raise Stopped
            return do(*args)

        monkeypatch.setattr(Path, "write_bytes", lambda *args: change(real_write, *args))
        monkeypatch.setattr(Path, "replace", lambda *args: change(real_replace, *args))

    moments = 2 * (1 + len(NAMES)) + 1  # settings and files written and named, the manifest named
    for moment, half in itertools.product(range(moments), (False, True)):
        path = tmp_path / f"{moment}-{half}"
        stopped_at(moment, half)
        with pytest.raises(Stopped):
            write(path)
        monkeypatch.undo()
        assert not (path / "manifest.csv").exists()
        partial = path / "manifest.csv.partial"
        for line in partial.read_text().splitlines()[1:] if partial.exists() else ():
            assert is_whole(path / line.partition(",")[0])
        write(path)
        assert contents(path) == whole
    stopped_at(moments, half=False)
    write(tmp_path / "there are no more moments")


def test_what_is_done_is_not_made_again(tmp_path, whole):
    path = tmp_path / "folder"

    def five(start):
        yield from itertools.islice(files(start), 5 - start)
        raise Stopped

    with pytest.raises(Stopped):
        write(path, files_from=five)
    made = []
    assert write(path, files_from=lambda start: files(start, made)) == 3
    assert made == [0, 4, 5, 6, 7]  # the first and the last of those done are looked at again
    assert contents(path) == whole
    assert write(path, files_from=lambda start: files(start, made)) == 0
    assert len(made) == 5


@pytest.mark.parametrize("damage", ["missing", "torn", "row", "rows"])
def test_files_after_the_first_damage_are_made_again(tmp_path, whole, damage):
    path = tmp_path / "folder"

    def six(start):
        yield from itertools.islice(files(start), 6 - start)
        raise Stopped

    with pytest.raises(Stopped):
        write(path, files_from=six)
    partial = path / "manifest.csv.partial"
    lines = partial.read_bytes().splitlines(keepends=True)
    if damage == "missing":
        (path / NAMES[2]).unlink()
    elif damage == "torn":
        (path / NAMES[2]).write_bytes(b"CC")
    elif damage == "row":
        partial.write_bytes(b"".join(lines[:3]) + lines[3][:4])
    else:
        partial.write_bytes(b"".join(lines[:3]) + b"\xff\x00,\n" + b"".join(lines[4:]))
    assert write(path) == 6
    assert contents(path) == whole


def test_a_killed_process_leaves_a_folder_that_goes_on(tmp_path, whole):
    """The real thing: kill -9, with rows still in the memory of the process."""
    code = f"""
import os, signal, sys
sys.path.insert(0, {str(Path(__file__).parents[4])!r})
from tests.unit.augment.expansion import test_folder as t
def some(start):
    for at, file in enumerate(t.files(start), start):
        if at == int(sys.argv[2]):
            os.kill(os.getpid(), signal.SIGKILL)
        yield file
t.write(t.Path(sys.argv[1]), files_from=some)
"""
    for last in (0, 3, 7):
        path = tmp_path / str(last)
        done = subprocess.run([sys.executable, "-c", code, str(path), str(last)], check=False)
        assert done.returncode == -9
        assert not (path / "manifest.csv").exists()
        write(path)
        assert contents(path) == whole


def test_a_folder_that_holds_anything_else_is_left_alone(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(UsageError, match=r"not empty: it holds notes\.txt"):
        write(tmp_path)
    assert contents(tmp_path) == {"notes.txt": b"mine"}
    with pytest.raises(UsageError, match="cannot be written"):
        write(tmp_path / "notes.txt")


def test_other_settings_are_named_and_refused(tmp_path):
    write(tmp_path / "f")
    with pytest.raises(UsageError, match="other settings: more, what"):
        write(tmp_path / "f", settings={"what": [1], "more": 1, "made_by": "one"})
    assert write(tmp_path / "f", settings={**SETTINGS, "made_by": "two"}) == 0


@pytest.mark.parametrize("text", ["", "[]", "{", "\x00", "[" * 10**5])
def test_damaged_settings_are_refused_and_kept(tmp_path, text):
    path = tmp_path / "manifest.json"
    path.write_text(text)
    with pytest.raises(DataError, match="not the settings"):
        write(tmp_path)
    assert path.read_text() == text


def test_columns_of_another_kind_are_refused(tmp_path):
    with pytest.raises(Stopped):
        write(tmp_path / "f", files_from=stop_after_one)
    with pytest.raises(DataError, match="columns are others"):
        write(tmp_path / "f", header=("file", "n", "share"))


def stop_after_one(start):
    yield from itertools.islice(files(start), 1)
    raise Stopped


def test_files_that_would_be_others_today_are_noticed(tmp_path):
    with pytest.raises(Stopped):
        write(tmp_path / "f", files_from=stop_after_one)
    with pytest.raises(UsageError, match="would be another today"):
        write(tmp_path / "f", files_from=lambda at: files(at, content=lambda at: b"other" + END))


def test_two_processes_do_not_write_one_folder(tmp_path):
    path = tmp_path / "f"
    with pytest.raises(Stopped):
        write(path, files_from=stop_after_one)
    code = "import fcntl, sys; f = open(sys.argv[1], 'a'); fcntl.lockf(f, fcntl.LOCK_EX);"
    code += "print('held', flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", code, str(path / "manifest.csv.partial")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(UsageError, match="another process"):
            write(path)
        other.stdin.close()
    assert write(path) == len(NAMES) - 1


def test_a_full_disk_is_told_as_such_and_the_folder_goes_on(tmp_path, whole, monkeypatch):
    real, at = Path.write_bytes, itertools.count()

    def full(path, content):
        if next(at) == 4:
            real(path, content[:3])
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(path, content)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(UsageError, match="No space left on device"):
        write(tmp_path / "f")
    monkeypatch.undo()
    write(tmp_path / "f")
    assert contents(tmp_path / "f") == whole


def test_an_error_of_the_images_is_not_blamed_on_the_folder(tmp_path):
    def unreadable(start):
        yield from itertools.islice(files(start), 2)
        raise FileNotFoundError(2, "No such file", "photo.jpg")

    with pytest.raises(FileNotFoundError, match=r"photo\.jpg"):
        write(tmp_path / "f", files_from=unreadable)


def test_progress_is_told_from_two_seconds_on_at_a_pace_and_at_the_end(tmp_path, monkeypatch):
    now = [0.0]
    monkeypatch.setattr(folder_module.time, "monotonic", lambda: now[0])

    def paced(seconds):
        def made(start):
            for file in files(start):
                now[0] += seconds
                yield file

        return made

    told = []
    for folder, seconds, expected in (
        ("a", 0.125, []),
        ("b", 0.3125, [(7, 8), (8, 8)]),
        ("c", 0.375, [(6, 8), (8, 8)]),
    ):
        write(tmp_path / folder, files_from=paced(seconds), progress=lambda *n: told.append(n))
        assert told == expected
        told.clear()
