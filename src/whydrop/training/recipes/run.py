"""A recipe trained in a folder of its own, which keeps all of it and can be gone on with."""

import json
import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from whydrop.core.errors import DataError, Interrupted, UsageError
from whydrop.training.callbacks.callback import Callback
from whydrop.training.history import History, Row
from whydrop.training.recipes.build import make_learner
from whydrop.training.recipes.schema import Recipe

if TYPE_CHECKING:
    from whydrop.training.learner import Learner

SCHEMA = "whydrop.history/1"
RECIPE, HISTORY, CHECKPOINT = "recipe.json", "history.json", "checkpoint.safetensors"


def run(recipe: Recipe, seed: int, *, out: Path | None = None, quiet: bool = False) -> History:
    """Train a recipe, from where a folder has it, and return its history.

    Args:
        seed: of all chance.
        out: gets the recipe with all its defaults, the history and a checkpoint, both after each
            epoch. One that has them already goes on; more epochs than before may be asked for
            where the learning rate does not depend on their number. One in which no epoch was
            finished is begun anew, by any recipe.
        quiet: show nothing meanwhile.

    Raises:
        UsageError: the folder holds another training, or cannot be written.
        DataError: something in it is damaged; or as of ``make_learner``.
        Interrupted: Ctrl-C; what the folder has by then are all the finished epochs.
    """
    if out is None:
        learner = make_learner(recipe, seed)
        try:
            return learner.fit(recipe.train.epochs, quiet=quiet)
        except KeyboardInterrupt:
            raise Interrupted(
                f"interrupted after {_epochs(learner, recipe)}, of which nothing is kept",
                do="name a folder with --out: then the same line again goes on",
            ) from None
    _claim(out, recipe, seed)
    keep = _Keep(out, recipe, seed)
    learner = make_learner(recipe, seed, callbacks=[keep])
    if (out / CHECKPOINT).exists():
        learner.load(out / CHECKPOINT)
        keep.history(learner)  # a kill between the two files leaves it an epoch behind
    left = recipe.train.epochs - learner.epoch
    try:
        return learner.fit(left, quiet=quiet) if left > 0 else learner.history
    except KeyboardInterrupt:
        if keep.epochs < learner.epoch:
            keep.all(learner)
        raise Interrupted(
            f"interrupted after {_epochs(learner, recipe)}",
            where=str(out),
            do="go on by the same line again" if learner.epoch else "begin by the same line again",
        ) from None


def _epochs(learner: "Learner", recipe: Recipe) -> str:
    return f"{learner.epoch} of {recipe.train.epochs} epochs"


def history_json(history: History, recipe: Recipe, seed: int) -> str:
    """Return a history as JSON text, with what it is a history of; NaN is null."""
    data = {
        "schema": SCHEMA,
        "seed": seed,
        "metrics": [
            {"name": metric.name, "direction": metric.direction, "unit": metric.unit}
            for metric in history.metrics
        ],
        "rows": [{k: v if math.isfinite(v) else None for k, v in r.items()} for r in history.rows],
        "recipe": recipe.plain(),
    }
    return json.dumps(data, indent=1, allow_nan=False) + "\n"


class _Keep(Callback):
    """Write the checkpoint and the history after each epoch."""

    def __init__(self, folder: Path, recipe: Recipe, seed: int) -> None:
        self._folder, self._recipe, self._seed = folder, recipe, seed
        self.epochs = 0  # of which both are written

    def on_epoch_end(self, learner: "Learner", row: Row) -> str | None:
        self.all(learner)
        return None

    def all(self, learner: "Learner") -> None:
        learner.save(self._folder / CHECKPOINT)
        self.history(learner)

    def history(self, learner: "Learner") -> None:
        _write(self._folder / HISTORY, history_json(learner.history, self._recipe, self._seed))
        self.epochs = learner.epoch


def _claim(folder: Path, recipe: Recipe, seed: int) -> None:
    """Make a folder that of a recipe, unless it has something else in it."""
    mine: dict[str, Any] = {"seed": seed, "recipe": recipe.plain()}
    file = folder / RECIPE
    if file.exists():
        before = _read(file)
        if any((folder / name).exists() for name in (CHECKPOINT, HISTORY)):
            _require_same(before, mine, file)
    elif folder.exists() and any(folder.iterdir()):
        what = "the folder holds something else"
        raise UsageError(what, where=str(folder), do="name a new folder, or an empty one")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(folder, error) from error
    _write(file, json.dumps(mine, indent=1) + "\n")


def _require_same(before: Mapping[str, Any], now: Mapping[str, Any], file: Path) -> None:
    old, new = _flat(before), _flat(now)
    epochs = "recipe.train.epochs"
    may_grow = old.get("recipe.schedule.name") in ("constant", "step")
    for name in dict.fromkeys((*old, *new)):
        if old.get(name) == new.get(name) or (
            name == epochs and may_grow and new[name] >= old.get(name, 0)
        ):
            continue
        shown = name.removeprefix("recipe.")
        raise UsageError(
            f"the training in this folder has {shown} {old.get(name)!r}, not {new.get(name)!r}",
            where=str(file),
            do="give the same recipe to go on with it, or name another folder",
        )


def _flat(data: Any, name: str = "") -> dict[str, Any]:
    if not isinstance(data, Mapping):
        return {name: data}
    flat: dict[str, Any] = {}
    for key, value in data.items():
        flat |= _flat(value, f"{name}.{key}" if name else str(key))
    return flat


def _read(file: Path) -> Mapping[str, Any]:
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
        if not isinstance(data, dict) or data.keys() != {"seed", "recipe"}:
            raise ValueError("it does not hold a seed and a recipe")
    except (OSError, ValueError) as error:
        what = f"this is not the recipe of a training: {error}"
        raise DataError(what, where=str(file), do="name another folder") from None
    return data


def _write(file: Path, text: str) -> None:
    """Replace a file in one step."""
    whole = file.with_name(f"{file.name}.{os.getpid()}")
    try:
        whole.write_text(text, encoding="utf-8")
        whole.replace(file)
    except OSError as error:
        raise _unwritable(file, error) from error


def _unwritable(place: Path, error: OSError) -> UsageError:
    what = f"it cannot be written: {error.strerror or error}"
    return UsageError(what, where=str(place), do="make room, or name another folder")
