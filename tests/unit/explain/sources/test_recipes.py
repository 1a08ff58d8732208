"""Two recipes: their factors, by name and with lines, and every arm between them."""

import itertools
import json

import pytest

from whydrop.core.errors import DataError, UsageError
from whydrop.core.factor import ABSENT
from whydrop.explain.sources.grouping import paths_of
from whydrop.explain.sources.recipes import RecipePair, mixed
from whydrop.training.recipes.load import checked

NORMALIZE = {"op": "Normalize", "mean": [0.5, 0.5, 0.5], "std": [0.2, 0.2, 0.2]}
FLIP, CROP, SHIFT = (
    {"op": "HorizontalFlip"},
    {"op": "PadCrop", "pad": 4},
    {"op": "Translate", "share": 0.1},
)
CUTOUT, MIXUP = {"op": "Cutout", "size": 8}, {"op": "MixUp"}
SHORT, CLIP = {"op": "TemporalCrop"}, {"op": "TemporalResample", "frames": 64}
TURN, JITTER = {"op": "VerticalRotation"}, {"op": "JointJitter", "sigma": 0.02}


def recipe(*ops, order="safe", **parts):
    return {
        "schema": "whydrop.recipe/1",
        "data": {"name": "cifar10"},
        "model": {"name": "forum_cnn"},
        "optimizer": {"name": "sgd", "lr": 0.1},
        "train": {"epochs": 3},
        "augment": {"ops": list(ops), "order": order},
        **parts,
    }


def of_skeletons(*ops, **parts):
    data, model = {"name": "ntu", "path": "x"}, {"name": "skeleton_net"}
    return recipe(*ops, **{"data": data, "model": model, **parts})


def differences(good, bad):
    return {f.name: (f.off, f.on) for f in RecipePair.read(good, bad).factors}


def same_training(arm, values):
    """Return whether an arm is a recipe, but for what makes no difference to a training."""
    arm, values = checked(arm).plain(), checked(values).plain()
    for plain in (arm, values):
        plain["metrics"].pop("also")
        plain["augment"].pop("order")
    return arm == values


def test_a_default_that_is_spelt_out_is_no_difference():
    spelt = recipe(optimizer={"name": "sgd", "lr": 0.1, "momentum": 0.0}, output="logits")
    assert differences(recipe(), spelt) == {}


def test_each_value_that_differs_is_a_factor_by_its_name():
    bad = recipe(optimizer={"name": "sgd", "lr": 0.2, "nesterov": False}, output="softmax")
    assert differences(recipe(), bad) == {
        "output": ("logits", "softmax"),
        "optimizer.lr": (0.1, 0.2),
    }


def test_an_operation_is_on_or_off_and_one_that_both_have_is_compared_by_its_fields():
    found = differences(recipe(CROP, FLIP, CUTOUT), recipe({**CROP, "pad": 6}, FLIP, MIXUP))
    assert found["augment.PadCrop.pad"] == (4, 6)
    off, on = found["augment.Cutout"]
    assert off["size"] == 8 and on is ABSENT
    assert found["augment.MixUp"][0] is ABSENT and found["augment.MixUp"][1]["alpha"] == 1.0
    assert len(found) == 3


def test_an_operation_that_one_recipe_has_is_shown_without_its_defaults_unless_they_are_all():
    spelt = {"op": "MixUp", "alpha": 1.0, "per": "batch"}
    assert differences(recipe(), recipe(CROP, FLIP, spelt)) == {
        "augment.PadCrop": (ABSENT, {"pad": 4}),
        "augment.HorizontalFlip": (ABSENT, {"probability": 0.5}),
        "augment.MixUp": (ABSENT, {"per": "batch"}),
    }


def test_a_second_operation_of_a_kind_has_a_number():
    found = differences(recipe(CUTOUT), recipe(CUTOUT, {**CUTOUT, "size": 4}))
    assert list(found) == ["augment.Cutout 2"]


def test_an_operation_in_another_place_is_a_factor_of_its_place():
    assert differences(recipe(CROP, FLIP, SHIFT), recipe(SHIFT, CROP, FLIP)) == {
        "augment.Translate.place": ("after HorizontalFlip", "first")
    }


def test_operations_on_skeletons_are_compared_as_those_on_images_are():
    good = of_skeletons(SHORT, CLIP, TURN)
    bad = of_skeletons({**SHORT, "share": [0.2, 1.0]}, {**CLIP, "frames": 32}, TURN, JITTER, MIXUP)
    found = differences(good, bad)
    off, on = found.pop("augment.MixUp")
    assert off is ABSENT and on["alpha"] == 1.0
    assert found == {
        "augment.TemporalCrop.share": ([0.5, 1.0], [0.2, 1.0]),
        "augment.TemporalResample.frames": (64, 32),
        "augment.JointJitter": (ABSENT, {"sigma": 0.02}),
    }


