"""First weights beside those that Keras draws, and those that a formula asks for."""

import math

import numpy as np
import pytest
import torch
from scipy import stats
from torch import nn

from whydrop.core.errors import UsageError
from whydrop.training.initialisers import glorot_limit, initialise


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


LAYERS = {
    "conv": nn.Conv2d(32, 64, 3),
    "grouped": nn.Conv2d(32, 64, 3, groups=4),
    "depthwise": nn.Conv2d(64, 128, 3, groups=64),
    "transposed": nn.ConvTranspose2d(32, 16, 3),
    "dense": nn.Linear(100, 50),
}


@pytest.mark.parametrize("name", LAYERS)
def test_a_kernel_has_the_limit_and_the_distribution_that_keras_draws(name, keras_numbers):
    layer = LAYERS[name]
    assert glorot_limit(layer) == pytest.approx(float(keras_numbers[f"limit/{name}"]))
    initialise(layer, "keras", generator())
    ours, theirs = layer.weight.detach().numpy().ravel(), keras_numbers[f"kernel/{name}"].ravel()
    assert stats.ks_2samp(ours, theirs).pvalue > 0.001
    assert np.abs(ours).max() <= glorot_limit(layer)
    assert (layer.bias == 0).all()
    assert (keras_numbers[f"bias/{name}"] == 0).all()


def test_an_embedding_is_drawn_as_keras_draws_it(keras_numbers):
    layer = nn.Embedding(1000, 16)
    initialise(layer, "keras", generator())
    ours = layer.weight.detach().numpy().ravel()
    assert stats.ks_2samp(ours, keras_numbers["embedding"].ravel()).pvalue > 0.001


def test_an_lstm_is_drawn_as_keras_draws_it(keras_numbers):
    layer = nn.LSTM(40, 24)
    initialise(layer, "keras", generator())
    ours = layer.weight_ih_l0.detach().numpy().ravel()
    assert stats.ks_2samp(ours, keras_numbers["lstm/kernel"].ravel()).pvalue > 0.001
    # (24, 96) with rows of length 1 at right angles, as Keras has it
    for recurrent in (layer.weight_hh_l0.detach().numpy().T, keras_numbers["lstm/recurrent"]):
        np.testing.assert_allclose(recurrent @ recurrent.T, np.eye(24), atol=1e-5)
    both = layer.bias_ih_l0 + layer.bias_hh_l0
    np.testing.assert_array_equal(both.detach().numpy(), keras_numbers["lstm/bias"])


def test_fastai_draws_with_the_root_of_two_over_the_inputs_and_no_bias():
    layer = nn.Conv2d(16, 512, 3)
    initialise(layer, "kaiming_normal", generator())
    assert layer.weight.std().item() == pytest.approx(math.sqrt(2 / (16 * 9)), rel=0.01)
    assert (layer.bias == 0).all()


def test_pytorchs_own_weights_are_left_alone():
    layer = nn.Linear(4, 4)
    before = layer.weight.clone()
    initialise(layer, "torch", generator())
    assert torch.equal(layer.weight, before)


def test_batchnorm_begins_at_one_and_zero_in_every_kind():
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4))
    initialise(model, "keras", generator())
    assert (model[1].weight == 1).all() and (model[1].bias == 0).all()


def test_weights_are_those_of_the_generator():
    one, other = nn.Linear(4, 4), nn.Linear(4, 4)
    initialise(one, "keras", generator(3))
    initialise(other, "keras", generator(3))
    assert torch.equal(one.weight, other.weight)


@pytest.mark.parametrize("kind", ["keras", "kaiming_normal"])
def test_a_layer_of_which_nothing_is_known_is_refused_by_its_name(kind):
    model = nn.Sequential(nn.Linear(4, 4), nn.Bilinear(2, 2, 2))
    with pytest.raises(UsageError, match="says nothing of a Bilinear") as caught:
        initialise(model, kind, generator())
    assert caught.value.where == "layer '1'"
