"""Bad input from the command line: one error in three parts, exit status 2, and nothing lost."""

import csv
import io
import itertools
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from whydrop.cli.main import run
from whydrop.journal.store import Journal

PROGRAM = """
import hashlib, json, sys
words = sys.argv[1:]
if "--ask" in words:
    input("which data set? ")
if "--read" in words:
    json.load(open("data.json"))
if "--nan" in words:
    print("acc: nan"); sys.exit()
print("\\x1b]0;owned\\x07<script>alert(1)</script> =1+1")
chance = int(hashlib.sha256(repr(words).encode()).hexdigest()[:8], 16) / 2**32
print(f"acc: {0.9 - 0.06 * ('--softmax' in words) + 0.01 * (chance - 0.5):.5f}")
"""
GOOD = f"{sys.executable} train.py --seed {{seed}}"
BAD = f"{GOOD} --softmax"
METRIC = ("--metric", "acc: {}")


class Done(NamedTuple):
    status: int
    out: str
    err: str

    @property
    def error(self) -> str:
        """The error alone, from its first line on."""
        return self.err[self.err.index("whydrop: ") :]


@pytest.fixture
def whydrop(tmp_path: Path, monkeypatch, capsys) -> Callable[..., Done]:
    (tmp_path / "train.py").write_text(PROGRAM)
    monkeypatch.chdir(tmp_path)

    def call(*words: str) -> Done:
        capsys.readouterr()
        status = run(words)
        return Done(status, *capsys.readouterr())

    return call


def refused(done: Done, *says: str) -> None:
    """Check that a command ended in one error that has all three parts and says what it must."""
    assert done.status == 2
    assert done.out == ""
    lines = done.error.splitlines()
    assert sum(line.startswith("whydrop: ") for line in lines) == 1
    assert sum(line.startswith("  where: ") for line in lines) == 1
    assert sum(line.startswith("  do: ") for line in lines) == 1
    assert "Traceback" not in lines[0]
    for text in says:
        assert text in done.error


@pytest.mark.parametrize(
    ("words", "nearest"),
    [
        (("explian",), "did you mean 'explain'"),
        (("explain", "--metirc", "x"), "--metric"),
        (("explain", "--good", GOOD, "--bad", BAD, "--factor", "sofmax"), "use 'softmax'"),
        (("explain", "--good", GOOD, "--bad", BAD, "--without", "softmx"), "use 'softmax'"),
    ],
)
def test_an_unknown_name_is_answered_with_the_nearest(whydrop, words, nearest):
    refused(whydrop(*words), nearest)


@pytest.mark.parametrize("question", ["explain", "compare"])
def test_equal_runs_have_no_difference(whydrop, question):
    other = GOOD.replace(" --seed {seed}", "  --seed={seed}")
    refused(whydrop(question, "--good", GOOD, "--bad", other, *METRIC), "no difference")
    assert whydrop("diff", "--good", GOOD, "--bad", other).out == "no difference\n"
    assert not Path("whydrop-studies").exists()


def test_a_metric_that_is_not_found_shows_the_last_lines(whydrop):
    done = whydrop("explain", "--good", GOOD, "--bad", BAD, "--metric", "top1: {}", "--study", "s")
    refused(done, "no line of the output matches 'top1: {}'", "  | acc: 0.", "output.log")


def test_a_wrong_metric_is_corrected_in_the_same_folder(whydrop):
    asked = ("compare", "--good", GOOD, "--bad", BAD, "--max-trials", "4", "--study", "s")
    whydrop(*asked, "--metric", "typo {}")
    done = whydrop(*asked, *METRIC)
    assert "begun anew: no trial of the study in s gave a metric; it is kept in s/earlier-1" in (
        done.err.splitlines()
    )
    assert json.loads(Path("s/result.json").read_text())["trials"]["failed"] == 0
    refused(whydrop(*asked, "--metric", "typo {}"), "already holds a study")
    assert whydrop("report", "s/earlier-1").status == 0


def test_a_metric_that_is_never_a_number_is_said_so(whydrop):
    done = whydrop("explain", "--good", f"{GOOD} --nan", "--bad", f"{BAD} --nan", *METRIC)
    refused(done, "the metric is nan", "acc: nan", "must be a finite number")


@pytest.mark.parametrize(
    ("good", "says"),
    [
        ("pyhton train.py --seed {seed}", "cannot be started: No such file or directory: pyhton"),
        (f"{GOOD} --ask", "it asked for input"),
        (f"{GOOD} --read", "data.json"),
    ],
)
def test_a_program_that_cannot_work_is_said_so(whydrop, good, says):
    refused(whydrop("explain", "--good", good, "--bad", f"{good} --softmax", *METRIC), says)


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("bad.yaml", "lr: 1\nlr: 2\n", "occurs twice"),
        ("bad.json", '{"lr": 1, "lr": 2}', "occurs twice"),
        ("bad.toml", "lr = 1\nlr = 2\n", "not TOML"),
        (
            "bad.yaml",
            "a: &a [x, x, x, x, x, x, x, x, x]\n"
            + "".join(
                f"{n}: &{n} [{', '.join([f'*{m}'] * 9)}]\n"
                for m, n in itertools.pairwise("abcdefg")
            ),
            "values; 50,000 are allowed",
        ),
        ("bad.yaml", "a: " + "[" * 200 + "]" * 200, "nested more than 100 deep"),
        ("bad.yaml", "a: !!python/object/apply:os.system ['touch owned']", "not safe YAML"),
        ("bad.yaml", "- 1\n", "this holds a list"),
        ("bad.ini", "lr = 1", "a config file ends in"),
        ("missing.yaml", None, "No such file or directory"),
    ],
    ids=["yaml", "json", "toml", "bomb", "deep", "tag", "list", "ini", "missing"],
)
def test_a_config_that_is_none_is_refused(whydrop, name, text, says):
    Path("good.yaml").write_text("lr: 0\n")
    if text is not None:
        Path(name).write_text(text)
    before = sorted(Path().iterdir())
    words = ("--run", f"{GOOD} {{config}}", "good.yaml", name, *METRIC)
    refused(whydrop("explain", *words), says, name)
    assert sorted(Path().iterdir()) == before


