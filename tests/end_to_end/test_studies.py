"""Studies of a small program from the command line: answers, exit status, stopping, going on."""

import json
import os
import pty
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

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


@pytest.fixture
def folder(tmp_path) -> Path:
    (tmp_path / "train.py").write_text(PROGRAM)
    return tmp_path


def whydrop(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "whydrop", *words],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def started(folder: Path, *words: str, **options) -> subprocess.Popen:
    return subprocess.Popen([sys.executable, "-m", "whydrop", *words], cwd=folder, **options)


def compared(folder: Path, bad: str, *words: str) -> subprocess.CompletedProcess[str]:
    sides = ("--good", GOOD, "--bad", f"{GOOD} {bad}")
    return whydrop(folder, "compare", *sides, *METRIC, "--study", "s", *words)


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


def test_a_drop_is_told_with_its_size(folder):
    done = compared(folder, "--softmax", "--format", "json")
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["verdict"] == "worse"
    assert answer["difference"]["low"] <= -6.0 <= answer["difference"]["high"] < 0
    assert (folder / "s" / "result.json").read_text() == done.stdout


def test_a_harmless_change_is_equal_within_the_margin(folder):
    done = compared(folder, "--lr 0.2", "--within", "0.5")
    assert done.returncode == 0, done.stderr
    assert "equal within 0.5 points" in done.stdout


@pytest.mark.parametrize(
    ("bad", "limit", "status"), [("--softmax", "2", 1), ("--softmax", "9", 0), ("--lr 1", "1", 0)]
)
def test_the_gate_fails_only_when_a_larger_drop_is_shown(folder, bad, limit, status):
    assert compared(folder, bad, "--fail-if-worse", limit).returncode == status


def test_an_open_gate_is_neither_passed_nor_failed(folder):
    done = compared(folder, "--softmax", "--fail-if-worse", "6", "--max-trials", "4")
    assert done.returncode == 3
    assert "whydrop resume s" in done.stderr


def test_noise_tells_sigma_and_that_the_seed_works(folder):
    done = whydrop(folder, "noise", "--good", GOOD, *METRIC, "--study", "s", "--format", "json")
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["seed_use"] == "obeyed"
    assert answer["spread"]["low"] < 0.5 < answer["spread"]["high"]
    assert [cost["sigmas"] for cost in answer["costs"]] == [1, 2, 4, 8]


def test_noise_tells_when_the_seed_is_ignored(folder):
    good = f"{sys.executable} train.py"
    done = whydrop(folder, "noise", "--good", good, *METRIC, "--study", "s")
    assert done.returncode == 0, done.stderr
    assert "ignores its seed" in done.stdout


def test_a_dry_run_writes_nothing(folder):
    before = sorted(folder.rglob("*"))
    done = compared(folder, "--softmax --lr 0.2", "--dry-run")
    assert done.returncode == 0, done.stderr
    assert "softmax" in done.stdout
    assert "lr" in done.stdout
    assert sorted(folder.rglob("*")) == before


def test_more_budget_goes_on_where_a_study_stopped(folder):
    assert compared(folder, "--lr 0.2", "--within", "0.05", "--max-trials", "6").returncode == 3
    before = outcomes(folder / "s")
    done = whydrop(folder, "resume", "s", "--max-trials", "40", "--quiet")
    assert done.returncode == 0, done.stderr
    after = outcomes(folder / "s")
    assert len(before) == 6 < len(after)
    assert after[:6] == before


def test_a_budget_cannot_shrink(folder):
    compared(folder, "--lr 0.2", "--within", "0.05", "--max-trials", "6")
    done = whydrop(folder, "resume", "s", "--max-trials", "4")
    assert done.returncode == 2
    assert "can only grow" in done.stderr


def test_time_up_is_no_failure_and_can_be_resumed(folder):
    done = compared(folder, "--softmax --sleep 0.2", "--max-time", "1s")
    assert done.returncode == 3
    assert whydrop(folder, "resume", "s").returncode == 0


def test_a_study_can_be_resumed_from_another_folder(folder, tmp_path_factory):
    assert compared(folder, "--softmax", "--max-trials", "4").returncode == 3
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    done = whydrop(elsewhere, "resume", str(folder / "s"), "--max-trials", "20")
    assert done.returncode == 0, done.stderr


