"""Losses by name."""

import pytest
import torch

from whydrop.augment import MixLoss
from whydrop.augment.targets import Mixed
from whydrop.core.errors import UsageError
from whydrop.training.losses import LOSSES, loss_for, mse

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
