"""The simulation of the design runs, repeats exactly, and goes on where it was cut off."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "simulation" / "run_design.py"


def run(folder, *options):
    argv = [sys.executable, str(SCRIPT), "--quick", "--out", str(folder), *options]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done


def rows_in(folder):
    lines = map(json.loads, (folder / "design.jsonl").read_text().splitlines())
    return [line for line in lines if "key" in line]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("results")
    run(folder)
    return folder


@pytest.fixture(scope="module")
def rows(folder):
    return rows_in(folder)


def test_every_part_of_the_report_has_its_table(folder, rows):
    assert [row["part"] for row in rows] == ["A", "B", "C", "C", "D"]
    report = (folder / "design.md").read_text()
    assert report.count("\n## ") == 4
    assert "†" not in report


def test_one_large_culprit_is_found_and_no_harmless_factor_named(rows):
    one = rows[0]
    assert one["exact"] == 1
    assert one["false"] == 0
    assert one["effects_of"] == one["repetitions"]
    assert one["phases"][0] >= 6  # the gap check makes three pairs at least


def test_a_combination_that_cannot_run_is_known_when_it_was_told(rows):
    assert rows[-1]["learnt"] == 1
    assert rows[-1]["learnt_false"] == 0


def test_only_what_is_missing_is_measured_again_and_gives_the_same(folder, rows):
    path = folder / "design.jsonl"
    lost = rows[3]
    whole, cut = [json.dumps(row) for row in rows if row is not lost], json.dumps(lost)[:40]
    path.write_text("\n".join([*whole, cut]))
    done = run(folder)
    assert "rows to measure: 1," in done.stderr
    again = rows_in(folder)
    for row in (lost, again[3]):
        del row["seconds_each"]
    assert again == rows
