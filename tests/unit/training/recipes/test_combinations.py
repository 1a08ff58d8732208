"""Each combination that makes no sense, and the nearest one that does."""

import pytest

from whydrop.augment import __all__ as operations
from whydrop.augment.mixing import Mixing
from whydrop.core.errors import DataError
from whydrop.training.recipes.combinations import COMBINATIONS, MIXING, found_in
from whydrop.training.recipes.load import checked
from whydrop.training.recipes.schema import Recipe

NTU = {"name": "ntu", "path": "x"}
NORMALIZE = {"op": "Normalize", "mean": [0.5], "std": [0.5]}


def recipe(**parts):
    return {
        "schema": "whydrop.recipe/1",
        "data": {"name": "cifar10"},
        "model": {"name": "forum_cnn"},
        "optimizer": {"name": "sgd"},
        "train": {"epochs": 1},
        **parts,
    }


CASES = [
    (
        {"loss": {"name": "categorical_cross_entropy"}, "output": "logits"},
        {"loss": {"name": "categorical_cross_entropy"}, "output": "softmax"},
    ),
    (
        {"loss": {"name": "mse", "class_weights": "balanced"}},
        {"loss": {"name": "cross_entropy", "class_weights": "balanced"}},
    ),
    (
        {"loss": {"class_weights": [1.0, 2.0]}},
        {"loss": {"class_weights": [1.0, 2.0]}, "data": {"name": "cifar10",
                                                         "classes": ["cat", "dog"]}},
    ),
    (
        {"optimizer": {"name": "sgd", "nesterov": True}},
        {"optimizer": {"name": "sgd", "nesterov": True, "momentum": 0.9}},
    ),
    (
        {"augment": {"smoothing": 0.1}},
        {"augment": {"smoothing": 0.1, "target": "soft"}},
    ),
    (
        {"augment": {"smoothing": 0.1, "target": "soft"}, "loss": {"label_smoothing": 0.1}},
        {"augment": {"target": "soft"}, "loss": {"label_smoothing": 0.1}},
    ),
    ({"model": {"name": "skeleton_net"}}, {"model": {"name": "mlp"}}),
    (
        {"data": {"name": "skeletons", "path": "x"}},
        {"data": {"name": "skeletons", "path": "x"}, "model": {"name": "skeleton_net"}},
    ),
    (
        {"data": {"name": "mnist"}, "model": {"name": "efficientnet_lite0"}},
        {"data": {"name": "mnist", "channels": 3}, "model": {"name": "efficientnet_lite0"}},
    ),
    (
        {"data": {"name": "ntu", "path": "x", "frames": 7}, "model": {"name": "skeleton_net"}},
        {"data": {"name": "ntu", "path": "x", "frames": 8}, "model": {"name": "skeleton_net"}},
    ),
    (
        {"data": NTU | {"frames": 4}, "model": {"name": "skeleton_net"}},
        {"data": NTU | {"frames": 4}, "model": {"name": "skeleton_net"},
         "augment": {"ops": [{"op": "TemporalResample", "frames": 8}]}},
    ),
    (
        {"data": NTU, "model": {"name": "mlp"}, "augment": {"ops": [{"op": "CutMix"}]}},
        {"data": NTU, "model": {"name": "mlp"}, "augment": {"ops": [{"op": "MixUp"}]}},
    ),
    (
        {"augment": {"ops": [{"op": "JointJitter"}]}},
        {"augment": {"ops": [{"op": "JointJitter"}]}, "data": NTU, "model": {"name": "mlp"}},
    ),
    (
        {"data": {"name": "skeletons", "path": "x", "expand": {"per_class": 9}},
         "model": {"name": "skeleton_net"}},
        {"data": {"name": "cifar10", "expand": {"per_class": 9}}},
    ),
    (
        {"data": {"name": "cifar10", "expand": {"per_class": 9, "ops": [{"op": "JointJitter"}]}}},
        {"data": {"name": "cifar10", "expand": {"per_class": 9, "ops": [{"op": "ColorJitter"}]}}},
    ),
    (  # twice, of skeletons
        {"data": NTU, "model": {"name": "mlp"}, "augment": {"ops": [{"op": "MixUp"}] * 2}},
        {"data": NTU, "model": {"name": "mlp"}, "augment": {"ops": [{"op": "JointJitter"}] * 2}},
    ),
    (
        {"augment": {"ops": [{"op": "Cutout", "size": 4}, NORMALIZE]}},
        {"augment": {"ops": [{"op": "Cutout", "size": 4}, NORMALIZE], "order": "as given"}},
    ),
    (
        {"augment": {"ops": [{"op": "MixUp"}, {"op": "CutMix"}]}},
        {"augment": {"ops": [{"op": "Switch", "first": {"op": "MixUp"},
                              "second": {"op": "CutMix"}}]}},
    ),
    (
        {"augment": {"ops": [{"op": "MixUp", "stack_images": True}]}},
        {"augment": {"ops": [{"op": "MixUp"}]}},
    ),
    (
        {"batchnorm": {"frozen": True, "evaluation": "reestimated"}},
        {"batchnorm": {"frozen": True, "evaluation": "batch"}},
    ),
    (
        {"schedule": {"name": "cosine", "warmup": 3}, "train": {"epochs": 3}},
        {"schedule": {"name": "cosine", "warmup": 3}, "train": {"epochs": 4}},
    ),
    (
        {"data": {"name": "cifar10", "classes": ["cat", "dog"]}, "metrics": {"also": ["top5"]}},
        {"data": {"name": "cifar10", "classes": ["cat", "dog"]}, "metrics": {"also": ["top2"]}},
    ),
    (
        {"data": {"name": "cifar10", "fraction": 0.001}, "train": {"epochs": 1, "drop_last": True}},
        {"data": {"name": "cifar10", "fraction": 0.01}, "train": {"epochs": 1, "drop_last": True}},
    ),
    (
        {"data": {"name": "npz", "path": "x", "valid": "test", "test_inputs": "x_test"}},
        {"data": {"name": "npz", "path": "x", "valid": "test", "test_inputs": "x_test",
                  "test_labels": "y_test"}},
    ),
    (
        {"data": {"name": "folder", "path": "x", "valid": "test", "train": None}},
        {"data": {"name": "folder", "path": "x", "valid": "split", "train": None}},
    ),
    (
        {"data": {"name": "sbu", "path": "x", "valid": "test", "train_pairs": ["s01s02"]},
         "model": {"name": "mlp"}},
        {"data": {"name": "sbu", "path": "x", "valid": "test", "train_pairs": ["s01s02"],
                  "test_pairs": ["s02s01"]}, "model": {"name": "mlp"}},
    ),
    (
        {"data": {"name": "skeletons", "path": "x", "valid": "test", "test_subjects": []},
         "model": {"name": "mlp"}},
        {"data": {"name": "skeletons", "path": "x", "valid": "split", "test_subjects": []},
         "model": {"name": "mlp"}},
    ),
    (
        {"data": {"name": "cifar10", "class_shares": [0.5] * 9}},
        {"data": {"name": "cifar10", "class_shares": [0.5] * 10}},
    ),
    (
        {"data": {"name": "folder", "path": "x", "classes": ["a", "b"], "class_shares": [1.0]}},
        {"data": {"name": "folder", "path": "x", "classes": ["a", "b"], "class_shares": [1, 0.5]}},
    ),
    (
        {"data": {"name": "cifar10", "valid_share": 0.0001}},
        {"data": {"name": "cifar10", "valid_share": 0.0002}},
    ),
    (
        {"data": {"name": "digits", "valid_share": 0.01}},
        {"data": {"name": "digits", "valid_share": 0.01, "valid": "test"}},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("wrong", "right"), CASES)
def test_what_makes_no_sense_is_refused_and_its_neighbour_is_not(wrong, right):
    with pytest.raises(DataError):
        checked(recipe(**wrong))
    checked(recipe(**right))


def test_every_combination_is_tried_here():
    read = (Recipe.model_validate(recipe(**wrong)) for wrong, _ in CASES)
    assert {broken.keys for each in read for broken in found_in(each)} == {
        combination.keys for combination in COMBINATIONS
    }


def test_the_operations_that_mix_are_all_that_there_are():
    import whydrop.augment as augment

    kinds = {name: getattr(augment, name) for name in operations}
    mixing = {n for n, kind in kinds.items() if isinstance(kind, type) and issubclass(kind, Mixing)}
    assert mixing == set(MIXING)
