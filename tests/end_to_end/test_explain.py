"""A planted cause is named, from each of the doors, and the study can be stopped and resumed."""

import json
import random
import sys
from pathlib import Path

import pytest

import whydrop
from whydrop.cli.main import run

PROGRAM = """
import argparse, json, random
p = argparse.ArgumentParser()
p.add_argument("--seed", type=int, default=0)
p.add_argument("--config")
p.add_argument("--lr", type=float, default=0.1)
p.add_argument("--wd", type=float, default=0.0)
p.add_argument("--softmax", action="store_true")
p.add_argument("--crop", action="store_true")
p.add_argument("--cutout", action="store_true")
a = p.parse_args()
if a.config:
    from ast import literal_eval
    for line in open(a.config):
        key, _, value = line.partition(":")
        setattr(a, key.strip(), value.strip() == "true" if "e" in value else float(value))
noise = random.Random(f"{a.seed} {a.lr} {a.softmax} {a.crop}").gauss(0, 0.004)
value = 0.9 + noise - 0.06 * a.softmax - 0.03 * (a.crop and a.cutout)
for epoch in range(3):
    print(f"epoch {epoch} acc: {value - 0.01 * (2 - epoch):.4f}")
"""
TRAIN = f"{sys.executable} train.py --seed {{seed}}"
METRIC = ("--metric", "acc: {}")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch) -> Path:
    (tmp_path / "train.py").write_text(PROGRAM)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def answer(study: str = "s") -> dict:
    return json.loads(Path(study, "result.json").read_text())


def culprits(found: dict) -> list[list[str]]:
    return [culprit["factors"] for culprit in found["culprits"]]


def test_one_culprit_of_a_command_is_named_with_its_points(folder):
    bad = f"{TRAIN} --softmax --lr 0.2 --wd 0.1"
    words = ("explain", "--good", TRAIN, "--bad", bad, *METRIC, "--study", "s")
    assert run((*words, "--min-effect", "1", "--jobs", "2")) == 0
    found = answer()
    assert found["verdict"] == "explained"
    assert culprits(found) == [["softmax"]]
    (culprit,) = found["culprits"]
    assert culprit["low"] <= -6 <= culprit["high"] < 0
    assert "softmax" in (folder / "s" / "report.html").read_text()


def test_a_pair_of_config_keys_that_hurts_only_together_is_named(folder):
    (folder / "good.yaml").write_text("crop: false\ncutout: false\nlr: 0.1\n")
    (folder / "bad.yaml").write_text("crop: true\ncutout: true\nlr: 0.2\n")
    command = f"{TRAIN} --config {{config}}"
    words = ("explain", "--run", command, "good.yaml", "bad.yaml", *METRIC, "--study", "s")
    assert run((*words, "--min-effect", "1", "--jobs", "2")) == 0
    found = answer()
    assert {name for names in culprits(found) for name in names} == {"crop", "cutout"}


def test_no_drop_is_not_reproduced():
    words = ("explain", "--good", TRAIN, "--bad", f"{TRAIN} --lr 0.2 --wd 0.1", *METRIC)
    assert run((*words, "--study", "s", "--min-effect", "2")) == 0
    assert answer()["verdict"] == "not reproduced"


def test_a_spent_budget_is_an_early_stop_and_more_goes_on(capsys):
    words = ("explain", "--good", TRAIN, "--bad", f"{TRAIN} --softmax --lr 0.2 --wd 0.1", *METRIC)
    assert run((*words, "--study", "s", "--min-effect", "1", "--max-trials", "8")) == 3
    assert "whydrop resume s" in capsys.readouterr().err
    before = answer()
    assert before["verdict"] == "undecided"
    assert run(("resume", "s", "--max-trials", "100")) == 0
    after = answer()
    assert after["verdict"] == "explained"
    assert after["outcomes"][: len(before["outcomes"])] == before["outcomes"]


def test_a_finished_study_is_reported_in_every_format(folder, capsys):
    bad = f"{TRAIN} --softmax --lr 0.2"
    words = ("explain", "--good", TRAIN, "--bad", bad, *METRIC, "--study", "s")
    run((*words, "--min-effect", "1"))
    capsys.readouterr()
    assert run(("report", "s")) == 0
    assert "softmax" in capsys.readouterr().out
    assert run(("report", "s", "--format", "json")) == 0
    assert json.loads(capsys.readouterr().out) == answer()
    assert run(("report", "s", "--format", "html", "--out", "why.html")) == 0
    assert (folder / "why.html").read_text().startswith("<!doctype html>")


def test_a_function_is_explained_from_python(folder):
    def train(config, seed):
        rng = random.Random(f"{seed} {sorted(config.items())}")
        return {"top1": 0.9 + 0.004 * rng.gauss(0, 1) - 0.05 * (config["loss"] == "softmax twice")}

    good = {"loss": "softmax once", "lr": 0.1, "bias": True}
    bad = {"loss": "softmax twice", "lr": 0.2, "bias": False}
    asked = {"good": good, "bad": bad, "metric": "top1", "study": "why", "min_effect": 1.0}
    result = whydrop.explain(train, **asked, max_trials=80, jobs=2)
    assert result.verdict == "explained"
    assert [culprit.factors for culprit in result.culprits] == [("loss",)]
    again = whydrop.explain(train, **asked, max_trials=80, jobs=2)
    assert again.study.outcomes == result.study.outcomes
    assert repr(result) == f"<explained: {result.sentence}>"
