"""Linear layers with ReLU between them."""

import pytest
import torch
from torch import nn

from whydrop.core.errors import UsageError
from whydrop.training.models.mlp import MLP


def test_it_is_the_layers_that_were_asked_for():
    net = MLP(3, shape=(1, 2, 2), hidden=(5, 6), dropout=0.5)
    kinds = [type(layer) for layer in net.layers]
    block = [nn.Linear, nn.ReLU, nn.Dropout]
    assert kinds == [nn.Flatten, *block, *block, nn.Linear]


def test_without_hidden_layers_it_is_linear():
    net = MLP(3, shape=(4,), hidden=())
    one, other = torch.randn(2, 1, 4, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(net(one + other) + net(0 * one), net(one) + net(other))


def test_a_width_of_nothing_is_refused():
    with pytest.raises(UsageError, match="smallest width is 0"):
        MLP(3, shape=(4,), hidden=(0,))
