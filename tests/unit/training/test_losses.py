"""Losses beside Keras's and PyTorch's."""

import numpy as np
import pytest
import torch

from whydrop.augment import Mixed, MixLoss
from whydrop.training.losses import categorical_cross_entropy, mse


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_categorical_cross_entropy_is_that_of_keras(smoothing, keras_numbers):
    shares = torch.from_numpy(keras_numbers["shares"])
    labels = torch.from_numpy(keras_numbers["labels"])
    ours = categorical_cross_entropy(shares, labels, label_smoothing=smoothing)
    assert ours.item() == pytest.approx(float(keras_numbers[f"categorical/{smoothing}"]), rel=1e-5)


def test_of_softmax_it_is_the_cross_entropy_of_logits():
    logits = torch.randn(6, 4, generator=torch.Generator().manual_seed(0))
    labels = torch.tensor([0, 1, 2, 3, 0, 1])
    theirs = torch.nn.functional.cross_entropy(logits, labels, label_smoothing=0.2)
    ours = categorical_cross_entropy(logits.softmax(1), labels, label_smoothing=0.2)
    torch.testing.assert_close(ours, theirs)


@pytest.mark.parametrize("loss", [mse, categorical_cross_entropy])
def test_rows_of_ones_and_zeros_are_labels_too(loss):
    shares = torch.randn(6, 4, generator=torch.Generator().manual_seed(0)).softmax(1)
    labels = torch.tensor([0, 1, 2, 3, 0, 1])
    rows = torch.eye(4)[labels]
    torch.testing.assert_close(loss(shares, rows), loss(shares, labels))


@pytest.mark.parametrize("loss", [mse, categorical_cross_entropy])
def test_mixed_labels_weigh_the_losses_of_both(loss):
    shares = torch.randn(3, 4, generator=torch.Generator().manual_seed(0)).softmax(1)
    a, b, lam = torch.tensor([0, 1, 2]), torch.tensor([1, 2, 0]), torch.tensor([0.5, 0.75, 1.0])
    each = lam * loss(shares, a, "none") + (1 - lam) * loss(shares, b, "none")
    torch.testing.assert_close(MixLoss(loss)(shares, Mixed(a, b, lam)), each.mean())


def test_the_squared_distance_is_the_mean_over_samples_and_classes():
    outputs = np.array([[0.5, 0.5, 0.0], [0.0, 1.0, 0.0]], np.float32)
    ours = mse(torch.from_numpy(outputs), torch.tensor([0, 1]))
    assert ours.item() == pytest.approx(((outputs - np.eye(3)[:2]) ** 2).mean())


def test_smoothed_labels_of_the_squared_distance_are_spread_over_all_classes():
    ours = mse(torch.zeros(1, 4), torch.tensor([2]), label_smoothing=0.4)
    rows = np.array([0.1, 0.1, 0.7, 0.1])
    assert ours.item() == pytest.approx((rows**2).mean())
