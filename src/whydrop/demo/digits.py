"""Train a small net on scanned digits: the program that the demonstration explains.

It knows nothing of whydrop. The data are the 1,797 scans of 8 x 8 pixels that come with
scikit-learn (Alpaydin and Kaynak 1998, UCI Machine Learning Repository): half to train on, half
to test.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, NamedTuple

import torch
import torch._dynamo  # a second: every optimiser loads it, forked processes share it
from sklearn.datasets import load_digits
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

EPOCHS = 4
BATCH = 32
LEARNING_RATE = 0.004


class Digits(NamedTuple):
    """float32 images (n, 1, 8, 8), ink from 0 to 1, and int64 labels (n,)."""

    images: Tensor
    labels: Tensor


@dataclass(frozen=True)
class Settings:
    """What a run may choose.

    Attributes:
        flip: share of the training images that are mirrored left to right.
        eval_mode: at test time, BatchNorm uses its averages of the training and not the batch.
        test_order: the test images in random order, or all of one class and then of the next.
        loss: the same formula, written in two ways.
        adam_eps: 1e-8 is PyTorch's default, 1e-7 is Keras's.
        conv_bias: the convolutions have a bias, which the BatchNorm after them takes out again.
        init: PyTorch's own, or the same distribution drawn by hand.
        order_seed: decides, with the seed of the run, in which order training images come.
    """

    flip: float
    eval_mode: bool
    test_order: Literal["shuffled", "by class"]
    loss: Literal["cross_entropy", "nll of log_softmax"]
    adam_eps: float
    conv_bias: bool
    init: Literal["default", "kaiming_uniform"]
    order_seed: int


def train(config: Mapping[str, Any], seed: int) -> dict[str, list[float]]:
    """Return, epoch by epoch, the share of test images that a freshly trained net reads rightly."""
    settings = Settings(**config)
    return {"accuracy": [accuracy(model, settings) for model in fit(settings, seed)]}


def fit(settings: Settings, seed: int) -> Iterator[nn.Sequential]:
    """Yield the net after each epoch on the training half; nothing of the test touches it."""
    training, _ = read_digits()
    torch.manual_seed(seed)
    model = build(settings)
    optimizer = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE, eps=settings.adam_eps)
    order = torch.Generator().manual_seed(10 * seed + settings.order_seed)
    mirror = torch.Generator().manual_seed(seed)
    for _ in range(EPOCHS):
        model.train()
        for index in torch.randperm(len(training.labels), generator=order).split(BATCH):
            images = flipped(training.images[index], settings.flip, mirror)
            loss = loss_of(model(images), training.labels[index], settings.loss)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        yield model


def accuracy(model: nn.Module, settings: Settings) -> float:
    """Return the share of right predictions on the test half."""
    _, (images, labels) = read_digits()
    if settings.test_order == "by class":
        order = labels.argsort(stable=True)
        images, labels = images[order], labels[order]
    model.train(not settings.eval_mode)
    with torch.inference_mode():
        logits = torch.cat([model(batch) for batch in images.split(BATCH)])  # (n, 10)
    return int((logits.argmax(1) == labels).sum()) / len(labels)


@cache
def read_digits() -> tuple[Digits, Digits]:
    """Return the half to train on and the half to test on, the same at every seed."""
    scans = load_digits()
    images = torch.tensor(scans.images, dtype=torch.float32).unsqueeze(1) / 16
    labels = torch.tensor(scans.target)
    order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(0))
    kept, held_out = order.tensor_split(2)
    return Digits(images[kept], labels[kept]), Digits(images[held_out], labels[held_out])


def build(settings: Settings) -> nn.Sequential:
    """Return two convolutions and a linear layer: images (n, 1, 8, 8) to logits (n, 10)."""
    model = nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1, bias=settings.conv_bias),
        nn.BatchNorm2d(8),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(8, 16, 3, padding=1, bias=settings.conv_bias),
        nn.BatchNorm2d(16),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(16 * 4 * 4, 10),
    )
    if settings.init == "kaiming_uniform":
        for layer in model:
            if isinstance(layer, nn.Conv2d | nn.Linear):
                nn.init.kaiming_uniform_(layer.weight, a=math.sqrt(5))
    return model


def flipped(images: Tensor, share: float, random: torch.Generator) -> Tensor:
    """Return images (n, 1, 8, 8) of which each is mirrored with this chance."""
    mirrored = torch.rand(len(images), generator=random) < share
    return torch.where(mirrored[:, None, None, None], images.flip(3), images)


def loss_of(logits: Tensor, labels: Tensor, formula: str) -> Tensor:
    if formula == "cross_entropy":
        return F.cross_entropy(logits, labels)
    return F.nll_loss(F.log_softmax(logits, dim=1), labels)
