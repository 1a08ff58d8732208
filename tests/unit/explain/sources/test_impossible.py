"""Arms that make no sense are told before any is tried, and no others are."""

import pytest

from whydrop.core.errors import DataError
from whydrop.core.factor import members
from whydrop.explain.constraints import forbidden
from whydrop.explain.sources.grouping import paths_of, selected
from whydrop.explain.sources.impossible import impossible, smallest
from whydrop.explain.sources.recipes import RecipePair, mixed
from whydrop.training.recipes.load import checked


def recipe(**parts):
    return {
        "schema": "whydrop.recipe/1",
        "data": {"name": "cifar10"},
        "model": {"name": "forum_cnn"},
        "optimizer": {"name": "sgd"},
        "train": {"epochs": 3},
        **parts,
    }


SOFTMAX = {"output": "softmax", "loss": {"name": "categorical_cross_entropy"}}
SKELETONS = {"model": {"name": "skeleton_net"}, "data": {"name": "ntu", "path": "x"}}
PAIRS = {
    "loss and output": (recipe(), recipe(**SOFTMAX)),
    "nesterov": (
        recipe(optimizer={"name": "sgd", "nesterov": True, "momentum": 0.9}),
        recipe(optimizer={"name": "sgd", "dampening": 0.1}),
    ),
    "two kinds of mixing": (
        recipe(augment={"ops": [{"op": "MixUp"}]}),
        recipe(augment={"ops": [{"op": "CutMix"}]}),
    ),
    "smoothing": (
        recipe(loss={"label_smoothing": 0.1}, augment={"target": "soft"}),
        recipe(augment={"target": "soft", "smoothing": 0.1}),
    ),
    "no batch": (
        recipe(train={"epochs": 3, "batch_size": 8000, "drop_last": True}),
        recipe(data={"name": "cifar10", "fraction": 0.1}),
    ),
    "several": (
        recipe(optimizer={"name": "sgd", "nesterov": True, "momentum": 0.9}),
        recipe(**SOFTMAX, optimizer={"name": "sgd", "lr": 0.5}),
    ),
    "none": (recipe(), recipe(optimizer={"name": "sgd", "lr": 0.5}, output="softmax")),
    "frames by two ways": (
        recipe(**SKELETONS),
        recipe(
            model=SKELETONS["model"],
            data={**SKELETONS["data"], "frames": 4},
            augment={"ops": [{"op": "TemporalResample", "frames": 32}]},
        ),
    ),
    "operations of two kinds": (
        recipe(augment={"ops": [{"op": "PadCrop", "pad": 2}, {"op": "MixUp"}]}),
        recipe(
            **SKELETONS,
            augment={"ops": [{"op": "JointJitter"}, {"op": "JointJitter"}, {"op": "MixUp"}]},
        ),
    ),
    "another model, other data": (
        recipe(),
        recipe(model={"name": "skeleton_net"}, data={"name": "ntu", "path": "x"}),
    ),
}


def makes_sense(values) -> bool:
    try:
        checked(values)
    except DataError:
        return False
    return True


@pytest.mark.parametrize("name", PAIRS)
def test_exactly_the_arms_that_make_no_sense_are_ruled_out(name):
    pair = RecipePair.read(*PAIRS[name])
    told = [names for names, _ in impossible(pair, pair.factors)]
    rules = forbidden(told, pair.factors)
    for arm in range(1 << len(pair.factors)):
        ruled_out = any(rule.rules_out(arm) for rule in rules)
        values = mixed(pair.good, pair.bad, paths_of(arm, pair.factors))
        assert makes_sense(values) != ruled_out, [pair.factors[i].name for i in members(arm)]


def test_each_comes_with_its_reason():
    pair = RecipePair.read(*PAIRS["loss and output"])
    told = dict(impossible(pair, pair.factors))
    assert list(told) == ["loss.name,!output"]
    assert "of probabilities" in told["loss.name,!output"]


def test_factors_that_switch_together_are_judged_together():
    pair = RecipePair.read(*PAIRS["loss and output"])
    together = selected(pair.factors, groups=["loss.name,output"])
    assert impossible(pair, together) == ()


@pytest.mark.parametrize(
    ("arms", "rules"),
    [
        (set(), []),
        ({0b00}, [(0b00, 0b11)]),
        ({0b01, 0b10}, [(0b01, 0b10), (0b10, 0b01)]),
        ({0b01, 0b11}, [(0b01, 0b00)]),
        ({0b01, 0b10, 0b11}, [(0b01, 0b00), (0b10, 0b00)]),
    ],
)
def test_rules_are_as_short_as_can_be(arms, rules):
    assert [(rule.on, rule.off) for rule in smallest(arms, 0b11)] == rules
