"""The `train` command: a recipe, changes, a seed, a folder that is gone on with."""

import json

import pytest
from ruamel.yaml import YAML
from tests.fixtures.small_recipe import plain, written_images

from whydrop.cli.main import run


@pytest.fixture(scope="module")
def recipe(tmp_path_factory):
    folder = tmp_path_factory.mktemp("recipe")
    file = folder / "recipe.yaml"
    with file.open("w") as stream:
        YAML(typ="safe").dump(plain(written_images(folder / "images.npz")), stream)
    return str(file)


def test_it_shows_each_epoch_and_ends_with_the_last(recipe, capsys):
    pytest.importorskip("torch")
    assert run(["train", recipe]) == 0
    shown = capsys.readouterr()
    assert shown.err.splitlines()[-1] == shown.out.strip()
    assert [line.split(":")[0] for line in shown.err.splitlines()] == ["epoch 0", "epoch 1"]
    assert "top1" in shown.out


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
