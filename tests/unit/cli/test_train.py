"""The `train` command: a recipe, changes, a seed, a folder that is gone on with."""

import json
import math

import pytest
from ruamel.yaml import YAML
from tests.fixtures.small_recipe import plain, written_images

from whydrop.cli import train
from whydrop.cli.main import run
from whydrop.training.history import History
from whydrop.training.metrics.names import METRICS


@pytest.fixture(scope="module")
def recipe(tmp_path_factory):
    folder = tmp_path_factory.mktemp("recipe")
    file = folder / "recipe.yaml"
    with file.open("w") as stream:
        YAML(typ="safe").dump(plain(written_images(folder / "images.npz")), stream)
    return str(file)


def test_it_shows_each_epoch_once_and_ends_with_what_the_recipe_reports(recipe, capsys):
    pytest.importorskip("torch")
    assert run(["train", recipe, "metrics.also=[macro]"]) == 0
    shown = capsys.readouterr()
    assert [line.split(":")[0] for line in shown.err.splitlines()] == ["epoch 0", "epoch 1"]
    assert "epoch 1:" not in shown.out
    last = shown.err.splitlines()[-1].partition(", top1 ")[2].partition(",")[0]
    assert shown.out.startswith(f"top1 {last} after 2 epochs")


@pytest.mark.parametrize(
    ("report", "shares", "text"),
    [
        ("top1", [0.5], "top1 50.00 after 1 epoch"),
        ("top1", [0.5, 0.75], "top1 75.00 after 2 epochs"),
        ("top1", [0.75, 0.5], "top1 50.00 after 2 epochs; the best was 75.00, in epoch 0"),
        ("nll", [0.25, 0.5], "nll 0.5000 after 2 epochs; the best was 0.2500, in epoch 0"),
        ("nll", [math.nan, math.nan], "nll - after 2 epochs"),
    ],
)
def test_the_last_line_names_a_better_epoch_than_the_last(report, shares, text):
    history = History((METRICS[report].metric,))
    for epoch, share in enumerate(shares):
        history = history.with_row({"epoch": epoch, report: share})
    assert train._result(history, report) == text


def test_json_has_the_recipe_as_it_was_changed_and_every_epoch(recipe, capsys):
    pytest.importorskip("torch")
    change = ["optimizer.lr=0.05", "train.epochs=3"]
    assert run(["train", recipe, *change, "--seed", "7", "--format", "json", "--quiet"]) == 0
    shown = capsys.readouterr()
    told = json.loads(shown.out)
    assert shown.err == ""
    assert (told["schema"], told["seed"]) == ("whydrop.history/1", 7)
    assert told["recipe"]["optimizer"]["lr"] == 0.05
    assert [row["epoch"] for row in told["rows"]] == [0, 1, 2]


def test_the_same_line_again_goes_on_in_its_folder(recipe, tmp_path, capsys):
    pytest.importorskip("torch")
    out = tmp_path / "run"
    assert run(["train", recipe, "--out", str(out)]) == 0
    first = capsys.readouterr().out
    assert f"written: {out / 'history.json'}" in first
    assert run(["train", recipe, "--out", str(out)]) == 0
    again = capsys.readouterr()
    assert again.out == first and again.err == ""
    assert run(["train", recipe, "optimizer.lr=0.3", "--out", str(out)]) == 2


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ("optimizer.lrr=1", "there is no key 'optimizer.lrr'"),
        ("lr", "'lr' has no KEY=VALUE form"),
        ("train.epochs=many", "train.epochs is 'many'"),
    ],
)
def test_a_wrong_change_is_answered_in_three_parts(change, what, recipe, capsys):
    assert run(["train", recipe, change]) == 2
    shown = capsys.readouterr()
    assert what in shown.err and "\n  where: " in shown.err and "\n  do: " in shown.err


def test_a_file_that_is_not_there_is_named(capsys):
    assert run(["train", "none.yaml"]) == 2
    assert "where: none.yaml" in capsys.readouterr().err
