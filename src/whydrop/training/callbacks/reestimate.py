"""ReestimateBatchNorm: averages taken anew from the training samples, weights as they are."""

from typing import TYPE_CHECKING, Any

import numpy as np

from whydrop.training.batchnorm import batchnorms
from whydrop.training.callbacks.callback import Callback
from whydrop.training.feed import EVALUATION_VIEW, Feed, batches, clean
from whydrop.training.modes import modes_kept
from whydrop.training.pytorch import torch

if TYPE_CHECKING:
    from whydrop.training.learner import Learner


class ReestimateBatchNorm(Callback):
    """Before each validation, set BatchNorm's averages to the mean over all training batches.

    Training itself does not read them, so weights stay what they would have been. What this gives
    back in accuracy was lost to averages that were stale, or mixed by how they were gathered.
    Samples go through the clean transform; all layers but BatchNorm are in evaluation mode.

    Source: Izmailov et al. (2018), Averaging weights leads to wider optima, UAI, section 3.2;
    ``torch.optim.swa_utils.update_bn``.
    """

    def on_step_end(self, learner: "Learner", step: int, steps: int, loss: Any) -> None:
        if step == steps - 1:
            reestimate(learner)


def reestimate(learner: "Learner") -> None:
    """Set the averages of all BatchNorm of a learner's model; see ``ReestimateBatchNorm``."""
    layers = list(batchnorms(learner.model))
    momenta = [layer.momentum for layer in layers]
    device = next(learner.model.parameters()).device
    samples = learner.data.train
    feed = Feed(samples, clean(learner.augment), device, epoch=learner.epoch, view=EVALUATION_VIEW)
    with modes_kept(learner.model), torch.no_grad():
        learner.model.eval()
        for layer in layers:
            layer.train()
            layer.reset_running_stats()
            layer.momentum = None
        for index in batches(np.arange(len(samples)), learner.batch_size):
            if len(index) > 1:
                learner.model(feed.inputs(index))
    for layer, momentum in zip(layers, momenta, strict=True):
        layer.momentum = momentum
