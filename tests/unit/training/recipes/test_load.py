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


@pytest.mark.parametrize(
    ("section", "key", "value"),
    [
        ("optimizer", "lr", "1.0e+300"),  # float32 has no such number
        ("optimizer: {name: adam}", "betas", "[0.9, 1.0]"),
        ("optimizer: {name: adam}", "eps", "1.0e-300"),  # nor this one, and 0 / 0 is NaN
        ("optimizer: {name: rmsprop}", "alpha", "1"),
        ("schedule: {name: step}", "every", "[]"),
        ("schedule: {name: step}", "every", "[0]"),
        ("batchnorm", "eps", ".nan"),
        ("data", "valid_share", "1.0"),
        ("data", "classes", "[]"),
        ("data", "classes", "[cat, dog, cat]"),
        ("data", "class_shares", "[]"),
        ("data", "expand", "{per_class: 1000000000000}"),
        ("data", "expand", "{per_class: 10, size: 5000}"),
        ("data: {name: folder, path: x}", "size", "5000"),
        ("model: {name: mlp}", "hidden", "[1000000000000]"),
    ],
)
def test_values_that_no_training_could_take_are_told_before_it_begins(section, key, value, file):
    section, _, whole = section.partition(": ")
    changes = [f"{section}={whole}", f"{section}.{key}={value}"] if whole else []
    with pytest.raises(UsageError) as caught:
        load_recipe(file, changes or [f"{section}.{key}={value}"])
    assert caught.value.what.startswith(f"{section}.{key}")
    assert caught.value.do


SKELETONS = """\
schema: whydrop.recipe/1
data: {name: ntu, path: ntu.zip, frames: 90}
model: {name: skeleton_net}
optimizer: {name: adam}
augment:
  ops:
    - op: TemporalCrop
      share: [0.4, 0.9]
      least_frames: 20
    - {op: TemporalResample, frames: 64}
    - {op: VerticalRotation, degrees: 20, vertical: z, centre: origin, probability: 0.5}
    - {op: JointJitter, sigma: 0.02, per: sequence, probability: 0.9}
    - {op: MixUp, alpha: 0.4}
train: {epochs: 3}
"""
DATA = {
    "skeletons": "{name: skeletons, path: x.npz}",
    "ntu": "{name: ntu, path: ntu.zip, frames: 90}",
    "sbu": "{name: sbu, path: sbu.zip}",
}


@pytest.mark.parametrize("name", DATA)
def test_skeletons_have_operations_of_their_own_with_all_their_fields(name, file):
    file.write_text(SKELETONS.replace(DATA["ntu"], DATA[name]))
    ops = load_recipe(file).augment.ops
    assert [list(op.values()) for op in ops[:4]] == [
        ["TemporalCrop", [0.4, 0.9], 20],
        ["TemporalResample", 64],
        ["VerticalRotation", 20, "z", "origin", 0.5],
        ["JointJitter", 0.02, "sequence", 0.9],
    ]
    assert ops[4]["op"] == "MixUp" and ops[4]["alpha"] == 0.4
    again = file.with_suffix(".json")
    again.write_text(json.dumps(load_recipe(file).plain()))
    assert load_recipe(again) == load_recipe(file)


EVERY = "give TemporalCrop, TemporalResample, VerticalRotation, JointJitter or MixUp"


@pytest.mark.parametrize(
    ("old", "new", "line", "what", "do"),
    [
        (
            "{op: JointJitter, sigma: 0.02, per: sequence, probability: 0.9}",
            "{op: ColorJitter}",
            12,
            "ColorJitter changes images, and the samples are skeletons",
            EVERY,
        ),
        (
            "{op: MixUp, alpha: 0.4}",
            "{op: CutMix}\n    - {op: HorizontalFlip}",
            14,
            "HorizontalFlip and CutMix change images, and the samples are skeletons",
            EVERY,
        ),
        (
            "data: {name: ntu, path: ntu.zip, frames: 90}\nmodel: {name: skeleton_net}",
            "data: {name: digits}\nmodel: {name: mlp}",
            7,
            "JointJitter change skeletons, and the samples are images",
            "PadCrop",
        ),
        ("sigma: 0.02", "sigmas: 1", 12, "ops[3]: unknown key 'sigmas'", "did you mean sigma?"),
        ("least_frames", "last_frames", 7, "unknown key 'last_frames'", "mean least_frames?"),
        ("op: JointJitter", "op: JointJiter", 12, "no operation 'JointJiter'", "mean JointJitter?"),
        ("vertical: z", "vertical: up", 11, "ops[2]: vertical is 'up'", "one of x, y, z"),
        ("frames: 64", "frames: 0", 10, "ops[1]: frames is 0", "1 or more"),
        ("frames: 64", "frames: 4", 10, "there are 4", "8 frames or more"),
        (
            "    - op: TemporalCrop",
            "    - {op: JointJitter}\n    - op: TemporalCrop",
            5,
            "TemporalCrop stands after JointJitter",
            "order",
        ),
    ],
)
def test_what_is_wrong_with_skeletons_is_said_with_its_line(old, new, line, what, do, file):
    assert SKELETONS.count(old) == 1
    file.write_text(SKELETONS.replace(old, new))
    with pytest.raises(DataError) as caught:
        load_recipe(file)
    assert what in f"{caught.value.what}; {caught.value.do}"
    assert caught.value.where == f"{file}:{line}"
    assert do in f"{caught.value.what}; {caught.value.do}"


