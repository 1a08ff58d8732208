"""Targets by the names of their classes."""

import numpy as np
import pytest
import torch

from whydrop.augment import Mixed
from whydrop.augment.named_target import label_of, target_of

NAMES = ["cat", "dog", "owl", "yak"]
LAM = np.float32([0.75, 1.0])


@pytest.mark.parametrize("kind", [np.asarray, torch.as_tensor], ids=["numpy", "torch"])
@pytest.mark.parametrize(
    ("targets", "weights", "others"),
    [
        ([1, 0], [("dog", 1.0)], 0.0),
        ([[0, 0, 0.5, 0.5], [0] * 4], [("owl", 0.5), ("yak", 0.5)], 0.0),
        ([[0.1, 0.1, 0.7, 0.1], [0] * 4], [("owl", 0.7)], 0.1),
        (
            [[0.1, 0.2, 0.5, 0.2], [0] * 4],
            [("owl", 0.5), ("dog", 0.2), ("yak", 0.2), ("cat", 0.1)],
            0,
        ),
        ([[0.25] * 4, [0] * 4], [("cat", 0.25)], 0.25),
        ([[0.0, 0.1, 0.5, 0.4], [0] * 4], [("owl", 0.5), ("yak", 0.4), ("dog", 0.1)], 0.0),
        ([[1, 0, 1, 0], [0] * 4], [("cat", 1.0), ("owl", 1.0)], 0.0),
    ],
)
def test_classes_that_stand_out_are_named(kind, targets, weights, others):
    array = np.array(targets, np.float32 if isinstance(targets[0], list) else np.int64)
    target = target_of(kind(array), 0, NAMES)
    assert [name for name, _ in target.weights] == [name for name, _ in weights]
    assert [w for _, w in target.weights] == pytest.approx([w for _, w in weights])
    assert target.others == pytest.approx(others)


def test_a_mixed_target_has_both_labels_by_weight():
    ids = Mixed(np.array([0, 2]), np.array([1, 1]), LAM)
    assert target_of(ids, 0, NAMES).weights == (("cat", 0.75), ("dog", 0.25))
    assert target_of(ids, 1, NAMES).weights == (("owl", 1.0),)
    twice = Mixed(np.array([2]), np.array([2]), LAM[:1])
    assert target_of(twice, 0, NAMES).weights == (("owl", 1.0),)
    eye = np.eye(4, dtype=np.float32)
    rows = Mixed(eye[[0]], eye[[1]], np.float32([0.25]))
    assert target_of(rows, 0, NAMES).weights == (("dog", 0.75), ("cat", 0.25))


def test_classes_without_a_name_go_by_their_number():
    assert label_of(np.array([7]), 0, NAMES) == "7"
    assert label_of(np.array([1]), 0, None) == "1"
    assert label_of(None, 0, NAMES) == ""
    assert label_of(np.float32([[1, 0, 1, 0]]), 0, NAMES) == "cat, owl"
