"""The scikit-learn and the Keras program are ordinary programs that run as their pages say."""

import json
import os
import re
import runpy
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

import whydrop

EXAMPLES = Path(__file__).parents[3] / "examples"
SKLEARN = EXAMPLES / "sklearn_script"


@pytest.mark.parametrize(("config", "least", "most"), [("good", 0.94, 1.0), ("bad", 0.8, 0.94)])
def test_the_scikit_learn_script_writes_its_metrics(
    config, least, most, tmp_path, monkeypatch, capsys
):
    pytest.importorskip("sklearn")
    flags = ("--config", str(SKLEARN / f"{config}.yaml"), "--seed", "1", "--out", str(tmp_path))
    monkeypatch.setattr(sys, "argv", ["train.py", *flags])
    runpy.run_path(str(SKLEARN / "train.py"), run_name="__main__")
    metrics = json.loads((tmp_path / "metrics.json").read_text())
    assert least < metrics["test"]["accuracy"] < most
    assert f"{metrics['test']['accuracy']:.4f}" in capsys.readouterr().out


def test_the_two_configs_differ_in_six_lines():
    differences = whydrop.diff(SKLEARN / "good.yaml", SKLEARN / "bad.yaml")
    assert {factor.name.split(".")[-1] for factor in differences} == {
        *("stratify", "scale", "tol", "shrinking", "class_weight", "cache_size")
    }


@pytest.mark.skipif(not (find_spec("keras") and find_spec("torch")), reason="needs Keras")
def test_the_keras_script_prints_its_validation_accuracy(tmp_path):
    done = subprocess.run(
        [sys.executable, EXAMPLES / "keras_script" / "train.py", "--epochs", "1", "--seed", "1"],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"KERAS_BACKEND": "torch", "KERAS_HOME": str(tmp_path)},
    )
    assert re.search(r"val_accuracy: 0\.\d+", done.stdout)