@pytest.mark.parametrize(
    "change", ["augment.JointJitter={op: PadCrop, pad: 2}", "data={name: digits}"]
)
def test_a_change_that_brings_the_other_kind_of_operation_is_named(change, file):
    file.write_text(SKELETONS.replace("skeleton_net", "mlp"))
    with pytest.raises(UsageError, match=r"changes? (images|skeletons), and") as caught:
        load_recipe(file, [change])
    assert caught.value.where == change


def test_operations_that_would_mix_images_twice_are_told_at_the_first(file):
    file.write_text(TEXT.replace("size: 8\n", "size: 8\n    - op: MixUp\n    - op: CutMix\n"))
    with pytest.raises(DataError, match="MixUp and CutMix would mix images twice") as caught:
        load_recipe(file)
    assert caught.value.where == f"{file}:13"


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


@pytest.mark.parametrize(
    ("changes", "guilty", "what"),
    [
        (["data={name: digits}", "metrics.report=top11"], 1, "top11 of 10 classes"),
        (["metrics.report=top11", "data={name: digits}"], 0, "top11 of 10 classes"),
        (["schedule={name: cosine, warmup: 3}"], 0, "nothing left of 3"),
        (["schedule={name: cosine, warmup: 2}", "train.epochs=2"], 1, "nothing left of 2"),
        (
            ["augment.ops=[{op: HorizontalFlip}]", "augment.HorizontalFlip.probability=2"],
            1,
            "probability is 2",
        ),
        (
            ["augment.ops=[{op: HorizontalFlip, size: 2}]", "augment.HorizontalFlip.probability=1"],
            0,
            "unknown key 'size'",
        ),
        (["optimizer.lr=-1", "optimizer.lr=-2"], 1, "lr is -2"),
        (["train.epochs=4", "optimizer.lr=-1", "train.batch_size=2"], 1, "lr is -1"),
    ],
)
def test_of_several_changes_the_one_that_brought_the_mistake_is_named(changes, guilty, what, file):
    with pytest.raises(UsageError) as caught:
        load_recipe(file, changes)
    assert what in caught.value.what
    assert caught.value.where == changes[guilty]


def test_a_mistake_of_the_file_keeps_its_line_beside_changes_and_can_be_mended_by_one(file):
    file.write_text(TEXT.replace("  lr: 1e-1", "  lr: -1"))
    with pytest.raises(DataError) as caught:
        load_recipe(file, ["train.epochs=2"])
    assert caught.value.where == f"{file}:7"
    assert load_recipe(file, ["optimizer.lr=0.2"]).optimizer.lr == 0.2


@pytest.mark.parametrize(
    ("change", "do"),
    [
        ("train.layers=most", "all, last, or from NAME"),
        ("model={name: own, callable: mynet}", "such as mynet:Net"),
        ("model={name: timm, architecture: ''}", "a text that is not empty"),
        ("schedule=cosine", "a mapping with a name: {name: cosine}, or schedule.name=cosine"),
        ("data=cifar", "a mapping with a name: {name: cifar10}, or data.name=cifar10"),
        ("loss=mse", "loss.name=mse"),
        ("train=3", "a mapping"),
        ("data.expand=3", "a mapping"),
        ("model={name: mlp, hidden: 32}", "a list, such as [32]"),
        ("model={name: mlp, hidden: [0]}", "greater than or equal to 1"),
        ("metrics.also=top1", "a list, such as [top1]"),
        ("augment.ops=[3]", "a mapping"),
        ("train.drop_last=1", "true or false"),
        ("batchnorm.momentum=cumulativ", "a valid number or 'cumulative'"),
        ("batchnorm.momentum=2", "less than or equal to 1 or 'cumulative'"),
        ("schedule={name: step, every: x}", "a valid integer or a list"),
        ("schedule={name: step, every: [0]}", "greater than or equal to 1"),
        ("schedule={name: step, every: []}", "a list of 1 or more"),
    ],
)
def test_what_should_be_there_is_said_in_our_words(change, do, file):
    with pytest.raises(UsageError) as caught:
        load_recipe(file, [change])
    assert caught.value.do.startswith("it should be ") and do in caught.value.do
    words = ("pattern", "tuple", "dictionary", "String", "instance of", "Input", "extract")
    assert not any(word in caught.value.do for word in words)


def test_a_mapping_is_refused_with_the_place_in_it():
    with pytest.raises(DataError) as caught:
        checked({"schema": "whydrop.recipe/1", "data": {"name": "digits", "seed": 1}}, "good")
    assert caught.value.where == "good, data.seed"
