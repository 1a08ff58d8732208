"""MNIST 3 against 7 with mixup, in a loop of one's own."""

from collections.abc import Callable

import numpy as np
import torch
from data import Digits
from network import build, optimizer
from settings import Epoch, Settings, run

from whydrop.augment import EpochOrder, Mixed, MixLoss

Loss = Callable[[torch.Tensor, Mixed | torch.Tensor], torch.Tensor]


def train(
    settings: Settings, training: Digits, validation: Digits, loss_of: Loss | None = None
) -> list[Epoch]:
    loss_of = loss_of or MixLoss(torch.nn.CrossEntropyLoss())
    augment = settings.pipeline()
    model = build(settings)
    step = optimizer(model, settings)
    order = EpochOrder(len(training.labels), seed=settings.seed)
    images, labels = map(torch.from_numpy, training)
    valid_images = augment.evaluation(torch.from_numpy(validation.images)).images
    valid_labels = torch.from_numpy(validation.labels)
    seen = []
    for epoch in range(settings.epochs):
        order.set_epoch(epoch)
        positions = order.positions()
        steps = len(positions) // settings.batch_size  # as fastai: the small last batch is left out
        losses = []
        for index in np.split(positions[: steps * settings.batch_size], steps):
            batch = augment(images[index], labels[index], epoch=epoch, index=index)
            loss = loss_of(model(batch.images), batch.targets)
            step.zero_grad()
            loss.backward()
            step.step()
            losses.append(loss.item())
        with torch.no_grad():
            logits = model(valid_images)
            valid_loss = loss_of(logits, valid_labels).item()
            right = (logits.argmax(1) == valid_labels).double().mean().item()
        seen.append(Epoch(float(np.mean(losses)), valid_loss, right))
    return seen


if __name__ == "__main__":
    run(train)
