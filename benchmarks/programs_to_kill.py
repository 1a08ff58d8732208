"""The programs whose studies ``kills.py`` disturbs: one that is over at once, one that trains."""

import random
from collections.abc import Mapping
from typing import Any


def simulated(config: Mapping[str, Any], seed: int) -> dict[str, float]:
    """Return points at once: `a` costs 4, `b` and `c` together 3, `d` nothing; some trials fail."""
    chance = random.Random(f"{seed} {sorted(config.items())}")
    if chance.random() < 0.05:
        raise RuntimeError("one trial in twenty crashes")
    if chance.random() < 0.05:
        return {"top1": float("nan")}
    lost = 4.0 * config["a"] + 3.0 * (config["b"] and config["c"])
    return {"top1": 90.0 - lost + chance.gauss(0.0, 0.7)}


def trained(config: Mapping[str, Any], seed: int) -> dict[str, float]:
    """Return the accuracy, as a share, of a network trained on scikit-learn's digits."""
    import warnings

    import numpy as np
    from sklearn.datasets import load_digits
    from sklearn.neural_network import MLPClassifier

    warnings.simplefilter("ignore")  # it does not converge in so few epochs
    chance = np.random.default_rng(seed)
    images, labels = load_digits(return_X_y=True)
    order = chance.permutation(len(images))
    images, labels = images[order] / 16.0, labels[order]
    wrong = chance.random(900) < config["wrong_labels"]
    told = np.where(wrong, chance.integers(0, 10, 900), labels[:900])
    model = MLPClassifier(
        (config["width"],), max_iter=12, learning_rate_init=config["lr"], random_state=seed
    )
    model.fit(images[:900], told)
    return {"top1": float(model.score(images[900:], labels[900:]))}


SIMULATED = (
    {"a": False, "b": False, "c": False, "d": False},
    {"a": True, "b": True, "c": True, "d": True},
)
TRAINED = (
    {"wrong_labels": 0.0, "width": 64, "lr": 0.01},
    {"wrong_labels": 0.5, "width": 56, "lr": 0.009},
)
