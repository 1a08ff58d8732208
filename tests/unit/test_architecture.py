"""ARCHITECTURE.md is true: its tree, its layers and its types are those of the code."""

import re
import tomllib
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "whydrop"
PAGE = (ROOT / "ARCHITECTURE.md").read_text()


def tree_lines() -> list[tuple[str, str]]:
    """Return (path below src/whydrop, description) of each line of the page's tree."""
    match = re.search(r"```text\nsrc/whydrop/\n(.*?)```", PAGE, re.DOTALL)
    assert match
    lines, folders = [], []
    for line in match[1].splitlines():
        depth = (len(line) - len(line.lstrip())) // 2  # two spaces a level; the top is level 1
        name, _, words = line.strip().partition(" ")
        folders = folders[: depth - 1]
        lines.append(("".join([*folders, name]), words.strip()))
        if name.endswith("/"):
            folders.append(name)
    return lines


TREE = tree_lines()


def test_the_tree_names_every_module_and_no_other():
    listed = {path for path, _ in TREE if path.endswith(".py")}
    modules = {path.relative_to(SOURCE).as_posix() for path in SOURCE.rglob("*.py")}
    surface = {path for path in modules if not path.endswith("/__init__.py")}
    assert listed == surface


def test_the_tree_names_every_folder_and_no_other():
    listed = {path.rstrip("/") for path, _ in TREE if path.endswith("/")}
    folders = {path.parent.relative_to(SOURCE).as_posix() for path in SOURCE.rglob("*.py")}
    assert listed == folders - {"."}


@pytest.mark.parametrize(("path", "words"), TREE, ids=[path for path, _ in TREE])
def test_every_line_of_the_tree_says_what_it_is(path, words):
    assert len(words.split()) >= 2, f"{path} is not described"


def test_the_page_and_the_import_contract_state_the_same_layers():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    layers = next(c["layers"] for c in contracts["contracts"] if c["type"] == "layers")
    assert f"`{' > '.join(layers)}`" in PAGE


def test_the_types_that_travel_live_where_the_page_says():
    rows = re.findall(r"^\| `(\w+)` \| `([\w/]+)\.py` \| ", PAGE, re.MULTILINE)
    assert rows
    for name, module in rows:
        assert hasattr(import_module(f"whydrop.{module.replace('/', '.')}"), name), name