def test_an_operation_on_skeletons_in_another_place_is_a_factor_of_its_place():
    found = differences(
        of_skeletons(CLIP, TURN, JITTER), of_skeletons(CLIP, JITTER, TURN, order="as given")
    )
    assert found == {
        "augment.JointJitter.place": ("after VerticalRotation", "after TemporalResample")
    }


def test_what_only_allows_a_place_is_no_difference_itself():
    found = differences(recipe(NORMALIZE, CUTOUT), recipe(CUTOUT, NORMALIZE, order="as given"))
    assert list(found) == ["augment.Cutout.place"]


def test_a_fixed_seed_and_what_is_told_beside_make_no_difference_to_a_training():
    bad = recipe(train={"epochs": 3, "seed": 4}, metrics={"also": ["macro"]})
    assert differences(recipe(), bad) == {}


def test_an_optimiser_switches_with_the_constants_that_only_it_has():
    bad = recipe(optimizer={"name": "adam", "lr": 0.01})
    factors = {factor.name: factor for factor in RecipePair.read(recipe(), bad).factors}
    assert set(factors) == {"optimizer", "optimizer.lr"}
    names = {leaf.name for leaf in factors["optimizer"].leaves}
    assert {"optimizer.name", "optimizer.momentum", "optimizer.betas"} <= names


@pytest.mark.parametrize(
    ("parts", "name"),
    [
        ({"model": {"name": "mlp", "dropout": 0.5}}, "model"),
        ({"data": {"name": "mnist", "channels": 3, "path": "elsewhere"}}, "data"),
    ],
)
def test_another_model_and_other_data_are_one_factor_each(parts, name):
    assert list(differences(recipe(), recipe(**parts))) == [name]


def test_the_expansion_is_compared_by_its_operations_too():
    def expanded(**values):
        return recipe(data={"name": "cifar10", "expand": {"per_class": 9, **values}})

    found = differences(expanded(ops=[FLIP]), expanded(ops=[FLIP, CROP], jpeg_quality=90))
    assert set(found) == {"data.expand.jpeg_quality", "data.expand.PadCrop"}
    assert differences(recipe(), expanded(ops=[FLIP]))["data.expand"][0] is None


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        (recipe(CROP, FLIP, NORMALIZE, CUTOUT), recipe(FLIP, SHIFT, NORMALIZE, MIXUP)),
        (recipe(CROP, FLIP, SHIFT), recipe(SHIFT, FLIP, CROP)),
        (recipe(CROP, FLIP, SHIFT, NORMALIZE), recipe(SHIFT, FLIP, NORMALIZE, CUTOUT)),
        (recipe(NORMALIZE, CUTOUT), recipe(CUTOUT, FLIP, NORMALIZE, order="as given")),
        (
            recipe(NORMALIZE, CUTOUT, FLIP, CROP, order="as given"),
            recipe(FLIP, CROP, NORMALIZE, CUTOUT, order="as given"),
        ),
        (
            recipe(data={"name": "cifar10", "expand": {"per_class": 9, "ops": [FLIP, CROP]}}),
            recipe(data={"name": "cifar10", "expand": {"per_class": 7, "ops": [CROP, SHIFT]}}),
        ),
        (recipe(), recipe(data={"name": "cifar10", "expand": {"per_class": 7, "ops": [CROP]}})),
        (
            recipe({"op": "Switch", "first": MIXUP, "second": {"op": "CutMix"}}),
            recipe({"op": "Switch", "first": {"op": "CutMix"}, "second": MIXUP}),
        ),
        (of_skeletons(SHORT, CLIP, JITTER), of_skeletons(CLIP, TURN, JITTER, MIXUP)),
        (of_skeletons(CLIP, TURN, JITTER), of_skeletons(JITTER, TURN, CLIP, order="as given")),
    ],
)
def test_the_arms_with_nothing_and_with_all_on_are_the_two_recipes(good, bad):
    pair = RecipePair.read(good, bad)
    everything = paths_of((1 << len(pair.factors)) - 1, pair.factors)
    assert same_training(mixed(pair.good, pair.bad, ()), good)
    assert same_training(mixed(pair.good, pair.bad, everything), bad)


def test_every_arm_is_a_recipe_with_its_operations_in_a_safe_order():
    good, bad = recipe(CROP, FLIP, NORMALIZE, CUTOUT), recipe(SHIFT, CROP, NORMALIZE, MIXUP)
    pair = RecipePair.read(good, bad)
    for arm in range(1 << len(pair.factors)):
        made = checked(mixed(pair.good, pair.bad, paths_of(arm, pair.factors)))
        named = {f.name: arm >> i & 1 for i, f in enumerate(pair.factors)}
        ops = [op["op"] for op in made.augment.ops]
        for name in ("HorizontalFlip", "Cutout"):  # only good has them
            assert (name in ops) == (not named[f"augment.{name}"])
        for name in ("Translate", "MixUp"):
            assert (name in ops) == bool(named[f"augment.{name}"])


