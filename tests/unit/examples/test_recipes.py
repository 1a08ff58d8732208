"""The recipes of the five cases: all of them read, their pairs differ in what the case is about."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import whydrop
from whydrop.core.config.file import read_config
from whydrop.training.recipes.load import load_recipe

EXAMPLES = Path(__file__).parents[3] / "examples"
CASES = sorted(file.parent.name for file in EXAMPLES.glob("*/rows.yaml"))
ROWS = [
    (case, row["row"], row["recipe"], {**base, **row.get("set", {})})
    for case in CASES
    for data in (read_config(EXAMPLES / case / "rows.yaml").document.data,)
    for base in ({}, data["full"])
    for row in data["rows"]
]


def test_the_five_cases_are_here():
    assert [
        *("cifar_augmentation", "finetune_200", "keras_port", "mnist_mixup", "skeleton_batchnorm")
    ] == CASES


@pytest.mark.parametrize(("case", "row", "recipe", "values"), ROWS)
def test_every_row_is_a_recipe_that_makes_sense(case, row, recipe, values):
    changes = [f"{key}={json.dumps(value)}" for key, value in values.items()]
    load_recipe(EXAMPLES / case / recipe, changes)


@pytest.mark.parametrize(
    ("case", "names"),
    [
        (
            "cifar_augmentation",
            {
                *("data.valid_transform", "output", "initialisation", "penalty.kind"),
                *("optimizer.decay_scope", "augment.PadCrop", "augment.Translate"),
                *("augment.Cutout", "augment.MixUp"),
            },
        ),
        (
            "finetune_200",
            {
                *("data.expand.per_class", "data.expand.jpeg_quality", "data.expand.size"),
                *("data.expand.ResizedCrop", "data.expand.HorizontalFlip", "data.expand.Affine"),
                *("data.expand.ColorJitter", "data.expand.GaussianBlur", "data.expand.Sharpen"),
            },
        ),
        (
            "keras_port",
            {
                *("output", "initialisation", "loss.name", "metrics.report"),
                *("optimizer.eps", "optimizer.eps_place"),
            },
        ),
        ("skeleton_batchnorm", {"model.norm", "batchnorm.momentum"}),
    ],
)
def test_a_pair_differs_in_what_its_case_is_about(case, names):
    folder = EXAMPLES / case
    found = whydrop.diff(folder / "good.yaml", folder / "bad.yaml")
    assert {factor.name for factor in found} == names


def test_mixup_is_the_only_difference_of_its_case():
    folder = EXAMPLES / "mnist_mixup"
    found = whydrop.diff(folder / "without.yaml", folder / "mixup.yaml")
    assert [factor.name for factor in found] == ["augment.MixUp"]


def test_the_rows_of_a_case_are_trained_and_told(tmp_path):
    if not os.environ.get("WHYDROP_DATA"):
        pytest.skip("needs real data: set WHYDROP_DATA to their folder")
    pytest.importorskip("torch")
    small = ("--set", "train.epochs=1", "--set", "data.fraction=0.02")
    command = ("run_case.py", "mnist_mixup", "--seeds", "2", "--row", "without", *small)
    done = subprocess.run(
        [sys.executable, *command, "--out", str(tmp_path / "told.json")],
        cwd=EXAMPLES,
        capture_output=True,
        text=True,
        check=True,
    )
    told = json.loads((tmp_path / "told.json").read_text())
    runs = told["without mixup"]["runs"]
    mean = 100 * sum(run["top1"] for run in runs) / 2
    assert len(runs) == 2 and "with mixup" not in told
    assert f"{mean:.1f} ±" in done.stdout
