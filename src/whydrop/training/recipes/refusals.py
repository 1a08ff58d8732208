"""What pydantic refuses, in words: what is there, where, and what to write instead."""

import difflib
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, get_args

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from whydrop.core.config.path import Path, name_of
from whydrop.training.recipes.schema import Recipe

# Words for what pydantic says in its own; "{given}" is the value that it refuses.
WORDS = {
    "bool_type": "true or false",
    "dict_type": "a mapping, such as {{key: value}}",
    "invalid_key": "a text",
    "model_type": "a mapping",
    "string_too_short": "a text that is not empty",
    "string_type": "a text",
    "too_short": "a list of {min_length} or more",
    "tuple_type": "a list, such as [{given}]",
}


class Flaw(NamedTuple):
    """What is wrong with a recipe.

    Attributes:
        path: where.
        what: is wrong, with the value seen.
        do: what to write instead.
    """

    path: Path
    what: str
    do: str


def refusal(errors: Sequence[ErrorDetails], data: Mapping[str, Any]) -> Flaw:
    """Return the first of pydantic's errors in words.

    Args:
        errors: one at least.
        data: what was refused.
    """
    error = errors[0]
    kind, value, context = error["type"], error["input"], error.get("ctx", {})
    path = _in_data(error["loc"], data)
    name = name_of(path)
    if kind == "extra_forbidden":
        known = _keys(_section(path[:-1], data))
        home = name_of(path[:-1]) or "a recipe"
        return Flaw(path, f"there is no key {name!r}", _nearest(path[-1], known, f"{home} has"))
    if kind == "missing":
        last = error["loc"][-1]
        return Flaw(path, f"{name_of((*path, last))!r} is missing", "add it")
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        known = _tags(path)
        given = value.get("name") if isinstance(value, Mapping) else None
        what = f"there is no {name} {given!r}" if given is not None else f"{name} has no name"
        return Flaw((*path, "name"), what, _nearest(given, known, "give one of"))
    if kind == "refused":
        return Flaw(path, f"{name}: {context['what']}", context["do"])
    # A key that takes values of several kinds has an error for each; a list that is one of them
    # is told by what is wrong inside it.
    places = [(_in_data(each["loc"], data), each) for each in errors]
    path, error = max(
        ((at, each) for at, each in places if at[: len(path)] == path), key=lambda it: len(it[0])
    )
    wanted = dict.fromkeys(_wanted(each, path, data) for at, each in places if at == path)
    what = f"{name_of(path) or 'the recipe'} is {error['input']!r:.100}"
    return Flaw(path, what, f"it should be {' or '.join(wanted)}")


def _wanted(error: ErrorDetails, path: Path, data: Mapping[str, Any]) -> str:
    """Return what should be at a path, in words that follow "it should be"."""
    kind, value, context = error["type"], error["input"], error.get("ctx", {})
    if kind == "literal_error":
        return str(context["expected"])
    if kind == "string_pattern_mismatch":
        section = _section(path[:-1], data)
        return str(section and section.model_fields[str(path[-1])].description)
    tags = _tags(path) if kind in ("model_type", "model_attributes_type") else []
    if tags:
        name = name_of(path)
        tag = next(iter(difflib.get_close_matches(str(value), tags, 1)), tags[0])
        return f"a mapping with a name: {{name: {tag}}}, or {name}.name={tag} as a change"
    if kind in WORDS:
        return WORDS[kind].format(given=value, **context)
    return error["msg"].removeprefix("Input should be ")


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


def _tags(path: Path) -> list[str]:
    """Return the names that the section at a path may have."""
    kinds = _classes(Recipe.model_fields[str(path[0])].annotation) if len(path) == 1 else []
    return [name for kind in kinds for name in _names(kind)]


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
