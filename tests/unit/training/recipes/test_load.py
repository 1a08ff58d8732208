"""Recipes from files: complete, and refused with line, nearest key and what to write instead."""

import json

import pytest
from ruamel.yaml import YAML

from whydrop.core.errors import DataError, UsageError
from whydrop.training.recipes.load import checked, load_recipe

TEXT = """\
schema: whydrop.recipe/1
data:
  name: cifar10
model: {name: forum_cnn, width: 1}
optimizer:
  name: sgd
  lr: 1e-1
augment:
  ops:
    - {op: PadCrop, pad: 4}
    - op: Cutout
      size: 8
train:
  epochs: 3
"""


@pytest.fixture
def file(tmp_path):
    file = tmp_path / "recipe.yaml"
    file.write_text(TEXT)
    return file


def test_what_a_file_leaves_out_has_its_default(file):
    recipe = load_recipe(file)
    assert recipe.optimizer.lr == 0.1 and recipe.optimizer.momentum == 0.0
    assert recipe.train.batch_size == 128
    assert recipe.augment.ops[1]["holes"] == 1


def test_a_complete_recipe_reads_back_as_itself(file, tmp_path):
    recipe = load_recipe(file)
    again = tmp_path / "again.json"
    again.write_text(json.dumps(recipe.plain()))
    assert load_recipe(again) == recipe
    yaml = tmp_path / "again.yaml"
    with yaml.open("w") as stream:
        YAML(typ="safe").dump(recipe.plain(), stream)
    assert load_recipe(yaml) == recipe


def test_a_recipe_is_frozen(file):
    with pytest.raises(ValueError, match="frozen"):
        load_recipe(file).train.epochs = 4


@pytest.mark.parametrize(
    ("old", "new", "line", "what", "do"),
    [
        ("  lr: 1e-1", "  lrr: 1e-1", 7, "no key 'optimizer.lrr'", "did you mean 'lr'?"),
        ("train:", "trains:", 13, "no key 'trains'", "did you mean 'train'?"),
        ("  lr: 1e-1", "  lr: fast", 7, "optimizer.lr is 'fast'", "a valid number"),
        ("  lr: 1e-1", "  lr: '0.1'", 7, "optimizer.lr is '0.1'", "a valid number"),
        ("  lr: 1e-1", "  lr: -1", 7, "optimizer.lr is -1", "greater than 0"),
        ("  lr: 1e-1", "  lr: .inf", 7, "optimizer.lr is inf", "finite"),
        ("  epochs: 3", "  epochs: 3.5", 14, "train.epochs is 3.5", "integer"),
        ("  epochs: 3", "  batch_size: 3", 13, "'train.epochs' is missing", "add it"),
        ("forum_cnn", "forum_net", 4, "no model 'forum_net'", "did you mean 'forum_cnn'?"),
        ("  name: cifar10", "  path: x", 2, "data has no name", "digits, cifar10"),
        ("  name: sgd", "  name: sgdw", 6, "no optimizer 'sgdw'", "did you mean 'sgd'?"),
        ("op: Cutout", "op: CutOut", 11, "no operation 'CutOut'", "did you mean Cutout?"),
        ("pad: 4", "padding: 4", 10, "augment.ops[0]: unknown key 'padding'", "mean pad?"),
        ("size: 8", "size: 0", 11, "augment.ops[1]: size is 0", "1 or more"),
        ("train:", "metrics: {report: top_1}\ntrain:", 13, "no metric 'top_1'", "did you mean"),
        ("train:", "output: logit\ntrain:", 13, "output is 'logit'", "'logits' or 'softmax'"),
        ("recipe/1", "recipe/2", 1, "schema is 'whydrop.recipe/2'", "'whydrop.recipe/1'"),
        # combinations
        (
            "train:",
            "loss:\n  name: categorical_cross_entropy\ntrain:",
            14,
            "of probabilities, and the output is logits",
            "output: softmax",
        ),
        ("op: Cutout", "op: HorizontalFlip", 11, "unknown key 'size'", "use op, probability"),
        ("    - {op: PadCrop, pad: 4}", "    - {op: MixUp}", 8, "stands after MixUp", "order"),
    ],
)
def test_what_is_wrong_is_said_with_its_line_and_what_to_write(old, new, line, what, do, file):
    assert TEXT.count(old) == 1
    file.write_text(TEXT.replace(old, new))
    with pytest.raises(DataError) as caught:
        load_recipe(file)
    assert what in caught.value.what
    assert caught.value.where == f"{file}:{line}"
    assert do in caught.value.do


def test_changes_are_typed_by_the_recipe(file):
    changes = ["optimizer.lr=1", "augment.Cutout.size=4", "train.drop_last=true"]
    recipe = load_recipe(file, changes)
    assert recipe.optimizer.lr == 1.0 and type(recipe.optimizer.lr) is float
    assert recipe.augment.ops[1]["size"] == 4
    assert recipe.train.drop_last is True
    assert load_recipe(file).optimizer.lr == 0.1


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ("optimizer.lr=x", "optimizer.lr is 'x'"),
        ("optimiser.lr=1", "no key 'optimiser'"),
        ("augment.Cutout.size=0", "size is 0"),
        ("model=forum_cnn", "model is 'forum_cnn'"),
        ("loss.name=categorical_cross_entropy", "the output is logits"),
    ],
)
def test_a_wrong_change_is_named_and_not_the_file(change, what, file):
    with pytest.raises(UsageError) as caught:
        load_recipe(file, [change])
    assert what in caught.value.what
    assert caught.value.where == change


def test_a_mapping_is_refused_with_the_place_in_it():
    with pytest.raises(DataError) as caught:
        checked({"schema": "whydrop.recipe/1", "data": {"name": "digits", "seed": 1}}, "good")
    assert caught.value.where == "good, data.seed"
