"""The comparison with today's procedures runs, and shows what is known of them beforehand."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "simulation" / "run_baselines.py"


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    pytest.importorskip("mlbisect")
    folder = tmp_path_factory.mktemp("results")
    argv = [sys.executable, str(SCRIPT), "--quick", "--out", str(folder)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    lines = [
        json.loads(line)
        for name in ("baselines", "mlbisect")
        for line in (folder / f"{name}.jsonl").read_text().splitlines()
    ]
    return [line for line in lines if "about" not in line]


def share(rows, truth, procedure, key="exact"):
    return next(r[key] for r in rows if (r["truth"], r["procedure"]) == (truth, procedure))


def test_one_at_a_time_misses_a_pair_that_hurts_only_together(rows):
    assert share(rows, "and2", "ofat4") == 0
    assert share(rows, "and2", "loo4") > 0.8


def test_leave_one_out_misses_a_pair_of_which_either_hurts(rows):
    assert share(rows, "or2", "loo4") == 0
    assert share(rows, "or2", "ofat4") > 0.8


def test_a_full_factorial_pays_for_every_combination(rows):
    # 2^7 trials, of which one in ten fails and is made again: 128 / 0.9 = 142
    assert share(rows, "one", "factorial", "trials_mean") == pytest.approx(142, abs=3)


@pytest.mark.parametrize("truth", ["one", "and2", "or2"])
def test_every_procedure_is_measured_on_every_truth(rows, truth):
    procedures = {row["procedure"] for row in rows if row["truth"] == truth}
    assert procedures == {
        *("ofat4", "loo4", "ofat_seq", "loo_seq", "ddmin", "probdd"),
        *("seqbif", "foldover", "factorial"),
    }


def test_mlbisect_finds_the_truth_when_seeds_hardly_matter(rows):
    exact = peer(rows, "mlbisect 0.1.0", "exact")
    assert exact[0.3] > 0.9
    assert exact[3.0] < 0.3


def test_whydrop_names_culprits_where_seeds_matter_and_mlbisect_cannot(rows):
    ours, theirs = (peer(rows, name, "found") for name in ("whydrop", "mlbisect 0.1.0"))
    assert ours[0.3] > 0.9
    assert ours[3.0] > theirs[3.0]


def peer(rows, procedure, key, budget=150):
    """Return a share by seed noise, in points, of the table with mlbisect."""
    return {
        row["sigma"]: row[key]
        for row in rows
        if (row["procedure"], row["budget"]) == (procedure, budget)
    }
