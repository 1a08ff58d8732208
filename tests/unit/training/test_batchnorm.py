"""BatchNorm's constants, frozen averages, and evaluation by each batch's own statistics."""

import pytest
import torch
from torch import nn

from whydrop.core.errors import UsageError
from whydrop.training.batchnorm import evaluate_by_batch, freeze_statistics, set_constants

BATCH = torch.randn(8, 3, 5, 5, generator=torch.Generator().manual_seed(0)) * 3 + 7


def net():
    return nn.Sequential(nn.Conv2d(3, 3, 1), nn.BatchNorm2d(3))


def test_constants_are_set_in_every_batchnorm_and_none_leaves_them():
    model = nn.Sequential(net(), nn.BatchNorm1d(3))
    set_constants(model, momentum=0.01)
    set_constants(model, eps=1e-3)
    assert [(b.momentum, b.eps) for b in (model[0][1], model[1])] == [(0.01, 1e-3)] * 2


def test_cumulative_averages_are_the_plain_mean_over_batches():
    layer = nn.BatchNorm2d(3)
    set_constants(layer, momentum="cumulative")
    for factor in (1.0, 2.0, 6.0):
        layer(BATCH * factor)
    torch.testing.assert_close(layer.running_mean, 3 * BATCH.mean((0, 2, 3)))


@pytest.mark.parametrize("constants", [{"momentum": 1.5}, {"momentum": -0.1}, {"eps": 0.0}])
def test_constants_outside_their_range_are_refused(constants):
    with pytest.raises(UsageError, match=next(iter(constants))):
        set_constants(net(), **constants)


def test_frozen_averages_are_used_in_training_and_stay_while_weights_are_trained():
    model = net()
    evaluated = model.eval()(BATCH).detach()
    freeze_statistics(model)
    model.train()
    trained = model(BATCH)
    torch.testing.assert_close(trained, evaluated)
    assert (model[1].running_mean == 0).all()
    trained.sum().backward()
    assert model[1].bias.grad is not None


def test_evaluation_by_batch_is_what_training_computes_and_moves_nothing():
    model = net()
    evaluate_by_batch(model)
    by_batch = model.eval()(BATCH)
    assert (model[1].running_mean == 0).all()
    torch.testing.assert_close(by_batch, model.train()(BATCH))
    assert not (model[1].running_mean == 0).all()


def test_a_single_value_a_channel_has_no_statistics_and_keeps_the_averages():
    layer = nn.BatchNorm1d(3)
    evaluate_by_batch(layer)
    one = torch.ones(1, 3)
    torch.testing.assert_close(layer.eval()(one), one, atol=1e-4, rtol=0)