def test_bytes_that_are_no_text_are_refused(whydrop):
    Path("good.yaml").write_bytes(b"lr: 0\n")
    Path("bad.yaml").write_bytes(b"lr: \xff\n")
    refused(whydrop("diff", "good.yaml", "bad.yaml"), "not UTF-8", "bad.yaml")


def study(whydrop, *more: str) -> Done:
    words = ("--good", GOOD, "--bad", BAD, *METRIC, "--within", "0.01", "--max-trials", "4")
    return whydrop("compare", *words, "--study", "s", "--quiet", *more)


def test_a_folder_that_holds_something_else_is_left_alone(whydrop):
    Path("s").mkdir()
    Path("s/thesis.tex").write_text("x")
    refused(study(whydrop), "holds something else: thesis.tex")
    assert [file.name for file in Path("s").iterdir()] == ["thesis.tex"]
    refused(whydrop("resume", "s"), "no study is here")
    refused(whydrop("report", "s"), "no study is here")


def test_a_study_of_a_newer_version_is_refused_and_not_touched(whydrop):
    study(whydrop)
    with sqlite3.connect("s/study.sqlite") as connection:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        connection.execute(f"PRAGMA user_version = {version + 1}")
    connection.close()
    before = Path("s/study.sqlite").read_bytes()
    for command in ("resume", "report"):
        refused(whydrop(command, "s"), str(version + 1))
    assert Path("s/study.sqlite").read_bytes() == before


def test_a_study_that_is_no_database_is_refused_and_not_touched(whydrop):
    study(whydrop)
    Path("s/study.sqlite").write_text("my notes, by mistake under this name\n" * 100)
    refused(whydrop("resume", "s"))
    refused(whydrop("report", "s"))
    assert Path("s/study.sqlite").read_text().startswith("my notes")


def test_a_second_coordinator_is_refused_and_the_first_loses_nothing(whydrop):
    study(whydrop)
    with Journal.open("s") as journal:
        kept = journal.study().outcomes
        code = "import sys; from whydrop.cli.main import run; sys.exit(run(['resume', 's']))"
        second = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=False
        )
        refused(Done(second.returncode, second.stdout, second.stderr), str(os.getpid()))
        assert journal.study().outcomes == kept


def test_hostile_names_and_lines_stay_text_wherever_they_are_shown(whydrop):
    name = "--</script><img src=x onerror=alert(1)>\x1b[2J\u202e"
    words = ("--good", GOOD, "--bad", f"{BAD} '{name}' '=cmd|calc'", *METRIC, "--max-trials", "12")
    done = whydrop("explain", *words, "--study", "s")
    assert done.status in (0, 3)
    assert "onerror" in done.out
    for text in (done.out, done.err, whydrop("rerun", "s", "1").out, whydrop("report", "s").out):
        assert not {"\x1b", "\x07", "\u202e"} & set(text)
    page = Path("s/report.html").read_text()
    assert "<img" not in page
    assert page.count("</script>") == 2  # the data and our own
    assert json.loads(Path("s/result.json").read_text())["factors"]


def test_no_cell_of_a_table_is_a_formula(whydrop):
    import whydrop as front

    def train(config, seed):
        return {"acc": 0.9 - 0.05 * config["=1+1"]}

    result = front.explain(
        train, good={"=1+1": 0, "x": "@SUM(1)"}, bad={"=1+1": 1, "x": "-2+3"}, study="s", quiet=True
    )
    for row in csv.reader(io.StringIO(result.to_frame().to_csv(index=False))):
        assert not any(cell.startswith(("=", "@", "-2+")) for cell in row)


def test_a_budget_that_can_show_nothing_is_told_before_it_is_spent(whydrop):
    words = ("--good", GOOD, "--bad", BAD, *METRIC, "--max-trials", "8", "--dry-run")
    done = whydrop("explain", *words)
    assert done.status == 0
    assert "this budget is too small to show any drop: raise --max-trials" in done.out
    assert "inf" not in done.out


def test_a_comparison_without_bounds_yet_says_what_it_has_seen(whydrop):
    words = ("--good", GOOD, "--bad", BAD, *METRIC, "--max-trials", "4", "--quiet")
    done = whydrop("compare", *words, "--fail-if-worse", "5.9")
    assert done.status == 3
    said = " ".join(done.out.split())
    assert said.startswith("Cannot tell yet: bad is worse by 5.91 points so far")
    assert "inf" not in done.out


def test_differences_that_only_run_together_are_one_factor(whydrop):
    bad = f"{GOOD} --x 1 --y 2 --z 3"
    forbid = ("--forbid", "x,!y", "--forbid", "y,!x")
    done = whydrop("explain", "--good", GOOD, "--bad", bad, *METRIC, *forbid, "--dry-run")
    assert done.status == 0
    assert "one factor: x+y; no trial that is allowed has only a part of it" in done.out
    plan = whydrop(
        "explain", "--good", GOOD, "--bad", bad, *METRIC, *forbid, "--dry-run", "--format", "json"
    )
    assert [factor["name"] for factor in json.loads(plan.out)["factors"]] == ["x+y", "z"]
