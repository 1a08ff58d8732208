"""Losses by name, beside those of Keras and PyTorch."""

import numpy as np
import pytest
import torch

from whydrop.augment import MixLoss
from whydrop.augment.targets import Mixed
from whydrop.core.errors import UsageError
from whydrop.training.losses import LOSSES, categorical_cross_entropy, loss_for, mse

LOGITS = torch.tensor([[2.0, 0.0, 1.0], [0.5, 0.5, 0.0]], dtype=torch.float64)
LABELS = torch.tensor([0, 2])


def test_cross_entropy_takes_logits_and_nll_log_probabilities():
    logits, logs = loss_for("cross_entropy"), loss_for("nll")
    assert logits(LOGITS, LABELS) == pytest.approx(logs(LOGITS.log_softmax(1), LABELS).item())


def test_mse_is_the_distance_to_one_hot_rows():
    # (1 + 0 + 1) / 3 and (.25 + .25 + 1) / 3
    assert mse(LOGITS, LABELS, reduction="none").tolist() == pytest.approx([2 / 3, 0.5])
    assert mse(LOGITS, LABELS).item() == pytest.approx(7 / 12)
    assert mse(LOGITS, LABELS, reduction="sum").item() == pytest.approx(7 / 6)


@pytest.mark.parametrize("name", LOSSES)
def test_each_takes_mixed_labels(name):
    mixed = Mixed(LABELS, LABELS.flip(0), torch.tensor([0.75, 0.75]))
    logits = LOGITS.log_softmax(1)
    loss = loss_for(name)
    expected = 0.75 * loss(logits, LABELS) + 0.25 * loss(logits, LABELS.flip(0))
    assert MixLoss(loss)(logits, mixed).item() == pytest.approx(expected.item())


def test_a_function_is_taken_as_it_is_and_a_wrong_name_is_not():
    assert loss_for(mse) is mse
    with pytest.raises(UsageError, match="no loss 'cross-entropy'") as caught:
        loss_for("cross-entropy")
    assert caught.value.do == "did you mean 'cross_entropy'?"


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


def test_smoothed_labels_of_the_squared_distance_are_spread_over_all_classes():
    ours = mse(torch.zeros(1, 4), torch.tensor([2]), label_smoothing=0.4)
    rows = np.array([0.1, 0.1, 0.7, 0.1])
    assert ours.item() == pytest.approx((rows**2).mean())
