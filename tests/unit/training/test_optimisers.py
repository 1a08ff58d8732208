"""Optimisers beside Keras's and PyTorch's own, and which weights decay at which rate."""

import numpy as np
import pytest
import torch
from torch import nn

from whydrop.core.errors import UsageError
from whydrop.training.optimisers import kernels, make_optimizer, parameter_groups
from whydrop.training.trainable import train_only

MODEL = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Flatten(), nn.Linear(16, 2))


def trajectory(numbers, optimizer_of):
    """Return a weight after each step, with the gradients that Keras had."""
    weight = nn.Parameter(torch.from_numpy(numbers["start"].copy()))
    optimizer = optimizer_of(weight)
    steps = []
    for gradient in torch.from_numpy(numbers["gradients"]):
        weight.grad = gradient.clone()
        optimizer.step()
        steps.append(weight.detach().numpy().copy())
    return np.stack(steps)


@pytest.mark.parametrize(
    ("name", "kind", "decay", "constants"),
    [
        ("adam", "adam", 0.0, {"lr": 0.01, "eps": 1e-7, "eps_place": "uncorrected"}),
        (
            "amsgrad",
            "adam",
            0.0,
            {"lr": 0.01, "eps": 1e-7, "eps_place": "uncorrected", "amsgrad": True},
        ),
        (
            "adamw",
            "adam",
            0.1,
            {"lr": 0.01, "eps": 1e-7, "eps_place": "uncorrected", "decay": "decoupled"},
        ),
        ("sgd", "sgd", 0.0, {"lr": 0.1, "momentum": 0.9, "nesterov": True}),
        ("sgd decoupled", "sgd", 0.1, {"lr": 0.1, "momentum": 0.9, "decay": "decoupled"}),
    ],
)
def test_steps_are_those_of_keras(name, kind, decay, constants, keras_numbers):
    def optimizer_of(weight):
        groups = [{"params": [weight], "weight_decay": decay}]
        return make_optimizer(kind, groups, **constants)

    ours, theirs = trajectory(keras_numbers, optimizer_of), keras_numbers[f"steps/{name}"]
    np.testing.assert_allclose(ours, theirs, atol=2e-6)


def test_eps_in_pytorchs_place_takes_other_steps_than_keras(keras_numbers):
    def optimizer_of(weight):
        return make_optimizer("adam", [{"params": [weight]}], lr=0.01, eps=1e-7)

    ours, theirs = trajectory(keras_numbers, optimizer_of), keras_numbers["steps/adam"]
    moved = np.abs(theirs[-1] - keras_numbers["start"])
    # the smallest gradients, of about 1e-5, are where eps counts
    assert np.abs(ours - theirs)[-1, -1] > 0.01 * moved[-1]


@pytest.mark.parametrize(
    ("kind", "theirs", "constants"),
    [
        ("adam", torch.optim.AdamW, {"lr": 0.01, "betas": (0.8, 0.9)}),
        ("adam", torch.optim.AdamW, {"lr": 0.01, "amsgrad": True}),
    ],
)
def test_decoupled_decay_makes_adam_pytorchs_adamw(kind, theirs, constants, keras_numbers):
    def decoupled(weight):
        groups = [{"params": [weight], "weight_decay": 0.1}]
        return make_optimizer(kind, groups, decay="decoupled", **constants)

    def own(weight):
        return theirs([weight], weight_decay=0.1, **constants)

    first, second = (trajectory(keras_numbers, each) for each in (decoupled, own))
    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("sgd", torch.optim.SGD),
        ("adam", torch.optim.Adam),
        ("rmsprop", torch.optim.RMSprop),
        ("adagrad", torch.optim.Adagrad),
    ],
)
def test_coupled_decay_is_pytorchs_own(name, kind, keras_numbers):
    def ours(weight):
        return make_optimizer(name, [{"params": [weight], "weight_decay": 0.1}], lr=0.1)

    def theirs(weight):
        return kind([weight], lr=0.1, weight_decay=0.1)

    first, second = (trajectory(keras_numbers, each) for each in (ours, theirs))
    np.testing.assert_array_equal(first, second)


def test_the_place_of_eps_survives_a_checkpoint(keras_numbers):
    def optimizer_of(weight):
        return make_optimizer("adam", [{"params": [weight]}], lr=0.01, eps_place="uncorrected")

    whole = trajectory(keras_numbers, optimizer_of)
    half = {**keras_numbers, "gradients": keras_numbers["gradients"][:6]}
    weight = nn.Parameter(torch.from_numpy(keras_numbers["start"].copy()))
    first = optimizer_of(weight)
    for gradient in torch.from_numpy(half["gradients"]):
        weight.grad = gradient.clone()
        first.step()
    second = optimizer_of(weight)
    second.load_state_dict(first.state_dict())
    for gradient in torch.from_numpy(keras_numbers["gradients"][6:]):
        weight.grad = gradient.clone()
        second.step()
    np.testing.assert_array_equal(weight.detach().numpy(), whole[-1])


def names_by_group(groups):
    names = {id(weight): name for name, weight in MODEL.named_parameters()}
    return {
        (group["lr"], group["weight_decay"]): [names[id(w)] for w in group["params"]]
        for group in groups
    }


def test_decay_of_kernels_leaves_out_batchnorm_and_biases():
    groups = parameter_groups(MODEL, lr=0.1, weight_decay=0.5, scope="kernels")
    assert names_by_group(groups) == {
        (0.1, 0.5): ["0.weight", "3.weight"],
        (0.1, 0.0): ["0.bias", "1.weight", "1.bias", "3.bias"],
    }
    assert [id(kernel) for kernel in kernels(MODEL)] == [id(MODEL[0].weight), id(MODEL[3].weight)]


def test_all_layers_but_the_last_have_the_learning_rate_of_the_backbone():
    groups = parameter_groups(MODEL, lr=0.1, weight_decay=0.5, backbone_lr=0.5)
    assert names_by_group(groups) == {
        (0.05, 0.5): ["0.weight", "0.bias", "1.weight", "1.bias"],
        (0.1, 0.5): ["3.weight", "3.bias"],
    }


def test_weights_that_are_not_trained_are_in_no_group():
    train_only(MODEL, "last")
    try:
        groups = parameter_groups(MODEL, lr=0.1)
        assert names_by_group(groups) == {(0.1, 0.0): ["3.weight", "3.bias"]}
    finally:
        train_only(MODEL, "all")


@pytest.mark.parametrize(
    ("name", "constants", "what"),
    [
        ("sdg", {}, "there is no optimiser 'sdg'"),
        ("sgd", {"lr": 0.1, "momentun": 0.9}, "momentun"),
        ("sgd", {"lr": -1.0}, "Invalid learning rate"),
        ("sgd", {"lr": 0.1, "nesterov": True}, "Nesterov"),
    ],
)
def test_what_pytorch_refuses_is_a_usage_error(name, constants, what):
    with pytest.raises(UsageError, match=what):
        make_optimizer(name, [{"params": list(MODEL.parameters())}], **constants)


def test_a_model_of_which_nothing_is_trained_is_refused():
    model = nn.Linear(2, 2).requires_grad_(False)
    with pytest.raises(UsageError, match="no weight of the model is trained"):
        parameter_groups(model, lr=0.1)
