"""fastai's ``simple_cnn((3, 16, 16, 2))`` in PyTorch."""

from itertools import pairwise

import torch
from settings import CHANNELS, Settings
from torch import nn


def build(settings: Settings) -> nn.Sequential:
    """Return three convolutions of stride 2, a ReLU after each, and the mean over the image."""
    layers: list[nn.Module] = []
    sizes = pairwise(CHANNELS)
    for (before, after), (kernel, bias) in zip(sizes, settings.weights(), strict=True):
        layer = nn.Conv2d(before, after, 3, stride=2, padding=1)
        layer.load_state_dict({"weight": torch.from_numpy(kernel), "bias": torch.from_numpy(bias)})
        layers += [layer, nn.ReLU()]
    model = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten())
    # The same numbers in an order that is a third faster on a CPU.
    return model.to(memory_format=torch.channels_last)


def optimizer(model: nn.Module, settings: Settings) -> torch.optim.Optimizer:
    return torch.optim.AdamW(
        model.parameters(),
        lr=settings.lr,
        betas=settings.betas,
        eps=settings.eps,
        weight_decay=settings.weight_decay,
    )
