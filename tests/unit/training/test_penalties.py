"""What weights add to the loss, beside Keras's regulariser and a count by hand."""

import pytest
import torch
from torch import nn

from whydrop.training.penalties import penalty


def test_squares_are_keras_kernel_regularizer(keras_numbers):
    layer = nn.Linear(6, 4)
    layer.weight.data = torch.from_numpy(keras_numbers["square"])
    assert penalty(layer, "squares", 0.05).item() == pytest.approx(float(keras_numbers["l2"]))


def test_squares_pull_as_a_weight_decay_of_twice_their_strength_does():
    layer = nn.Linear(6, 4)
    penalty(layer, "squares", 0.05).backward()
    torch.testing.assert_close(layer.weight.grad, 2 * 0.05 * layer.weight.detach())
    assert layer.bias.grad is None


def test_the_norm_is_of_each_layers_weights_and_biases_and_pulls_the_same_at_any_size():
    model = nn.Sequential(nn.Linear(1, 1), nn.BatchNorm1d(1), nn.Linear(1, 1))
    for layer, (weight, bias) in ((model[0], (3.0, 4.0)), (model[2], (5.0, 12.0))):
        layer.weight.data.fill_(weight)
        layer.bias.data.fill_(bias)
    total = penalty(model, "norm", 0.1)
    assert total.item() == pytest.approx(0.1 * (5 + 13))  # by Pythagoras; BatchNorm has no kernel
    total.backward()
    pull = torch.cat([model[0].weight.grad.flatten(), model[0].bias.grad])
    assert pull.norm().item() == pytest.approx(0.1)


def test_no_penalty_is_nothing():
    assert penalty(nn.Linear(6, 4), "none", 0.05).item() == 0
