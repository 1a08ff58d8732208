"""Evaluation: the outputs of a model for samples, with nothing of it changed."""

import numpy as np

from whydrop.training.devices import Devices
from whydrop.training.feed import EVALUATION_VIEW, Feed, Transform, batches
from whydrop.training.inputs import check_outputs
from whydrop.training.modes import modes_kept
from whydrop.training.pytorch import torch
from whydrop.training.samples import Samples


def logits_of(
    model: torch.nn.Module,
    samples: Samples,
    transform: Transform,
    devices: Devices,
    *,
    batch_size: int,
    epoch: int,
) -> torch.Tensor:
    """Return (n, classes) outputs on the device, of a model in evaluation mode.

    Processes share the batches; each returns all outputs.

    Args:
        model: its layers get their modes back.
        samples: at least one.
        transform: what their inputs go through.
        devices: where the model is.
        batch_size: changes speed and memory; of the result the last bits at most.
        epoch: what the transform draws for, from 0.
    """
    feed = Feed(samples, transform, devices.device, epoch=epoch, view=EVALUATION_VIEW)
    cut = batches(np.arange(len(samples)), batch_size)
    logits = None
    devices.same_buffers(model)
    with modes_kept(model), torch.inference_mode():
        model.eval()
        # A process without a batch of its own takes the first, to know the outputs' shape.
        for index in cut[devices.rank :: devices.count] or cut[:1]:
            outputs = devices.infer(model, feed.inputs(index))
            check_outputs(outputs, len(index), len(samples.classes))
            if logits is None:
                logits = outputs.new_zeros(len(samples), outputs.shape[1])
            if devices.rank < len(cut):
                logits[torch.from_numpy(index)] = outputs
        return devices.total(logits)
