"""A real training for ``kills.py`` to disturb; a fork server imports its library once."""

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
from sklearn.datasets import load_digits
from sklearn.neural_network import MLPClassifier

IMAGES, LABELS = load_digits(return_X_y=True)  # (1797, 64), 0 to 16; (1797,)


def trained(config: Mapping[str, Any], seed: int) -> dict[str, float]:
    """Return the accuracy, as a share, of a network trained on scikit-learn's digits."""
    warnings.simplefilter("ignore")  # it does not converge in so few epochs
    chance = np.random.default_rng(seed)
    order = chance.permutation(len(IMAGES))
    images, labels = IMAGES[order] / 16.0, LABELS[order]
    wrong = chance.random(900) < config["wrong_labels"]
    told = np.where(wrong, chance.integers(0, 10, 900), labels[:900])
    model = MLPClassifier(
        (config["width"],), max_iter=12, learning_rate_init=config["lr"], random_state=seed
    )
    model.fit(images[:900], told)
    return {"top1": float(model.score(images[900:], labels[900:]))}
