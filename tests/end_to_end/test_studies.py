"""Studies of a small program from the command line: answers, exit status, stopping, going on."""

import json
import os
import pty
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from whydrop.cli.main import run

PROGRAM = """
import argparse, json, os, random, sys, time
p = argparse.ArgumentParser()
p.add_argument("--seed", type=int, default=0)
p.add_argument("--lr", type=float, default=0.1)
p.add_argument("--softmax", action="store_true")
p.add_argument("--broken", default="")
p.add_argument("--sleep", type=float, default=0.0)
a = p.parse_args()
if a.broken == "crash":
    sys.exit("no such layer: bn7")
if a.broken == "input":
    input("which data set? ")
if a.broken == "nan":
    print("acc: nan"); sys.exit()
if a.broken == "silent":
    print("training went well"); sys.exit()
time.sleep(a.sleep)
value = 0.9 + 0.005 * random.Random(a.seed).gauss(0, 1) - 0.06 * a.softmax
print(f"acc: {value:.4f}")
"""
GOOD = f"{sys.executable} train.py --seed {{seed}}"
METRIC = ("--metric", "acc: {}")


class Done(NamedTuple):
    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    (tmp_path / "train.py").write_text(PROGRAM)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def whydrop(folder, capsys) -> Callable[..., Done]:
    """The command, without the second it takes to start."""

    def call(*words: str) -> Done:
        capsys.readouterr()
        status = run(words)
        return Done(status, *capsys.readouterr())

    return call


@pytest.fixture
def compared(whydrop) -> Callable[..., Done]:
    def call(bad: str, *words: str) -> Done:
        sides = ("--good", GOOD, "--bad", f"{GOOD} {bad}")
        return whydrop("compare", *sides, *METRIC, "--study", "s", *words)

    return call


def started(folder: Path, *words: str, **options) -> subprocess.Popen:
    return subprocess.Popen([sys.executable, "-m", "whydrop", *words], cwd=folder, **options)


def outcomes(study: Path) -> list[dict]:
    return json.loads((study / "result.json").read_text())["outcomes"]


def wait_for_outcomes(study: Path, n: int) -> None:
    file = study / "study.sqlite"
    end = time.monotonic() + 30
    while time.monotonic() < end:
        if file.exists():
            with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as connection:
                query = "SELECT count(*) FROM trials WHERE state IS NOT NULL"
                (count,) = connection.execute(query).fetchone()
            connection.close()
            if count >= n:
                return
        time.sleep(0.02)
    raise AssertionError(f"{study} has no {n} outcomes")


def test_a_drop_is_told_with_its_size(folder, compared):
    done = compared("--softmax", "--format", "json")
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["verdict"] == "worse"
    assert answer["difference"]["low"] <= -6.0 <= answer["difference"]["high"] < 0
    assert (folder / "s" / "result.json").read_text() == done.stdout


def test_a_harmless_change_is_equal_within_the_margin(compared):
    done = compared("--lr 0.2", "--within", "0.5")
    assert done.returncode == 0, done.stderr
    assert "equal within 0.5 points" in done.stdout


@pytest.mark.parametrize(
    ("bad", "limit", "status"), [("--softmax", "2", 1), ("--softmax", "9", 0), ("--lr 1", "1", 0)]
)
def test_the_gate_fails_only_when_a_larger_drop_is_shown(bad, limit, status, compared):
    assert compared(bad, "--fail-if-worse", limit).returncode == status


def test_an_open_gate_is_neither_passed_nor_failed(compared):
    done = compared("--softmax", "--fail-if-worse", "6", "--max-trials", "4")
    assert done.returncode == 3
    assert "whydrop resume s" in done.stderr


def test_noise_tells_sigma_and_that_the_seed_works(whydrop):
    done = whydrop("noise", "--good", GOOD, *METRIC, "--study", "s", "--format", "json")
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["seed_use"] == "obeyed"
    assert answer["spread"]["low"] < 0.5 < answer["spread"]["high"]
    assert [cost["sigmas"] for cost in answer["costs"]] == [1, 2, 4, 8]


def test_noise_tells_when_the_seed_is_ignored(whydrop):
    good = f"{sys.executable} train.py"
    done = whydrop("noise", "--good", good, *METRIC, "--study", "s")
    assert done.returncode == 0, done.stderr
    assert "ignores its seed" in done.stdout


def test_a_dry_run_writes_nothing(folder, compared):
    before = sorted(folder.rglob("*"))
    done = compared("--softmax --lr 0.2", "--dry-run")
    assert done.returncode == 0, done.stderr
    assert "softmax" in done.stdout
    assert "lr" in done.stdout
    assert sorted(folder.rglob("*")) == before


def test_more_budget_goes_on_where_a_study_stopped(folder, whydrop, compared):
    assert compared("--lr 0.2", "--within", "0.05", "--max-trials", "6").returncode == 3
    before = outcomes(folder / "s")
    done = whydrop("resume", "s", "--max-trials", "40", "--quiet")
    assert done.returncode == 0, done.stderr
    after = outcomes(folder / "s")
    assert len(before) == 6 < len(after)
    assert after[:6] == before


def test_a_budget_cannot_shrink(whydrop, compared):
    compared("--lr 0.2", "--within", "0.05", "--max-trials", "6")
    done = whydrop("resume", "s", "--max-trials", "4")
    assert done.returncode == 2
    assert "can only grow" in done.stderr


def test_time_up_is_no_failure_and_can_be_resumed(whydrop, compared):
    # One trial of bad alone is longer than the limit, on any machine.
    done = compared("--softmax --sleep 1.5", "--max-time", "1s")
    assert done.returncode == 3
    assert whydrop("resume", "s").returncode == 0