def test_every_arm_of_skeletons_is_a_recipe_with_its_operations_in_a_safe_order():
    good = of_skeletons(SHORT, CLIP, MIXUP)
    bad = of_skeletons({**CLIP, "frames": 32}, TURN, JITTER, {**MIXUP, "alpha": 0.2})
    pair = RecipePair.read(good, bad)
    names = [f.name.removeprefix("augment.") for f in pair.factors]
    own = {"TemporalCrop", "VerticalRotation", "JointJitter"}
    assert set(names) == {*own, "TemporalResample.frames", "MixUp.alpha"}
    for arm in range(1 << len(names)):
        made = checked(mixed(pair.good, pair.bad, paths_of(arm, pair.factors)))
        on = {name for i, name in enumerate(names) if arm >> i & 1}
        assert [op["op"] for op in made.augment.ops] == [
            *["TemporalCrop"] * ("TemporalCrop" not in on),
            "TemporalResample",
            *["VerticalRotation"] * ("VerticalRotation" in on),
            *["JointJitter"] * ("JointJitter" in on),
            "MixUp",
        ]
        by_name = {op["op"]: op for op in made.augment.ops}
        assert by_name["TemporalResample"]["frames"] == (
            32 if "TemporalResample.frames" in on else 64
        )
        assert by_name["MixUp"]["alpha"] == (0.2 if "MixUp.alpha" in on else 1.0)


def test_arms_between_two_orders_hold_every_operation_once():
    orders = list(itertools.permutations([CROP, FLIP, SHIFT, {"op": "VerticalFlip"}]))
    for other in orders:
        pair = RecipePair.read(recipe(*orders[0]), recipe(*other))
        for arm in range(1 << len(pair.factors)):
            on = paths_of(arm, pair.factors)
            ops = [op["op"] for op in mixed(pair.good, pair.bad, on)["augment"]["ops"]]
            assert sorted(ops) == ["HorizontalFlip", "PadCrop", "Translate", "VerticalFlip"]
        assert ops == [op["op"] for op in other]


def test_lines_are_told_and_defaults_too(tmp_path):
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.json"
    good.write_text(
        "schema: whydrop.recipe/1\n"
        "data: {name: cifar10}\n"
        "model: {name: forum_cnn}\n"
        "optimizer:\n  name: sgd\n  lr: 0.1\n"
        "augment:\n  ops:\n    - {op: HorizontalFlip}\n    - op: Cutout\n      size: 8\n"
        "train: {epochs: 3}\n"
    )
    bad.write_text(json.dumps(recipe(FLIP, {**CUTOUT, "size": 4}, output="softmax"), indent=1))
    places = {f.name: f.source for f in RecipePair.read(good, bad).factors}
    lines = bad.read_text().splitlines()
    output, size = (
        next(number for number, text in enumerate(lines, 1) if f'"{key}"' in text)
        for key in ("output", "size")
    )
    assert places == {
        "output": f"good.yaml (default), bad.json:{output}",
        "augment.Cutout.size": f"good.yaml:11, bad.json:{size}",
    }


def test_a_value_inside_a_line_of_toml_is_told_by_that_line_and_is_no_default(tmp_path):
    bad = tmp_path / "bad.toml"
    bad.write_text(
        'schema = "whydrop.recipe/1"\n'
        'data = {name = "cifar10"}\nmodel = {name = "forum_cnn"}\n'
        'optimizer = {name = "sgd", lr = 0.2}\n'
        '[augment]\nops = [{op = "Cutout", size = 4}]\n'
        "[train]\nepochs = 3\n"
    )
    good = recipe(CUTOUT, output="softmax")
    assert {f.name: f.source for f in RecipePair.read(good, bad).factors} == {
        "output": "bad.toml (default)",
        "optimizer.lr": "bad.toml:4",
        "augment.Cutout.size": "bad.toml:6",
    }


def test_recipes_that_report_different_metrics_are_measured_by_what_each_reports():
    other = recipe(metrics={"report": "macro"})
    assert RecipePair.read(recipe(), recipe()).report == "top1"
    pair = RecipePair.read(recipe(), other)
    assert pair.report == "reported"
    assert [f.name for f in pair.factors] == ["metrics.report"]


def test_what_is_no_recipe_is_refused_by_its_name(tmp_path):
    file = tmp_path / "plain.yaml"
    file.write_text("lr: 0.1\n")
    with pytest.raises(UsageError, match="this is no recipe") as caught:
        RecipePair.read(recipe(), file)
    assert caught.value.where == str(file)
    with pytest.raises(DataError) as wrong:
        RecipePair.read(recipe(), recipe(output="logit"))
    assert wrong.value.where == "bad, output"