def test_a_changed_program_is_refused_by_name(folder):
    assert compared(folder, "--softmax", "--max-trials", "4").returncode == 3
    (folder / "train.py").write_text(PROGRAM + "\n# changed\n")
    done = whydrop(folder, "resume", "s", "--max-trials", "20")
    assert done.returncode == 2
    assert "has changed since this study began" in done.stderr
    assert "train.py" in done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_stopped_study_says_how_to_go_on(folder, number):
    words = ("compare", "--good", GOOD, "--bad", f"{GOOD} --softmax --sleep 0.3", *METRIC)
    study = started(folder, *words, "--study", "s", stderr=subprocess.PIPE, text=True)
    wait_for_outcomes(folder / "s", 2)
    study.send_signal(number)
    _, told = study.communicate(timeout=30)
    assert study.returncode == 130
    if number != signal.SIGHUP:  # then nobody is there to read
        assert "whydrop resume s" in told
    assert whydrop(folder, "resume", "s").returncode == 0


def test_a_closed_terminal_leaves_a_study_that_goes_on(folder):
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
    assert whydrop(folder, "resume", "s").returncode == 0


def test_a_reader_that_leaves_ends_a_study_that_goes_on(folder):
    words = ("compare", "--good", GOOD, "--bad", f"{GOOD} --softmax --sleep 0.2", *METRIC)
    ours, theirs = os.pipe()
    study = started(folder, *words, "--study", "s", stdout=theirs, stderr=theirs)
    os.close(theirs)
    os.close(ours)  # as `| head -1` does
    assert study.wait(timeout=30) in (0, 3)
    assert whydrop(folder, "resume", "s").returncode == 0


def test_an_unfinished_study_has_a_report(folder):
    compared(folder, "--lr 0.2", "--within", "0.05", "--max-trials", "6")
    done = whydrop(folder, "report", "s")
    assert done.returncode == 0, done.stderr
    assert "Cannot tell" in done.stdout
    assert "not finished" in done.stderr
    done = whydrop(folder, "report", "s", "--format", "json", "--out", "here.json")
    assert json.loads((folder / "here.json").read_text())["verdict"] == "cannot tell"


def test_a_study_can_be_watched_to_its_end(folder):
    words = ("compare", "--good", GOOD, "--bad", f"{GOOD} --softmax --sleep 0.2", *METRIC)
    study = started(folder, *words, "--study", "s", stderr=subprocess.DEVNULL)
    wait_for_outcomes(folder / "s", 1)
    watched = whydrop(folder, "watch", "s")
    assert study.wait(timeout=30) == 0
    assert watched.returncode == 0, watched.stderr
    assert "worse by" in watched.stdout


def test_a_trial_can_be_run_again(folder):
    compared(folder, "--softmax")
    done = whydrop(folder, "rerun", "s", "2")
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
def test_a_program_that_cannot_work_is_said_so_at_once(folder, broken, what):
    good = f"{GOOD} --broken {broken}"
    done = whydrop(
        folder, "compare", "--good", good, "--bad", f"{good} --softmax", *METRIC, "--study", "s"
    )
    assert done.returncode == 2
    assert what in done.stderr
    assert "output.log" in done.stderr
    assert len(list((folder / "s" / "trials").iterdir())) <= 4


def test_a_command_that_does_not_exist_is_one_error(folder):
    done = whydrop(folder, "noise", "--good", "pyhton train.py", *METRIC, "--study", "s")
    assert done.returncode == 2
    assert "pyhton" in done.stderr
    assert "Traceback" not in done.stderr


def test_equal_sides_are_no_study(folder):
    done = compared(folder, "")
    assert done.returncode == 2
    assert "no difference" in done.stderr.lower()
    assert not (folder / "s").exists()


def test_differences_of_files_and_of_commands_are_listed(folder):
    (folder / "a.yaml").write_text("lr: 0.1\nmodel:\n  depth: 3\n")
    (folder / "b.yaml").write_text("lr: 0.2\nmodel:\n  depth: 3\n")
    done = whydrop(folder, "diff", "a.yaml", "b.yaml", "--format", "json")
    assert [f["name"] for f in json.loads(done.stdout)["factors"]] == ["lr"]
    done = whydrop(folder, "diff", "--good", "python t.py", "--bad", "python t.py --amp")
    assert "amp" in done.stdout
    assert whydrop(folder, "diff", "a.yaml", "a.yaml").stdout == "no difference\n"


def _controlling_terminal() -> None:
    import fcntl
    import termios

    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