def test_a_study_can_be_resumed_from_another_folder(
    folder, tmp_path_factory, monkeypatch, whydrop, compared
):
    assert compared("--softmax", "--max-trials", "4").returncode == 3
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    monkeypatch.chdir(elsewhere)
    done = whydrop("resume", str(folder / "s"), "--max-trials", "20")
    assert done.returncode == 0, done.stderr


def test_a_changed_program_is_refused_by_name(folder, whydrop, compared):
    assert compared("--softmax", "--max-trials", "4").returncode == 3
    (folder / "train.py").write_text(PROGRAM + "\n# changed\n")
    done = whydrop("resume", "s", "--max-trials", "20")
    assert done.returncode == 2
    assert "has changed since this study began" in done.stderr
    assert "train.py" in done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_stopped_study_says_how_to_go_on(folder, number, whydrop):
    words = ("compare", "--good", GOOD, "--bad", f"{GOOD} --softmax --sleep 0.3", *METRIC)
    study = started(folder, *words, "--study", "s", stderr=subprocess.PIPE, text=True)
    wait_for_outcomes(folder / "s", 2)
    study.send_signal(number)
    _, told = study.communicate(timeout=30)
    assert study.returncode == 130
    if number != signal.SIGHUP:  # then nobody is there to read
        assert "whydrop resume s" in told
    assert whydrop("resume", "s").returncode == 0


def test_a_closed_terminal_leaves_a_study_that_goes_on(folder, whydrop):
    words = ("compare", "--good", GOOD, "--bad", f"{GOOD} --softmax --sleep 0.3", *METRIC)
    ours, theirs = pty.openpty()
    study = started(
        folder,
        *words,
        "--study",
        "s",
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        preexec_fn=_controlling_terminal,
    )
    os.close(theirs)
    wait_for_outcomes(folder / "s", 2)
    os.close(ours)  # the terminal's window is closed
    assert study.wait(timeout=30) == 130
    assert whydrop("resume", "s").returncode == 0


def test_a_reader_that_leaves_ends_a_study_that_goes_on(folder, whydrop):
    words = ("compare", "--good", GOOD, "--bad", f"{GOOD} --softmax --sleep 0.2", *METRIC)
    ours, theirs = os.pipe()
    study = started(folder, *words, "--study", "s", stdout=theirs, stderr=theirs)
    os.close(theirs)
    os.close(ours)  # as `| head -1` does
    assert study.wait(timeout=30) in (0, 3)
    assert whydrop("resume", "s").returncode == 0


def test_an_unfinished_study_has_a_report(folder, whydrop, compared):
    compared("--lr 0.2", "--within", "0.05", "--max-trials", "6")
    done = whydrop("report", "s")
    assert done.returncode == 0, done.stderr
    assert "Cannot tell" in done.stdout
    assert "not finished" in done.stderr
    done = whydrop("report", "s", "--format", "json", "--out", "here.json")
    assert json.loads((folder / "here.json").read_text())["verdict"] == "cannot tell"


def test_a_study_can_be_watched_to_its_end(folder, whydrop):
    words = ("compare", "--good", GOOD, "--bad", f"{GOOD} --softmax --sleep 0.2", *METRIC)
    study = started(folder, *words, "--study", "s", stderr=subprocess.DEVNULL)
    wait_for_outcomes(folder / "s", 1)
    watched = whydrop("watch", "s")
    assert study.wait(timeout=30) == 0
    assert watched.returncode == 0, watched.stderr
    assert "worse by" in watched.stdout


def test_a_trial_can_be_run_again(whydrop, compared):
    compared("--softmax")
    done = whydrop("rerun", "s", "2")
    assert done.returncode == 0, done.stderr
    assert "| acc: " in done.stdout
    assert "identical" in done.stdout
    assert "softmax" in done.stdout


@pytest.mark.parametrize(
    ("broken", "what"),
    [
        ("crash", "no such layer: bn7"),
        ("input", "it asked for input"),
        ("nan", "nan"),
        ("silent", "training went well"),
    ],
)
def test_a_program_that_cannot_work_is_said_so_at_once(folder, broken, what, whydrop):
    good = f"{GOOD} --broken {broken}"
    done = whydrop("compare", "--good", good, "--bad", f"{good} --softmax", *METRIC, "--study", "s")
    assert done.returncode == 2
    assert what in done.stderr
    assert "output.log" in done.stderr
    assert len(list((folder / "s" / "trials").iterdir())) <= 4


def test_a_command_that_does_not_exist_is_one_error(whydrop):
    done = whydrop("noise", "--good", "pyhton train.py", *METRIC, "--study", "s")
    assert done.returncode == 2
    assert "pyhton" in done.stderr
    assert "Traceback" not in done.stderr


def test_equal_sides_are_no_study(folder, compared):
    done = compared("")
    assert done.returncode == 2
    assert "no difference" in done.stderr.lower()
    assert not (folder / "s").exists()


def test_differences_of_files_and_of_commands_are_listed(folder, whydrop):
    (folder / "a.yaml").write_text("lr: 0.1\nmodel:\n  depth: 3\n")
    (folder / "b.yaml").write_text("lr: 0.2\nmodel:\n  depth: 3\n")
    done = whydrop("diff", "a.yaml", "b.yaml", "--format", "json")
    assert [f["name"] for f in json.loads(done.stdout)["factors"]] == ["lr"]
    done = whydrop("diff", "--good", "python t.py", "--bad", "python t.py --amp")
    assert "amp" in done.stdout
    assert whydrop("diff", "a.yaml", "a.yaml").stdout == "no difference\n"


def _controlling_terminal() -> None:
    import fcntl
    import termios

    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
