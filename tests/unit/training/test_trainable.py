"""Which layers are trained."""

import pytest
from torch import nn

from whydrop.core.errors import UsageError
from whydrop.training.trainable import last_layer, train_only

MODEL = nn.Sequential()
MODEL.stem = nn.Conv2d(3, 4, 3)
MODEL.blocks = nn.Sequential(nn.Sequential(nn.Conv2d(4, 4, 3), nn.BatchNorm2d(4)), nn.ReLU())
MODEL.head = nn.Linear(4, 2)


@pytest.mark.parametrize(
    ("layers", "trained"),
    [
        ("all", ["stem", "blocks", "head"]),
        ("last", ["head"]),
        ("from head", ["head"]),
        ("from blocks", ["blocks", "head"]),
        ("from blocks.0.1", ["blocks", "head"]),
        ("from stem", ["stem", "blocks", "head"]),
    ],
)
def test_layers_are_trained_from_where_it_is_said(layers, trained):
    train_only(MODEL, layers)
    names = [name for name, weight in MODEL.named_parameters() if weight.requires_grad]
    assert list(dict.fromkeys(name.split(".")[0] for name in names)) == trained


def test_from_a_layer_inside_a_block_the_earlier_ones_of_the_block_are_not_trained():
    train_only(MODEL, "from blocks.0.1")
    assert not MODEL.blocks[0][0].weight.requires_grad
    assert MODEL.blocks[0][1].weight.requires_grad


@pytest.mark.parametrize("layers", ["from blok", "head", "from blo", "first"])
def test_a_layer_that_there_is_not_is_refused_with_those_that_there_are(layers):
    with pytest.raises(UsageError, match="layers to train") as caught:
        train_only(MODEL, layers)
    assert "stem, blocks, head" in caught.value.do


def test_the_last_layer_is_the_last_with_weights():
    assert last_layer(MODEL) is MODEL.head
