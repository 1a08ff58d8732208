"""train: a recipe and a seed to metrics; the function that a study of recipes calls."""

import contextlib
import importlib
from collections.abc import Mapping
from typing import Any

from whydrop.augment import compiled
from whydrop.training.data import Data
from whydrop.training.recipes.build import make_learner, metric_names
from whydrop.training.recipes.data import read_data
from whydrop.training.recipes.load import checked

# What a training loads late, loaded here: processes forked after this import share it.
compiled.preload()
for _name in ("torch._dynamo", "PIL.Image", "scipy.special"):
    with contextlib.suppress(ImportError):
        importlib.import_module(_name)

_read: dict[str, Data] = {}  # by the data section as JSON


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
    learner = make_learner(recipe, seed, data=_read.get(recipe.data.model_dump_json()))
    history = learner.fit(recipe.train.epochs)
    told = {name: history[name] for name in (*metric_names(recipe), "train_loss", "valid_loss")}
    return {"reported": told[recipe.metrics.report], **told}


def prepare(config: Mapping[str, Any]) -> None:
    """Read the data of a recipe once, for every ``train`` of this process and of its forks.

    Raises:
        DataError, UsageError: as ``train``.
    """
    section = checked(config, "config").data
    _read[section.model_dump_json()] = read_data(section)


train.prepare = prepare  # type: ignore[attr-defined]  # a study calls it before it forks trials
