"""Losses of steps: their mean, and the first that is no number."""

import math

import pytest
import torch

from whydrop.core.errors import DataError
from whydrop.training.step_losses import StepLosses


def test_the_mean_is_over_samples():
    losses = StepLosses(0, look_every=2)
    for value, size in ((1.0, 16), (2.0, 16), (5.0, 4)):
        losses.add(torch.tensor(value), size, 0.1)
    assert losses.mean() == pytest.approx((16 + 32 + 20) / 36)


@pytest.mark.parametrize("look_every", [1, 3, 100])
@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_the_first_step_is_named_whenever_it_is_looked_at(look_every, value):
    losses = StepLosses(4, look_every=look_every)

    def all_steps():
        for step in range(8):
            losses.add(torch.tensor(value if step >= 5 else 1.0), 16, 0.1 * (step + 1))
        losses.mean()

    with pytest.raises(DataError, match=r"learning rate 0\.6") as caught:
        all_steps()
    assert "epoch 4, step 5" in caught.value.where
