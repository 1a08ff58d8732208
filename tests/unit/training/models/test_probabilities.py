"""Softmax inside the model, and what cross-entropy makes of it."""

import pytest
import torch
from torch import nn

from whydrop.training.models.probabilities import Probabilities


def test_cross_entropy_of_it_can_never_be_small():
    logits = torch.tensor([[1000.0, 0.0, 0.0, 0.0]])  # as sure as can be
    model = Probabilities(nn.Identity())
    loss = nn.functional.cross_entropy(model(logits), torch.tensor([0]))
    # log(1 + 3 / e), which log-softmax makes of the row (1, 0, 0, 0)
    assert loss.item() == pytest.approx(0.7437, abs=1e-4)
