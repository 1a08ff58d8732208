"""What the three programs share: the training, the augmentation and the weights to begin with."""

import argparse
import math
import os
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from data import Digits, load
from numpy.typing import NDArray

from whydrop.augment import MixUp, Pipeline

CHANNELS = (3, 16, 16, 2)  # of fastai's simple_cnn
Weights = list[tuple[NDArray[np.float32], NDArray[np.float32]]]


@dataclass(frozen=True)
class Settings:
    """One training; the defaults are those of fastai 1.0's ``learn.fit(8)``.

    Attributes:
        alpha: of mixup; 0 for none.
        weight_decay: apart from the gradient, as AdamW has it, of biases too.
    """

    alpha: float = 0.0
    seed: int = 0
    epochs: int = 8
    batch_size: int = 64
    lr: float = 3e-3
    betas: tuple[float, float] = (0.9, 0.99)
    eps: float = 1e-8
    weight_decay: float = 0.01

    def pipeline(self) -> Pipeline:
        """Return the augmentation: fastai's mixup, a weight a sample from Beta(alpha, alpha)."""
        mixing = [MixUp(self.alpha, pairing="permutation")] if self.alpha else []
        return Pipeline(mixing, classes=CHANNELS[-1], seed=self.seed)

    def weights(self) -> Weights:
        """Return kernels (out, in, 3, 3), Kaiming-normal, and biases of 0, layer by layer."""
        random = np.random.default_rng(self.seed)
        made = []
        for before, after in pairwise(CHANNELS):
            scale = math.sqrt(2 / (9 * before))  # He et al. (2015), equation 10
            kernel = random.normal(scale=scale, size=(after, before, 3, 3))
            made.append((kernel.astype(np.float32), np.zeros(after, np.float32)))
        return made


@dataclass(frozen=True)
class Epoch:
    """What is known after an epoch; losses are means over samples, accuracy from 0 to 1."""

    train_loss: float
    valid_loss: float
    accuracy: float


Train = Callable[[Settings, Digits, Digits], list[Epoch]]


def run(train: Train) -> None:
    """Run a program from the command line: one training, a line an epoch."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--alpha", type=float, default=0.0, help="of mixup; 0 for none")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, default=Settings.epochs)
    parser.add_argument("--data", type=Path, default=os.environ.get("WHYDROP_DATA", "data"))
    options = parser.parse_args()
    settings = Settings(options.alpha, options.seed, options.epochs)
    epochs = train(settings, load(options.data, "train"), load(options.data, "t10k"))
    for number, epoch in enumerate(epochs, 1):
        print(
            f"epoch {number} train_loss {epoch.train_loss:.4f} "
            f"valid_loss {epoch.valid_loss:.4f} accuracy {epoch.accuracy:.4f}"
        )
