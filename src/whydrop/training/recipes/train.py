"""train: a recipe and a seed to metrics; the function that a study of recipes calls."""

import contextlib
import importlib
from collections.abc import Mapping
from typing import Any

from whydrop.augment import compiled
from whydrop.training.recipes.build import make_learner, metric_names
from whydrop.training.recipes.load import checked

# What a training loads late, loaded here: processes forked after this import share it.
compiled.preload()
for _name in ("torch._dynamo", "PIL.Image", "scipy.special", "sklearn.datasets"):
    with contextlib.suppress(ImportError):
        importlib.import_module(_name)


def train(config: Mapping[str, Any], seed: int) -> dict[str, list[float]]:
    """Train as a recipe says, and return its metrics after each epoch.

    Each epoch is a line of standard error as it ends.

    Args:
        config: the values of a recipe, as a file has them.
        seed: of all chance.

    Returns:
        By name, each metric of the recipe over the epochs, shares from 0 to 1; "reported" is the
        one that the recipe reports; "train_loss" and "valid_loss".

    Raises:
        DataError: the recipe or its data are wrong; a loss that is no number.
        UsageError: something in it cannot be done.
    """
    recipe = checked(config, "config")
    history = make_learner(recipe, seed).fit(recipe.train.epochs)
    told = {name: history[name] for name in (*metric_names(recipe), "train_loss", "valid_loss")}
    return {"reported": told[recipe.metrics.report], **told}
