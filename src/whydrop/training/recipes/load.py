"""A recipe from a file, checked; what is wrong is said with its line and the nearest key."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path as File
from typing import Any

from pydantic import ValidationError

from whydrop.core.config.document import Document
from whydrop.core.config.file import read_config
from whydrop.core.config.path import Path, name_of
from whydrop.core.errors import DataError, UsageError, WhydropError
from whydrop.training.recipes.changes import changed
from whydrop.training.recipes.combinations import found_in
from whydrop.training.recipes.refusals import refusal
from whydrop.training.recipes.schema import Recipe


@dataclass(frozen=True)
class RecipeFile:
    """A recipe with the lines of its file."""

    file: File
    document: Document
    recipe: Recipe


def load_recipe(file: str | File, changes: Sequence[str] = ()) -> Recipe:
    """Return the recipe in a YAML, JSON or TOML file.

    Args:
        changes: what is to be otherwise, such as ``"optimizer.lr=0.1"``: see ``changed``.

    Raises:
        UsageError: no such file; a change that cannot be made, or makes no recipe.
        DataError: the file holds no recipe, or one that makes no sense; says the line.
    """
    document = read_config(File(file)).document
    data: Mapping[str, Any] = document.data
    paths: dict[Path, str] = {}
    for change in changes:
        data, path = changed(data, change)
        paths[path] = change
    return checked(data, str(file), document, paths)


def read_recipe(file: str | File) -> RecipeFile:
    """Return a recipe with the lines of its file; see ``load_recipe``."""
    document = read_config(File(file)).document
    return RecipeFile(File(file), document, checked(document.data, str(file), document))


def checked(
    data: Mapping[str, Any],
    name: str = "the recipe",
    document: Document | None = None,
    changes: Mapping[Path, str] | None = None,
) -> Recipe:
    """Return the recipe that plain values describe.

    Args:
        name: what a reader knows it by, such as its file.
        document: has the lines.
        changes: what was changed after reading, by its place; an error there names the change.

    Raises:
        DataError: they describe none, or one that makes no sense.
        UsageError: likewise, by a change.
    """

    def changed_at(path: Path) -> str | None:
        for place, change in (changes or {}).items():
            if path[: len(place)] == place or place[: len(path)] == path != ():
                return change
        return None

    def wrong(path: Path, what: str, do: str) -> WhydropError:
        change = changed_at(path)
        if change is not None:
            return UsageError(what, where=change, do=do)
        at = f":{document.line_of(path)}" if document is not None else f", {name_of(path)}"
        return DataError(what, where=f"{name}{at}".rstrip(", "), do=do)

    try:
        recipe = Recipe.model_validate(data)
    except ValidationError as error:
        # A key that is not known is often the one that is missing, with a slip in it.
        errors = error.errors(include_url=False)
        errors.sort(key=lambda each: each["type"] != "extra_forbidden")
        raise refusal(errors[0], data, wrong) from None
    for keys, what, do in found_in(recipe):
        places = _places(keys, data)
        raise wrong(next((path for path in places if changed_at(path)), places[0]), what, do)
    return recipe


def _places(keys: Sequence[str], data: Mapping[str, Any]) -> list[Path]:
    """Return the places of those of some keys that the data have themselves; one at least."""
    paths = [_place(tuple(key.split(".")), data) for key in keys]
    return [path for path in paths if path] or [(keys[0].partition(".")[0],)]


def _place(path: Path, data: Mapping[str, Any]) -> Path:
    """Return a path as the data have it, an operation's by its position; () if they do not."""
    place: Any = data
    for at, key in enumerate(path):
        ops = place.get("ops") if isinstance(place, Mapping) else None
        named = [op.get("op") if isinstance(op, Mapping) else None for op in ops or ()]
        if key in named:
            return (*path[:at], "ops", named.index(key))
        place = place.get(key) if isinstance(place, Mapping) else None
    return path if place is not None else ()
