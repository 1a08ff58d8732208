"""Settings as plain values, and where they differ first."""

import json

import numpy as np
import pytest
import torch
from tests.fixtures.small_training import net

from whydrop.augment import HorizontalFlip, PadCrop, Pipeline
from whydrop.training.settings import first_difference, plain


class Silent:
    """An object that says nothing of itself."""

    def method(self):
        return None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        (np.float32(0.5), 0.5),
        (np.array([[1, 2]]), [[1, 2]]),
        (torch.tensor([0.5], dtype=torch.bfloat16), [0.5]),
        ((0.9, 0.999), [0.9, 0.999]),
        ({1: (2,)}, {"1": [2]}),
        (Silent(), "Silent"),
        (Silent().method, "Silent.method"),
        (slice(1), "slice(None, 1, None)"),
    ],
)
def test_values_are_told_as_json_has_them(value, expected):
    assert plain(value) == expected
    assert json.loads(json.dumps(plain(value))) == expected


def test_a_pipeline_is_its_specification_and_a_module_its_parts():
    told = plain(Pipeline([PadCrop(2), HorizontalFlip()], seed=3))
    assert (told["seed"], [op["op"] for op in told["ops"]]) == (3, ["PadCrop", "HorizontalFlip"])
    other = plain(Pipeline([PadCrop(2), HorizontalFlip(0.1)], seed=3))
    expected = "augment.ops[1].probability is 0.5 in the checkpoint, 0.1 here"
    assert first_difference("augment", told, other) == expected
    assert first_difference("loss", plain(net()), plain(net(seed=1))).startswith("loss.0.weight[0]")
    assert first_difference("loss", plain(net()), plain(net())) == ""


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.int64])
def test_many_numbers_are_a_digest_that_tells_them_apart(dtype):
    one = torch.arange(2000).to(dtype)
    other = one.clone()
    other[0] = 7
    assert len(plain(one)) < 120
    assert plain(one) == plain(one.clone())
    assert plain(one) != plain(other)


@pytest.mark.parametrize(
    ("found", "own", "told"),
    [
        ({"a": 1, "b": [1, 2]}, {"a": 1, "b": [1, 2]}, ""),
        ({"a": 1}, {"a": 1, "b": None}, "x.b is absent in the checkpoint, None here"),
        ([1], [1, {"op": "MixUp"}], "x[1] is absent in the checkpoint, {'op': 'MixUp'} here"),
        ({"a": [1]}, {"a": "one"}, "x.a is [1] in the checkpoint, 'one' here"),
        ("SGD", "Adam", "x is 'SGD' in the checkpoint, 'Adam' here"),
    ],
)
def test_the_first_difference_is_named_with_both_values(found, own, told):
    assert first_difference("x", found, own) == told
