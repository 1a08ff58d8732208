"""What pydantic refuses, in words: what is there, where, and what to write instead."""

import difflib
from collections.abc import Callable, Mapping
from typing import Any, get_args

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from whydrop.core.config.path import Path, name_of
from whydrop.core.errors import WhydropError
from whydrop.training.recipes.schema import Recipe

Wrong = Callable[[Path, str, str], WhydropError]


def refusal(error: ErrorDetails, data: Mapping[str, Any], wrong: Wrong) -> WhydropError:
    """Return one error of pydantic in words.

    Args:
        data: what was refused.
        wrong: makes an error of a place, what is wrong there, and what to do.
    """
    kind, value, context = error["type"], error["input"], error.get("ctx", {})
    path = _in_data(error["loc"], data)
    name = name_of(path)
    if kind == "extra_forbidden":
        known = _keys(_section(path[:-1], data))
        home = name_of(path[:-1]) or "a recipe"
        return wrong(path, f"there is no key {name!r}", _nearest(path[-1], known, f"{home} has"))
    if kind == "missing":
        last = error["loc"][-1]
        return wrong(path, f"{name_of((*path, last))!r} is missing", "add it")
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        known = [name for section in _sections(path) for name in _names(section)]
        given = value.get("name") if isinstance(value, Mapping) else None
        what = f"there is no {name} {given!r}" if given is not None else f"{name} has no name"
        return wrong((*path, "name"), what, _nearest(given, known, "give one of"))
    if kind == "refused":
        return wrong(path, f"{name}: {context['what']}", context["do"])
    if kind == "literal_error":
        do = f"give {context['expected']}"
    else:
        do = f"it should {error['msg'].removeprefix('Input should ')}"
    return wrong(path, f"{name or 'the recipe'} is {value!r:.100}", do)


def _nearest(given: object, known: list[str], otherwise: str) -> str:
    near = difflib.get_close_matches(str(given), known, 1)
    return f"did you mean {near[0]!r}?" if near else f"{otherwise} {', '.join(known)}"


def _in_data(loc: tuple[str | int, ...], data: Any) -> Path:
    """Return a place of pydantic's, less the names of the alternatives that it tried."""
    path: list[str | int] = []
    for key in loc:
        if isinstance(data, Mapping):
            inside = key in data
        else:
            inside = isinstance(data, list) and isinstance(key, int) and key < len(data)
        if inside:
            data = data[key]
            path.append(key)
    return tuple(path)


def _section(path: Path, data: Any) -> type[BaseModel] | None:
    """Return the class of the part of a recipe at a path."""
    section: type[BaseModel] | None = Recipe
    for key in path:
        data = data[key]
        field = section.model_fields.get(str(key)) if section is not None else None
        kinds = _classes(field.annotation) if field is not None else []
        tag = data.get("name") if isinstance(data, Mapping) else None
        section = next((k for k in kinds if len(kinds) == 1 or tag in _names(k)), None)
    return section


def _sections(path: Path) -> list[type[BaseModel]]:
    return _classes(Recipe.model_fields[str(path[0])].annotation)


def _keys(section: type[BaseModel] | None) -> list[str]:
    fields = section.model_fields if section is not None else {}
    return [field.alias or name for name, field in fields.items()]


def _names(section: type[BaseModel]) -> tuple[str, ...]:
    field = section.model_fields.get("name")
    return get_args(field.annotation) if field is not None else ()


def _classes(annotation: Any) -> list[type[BaseModel]]:
    """Return the sections among the alternatives of a field."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [kind for inner in get_args(annotation) for kind in _classes(inner)]
