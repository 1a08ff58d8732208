"""A recipe from a file, checked; what is wrong is said with its line and the nearest key."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path as File
from typing import Any

from pydantic import ValidationError

from whydrop.core.config.document import Document
from whydrop.core.config.file import read_config
from whydrop.core.config.path import Path, name_of
from whydrop.core.errors import DataError, UsageError
from whydrop.training.recipes.changes import changed
from whydrop.training.recipes.combinations import found_in
from whydrop.training.recipes.refusals import Flaw, refusal
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
    versions: list[Mapping[str, Any]] = [document.data]
    for change in changes:
        versions.append(changed(versions[-1], change))
    read = _read(versions[-1])
    if isinstance(read, Recipe):
        return read
    for change, before in zip(reversed(changes), versions[-2::-1], strict=True):
        if _read(before) != read:  # it came by this change, and none since has mended it
            raise UsageError(read.what, where=change, do=read.do)
    raise _in_file(read, str(file), document)


def read_recipe(file: str | File) -> RecipeFile:
    """Return a recipe with the lines of its file; see ``load_recipe``."""
    document = read_config(File(file)).document
    return RecipeFile(File(file), document, checked(document.data, str(file), document))


def checked(
    data: Mapping[str, Any], name: str = "the recipe", document: Document | None = None
) -> Recipe:
    """Return the recipe that plain values describe.

    Args:
        name: what a reader knows it by, such as its file.
        document: has the lines.

    Raises:
        DataError: they describe none, or one that makes no sense.
    """
    read = _read(data)
    if isinstance(read, Flaw):
        raise _in_file(read, name, document)
    return read


def _in_file(flaw: Flaw, name: str, document: Document | None) -> DataError:
    at = f":{document.line_of(flaw.path)}" if document is not None else f", {name_of(flaw.path)}"
    return DataError(flaw.what, where=f"{name}{at}".rstrip(", "), do=flaw.do)


def _read(data: Mapping[str, Any]) -> Recipe | Flaw:
    """Return the recipe that plain values describe, or what is wrong with them."""
    try:
        recipe = Recipe.model_validate(data)
    except ValidationError as error:
        # A key that is not known is often the one that is missing, with a slip in it.
        errors = error.errors(include_url=False)
        errors.sort(key=lambda each: each["type"] != "extra_forbidden")
        return refusal(errors, data)
    for keys, what, do in found_in(recipe):
        return Flaw(_place_of_one(keys, data), what, do)
    return recipe


def _place_of_one(keys: Sequence[str], data: Mapping[str, Any]) -> Path:
    """Return the place of the first of some keys that the data have themselves."""
    paths = (_place(tuple(key.split(".")), data) for key in keys)
    return next((path for path in paths if path), (keys[0].partition(".")[0],))


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
