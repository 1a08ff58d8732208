"""The page of recipes beside the schema: every key is there, with its default."""

import io
from pathlib import Path
from typing import get_args

import pytest
from pydantic import BaseModel
from ruamel.yaml import YAML

from whydrop.training.recipes.data_sections import DataSection, Expand, FileSection
from whydrop.training.recipes.optimizer_sections import Optimizer
from whydrop.training.recipes.schema import Recipe

PAGE = (Path(__file__).parents[4] / "docs" / "recipes.md").read_text()
TABLE = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE.partition("## All keys")[2].partition("\n## ")[0].splitlines()
    if line.startswith("| `")
]


def sections(annotation):
    """Return the sections among the alternatives of an annotation."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [each for inner in get_args(annotation) for each in sections(inner)]


def rows():
    """Return (first cell of a row, section) for each section that a recipe may hold."""
    found = [("data", DataSection), ("data.expand", Expand), ("optimizer", Optimizer)]
    for key, field in Recipe.model_fields.items():
        kinds = sections(field.annotation)
        for kind in kinds:
            name = f": {get_args(kind.model_fields['name'].annotation)[0]}" if kinds[1:] else ""
            found.append((f"{key}{name}", kind))
    return found


def own_fields(section):
    """Return the keys that a section says itself, without the name that chooses it."""
    said = dict.fromkeys(section.__annotations__)
    if issubclass(section, FileSection):
        said["path"] = None
    if section is Optimizer:
        del said["lr"]  # each has a default of its own
    fields = {key: section.model_fields[key] for key in said}
    return {k: field for k, field in fields.items() if k != "name" or not field.is_required()}


@pytest.mark.parametrize(("cell", "section"), rows())
def test_every_key_of_a_section_is_on_the_page_with_its_default(cell, section):
    keys = next(row[1] for row in TABLE if row[0] == f"`{cell}`")
    said = {}
    for key in keys.split("`")[1::2]:
        name, _, default = key.partition(": ")
        said[name] = default or "must be given"
    expected = {}
    for key, field in own_fields(section).items():
        default = field.get_default(call_default_factory=True)
        expected[key] = "must be given" if field.is_required() else written(default)
    assert said == expected


def written(value):
    """Return a value as YAML has it in one line."""
    stream = io.StringIO()
    yaml = YAML(typ="safe")
    yaml.default_flow_style = True
    yaml.dump(list(value) if isinstance(value, tuple) else value, stream)
    return stream.getvalue().splitlines()[0]


def test_the_page_has_no_section_that_a_recipe_has_not():
    assert sorted(row[0] for row in TABLE) == sorted(f"`{cell}`" for cell, _ in rows())


def test_every_key_of_a_recipe_is_on_the_page():
    for key, field in Recipe.model_fields.items():
        assert f"`{field.alias or key}`" in PAGE
