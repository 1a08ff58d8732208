"""The public names of whydrop.augment: on its page, and the same to Python and to type checkers."""

import ast
import inspect
import re
from pathlib import Path

import pytest

import whydrop.augment as augment

PAGE = Path(__file__).parents[3] / "docs" / "augment.md"
EXAMPLE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("name", augment.__all__)
def test_each_is_named_on_the_page_outside_its_examples(name):
    assert re.search(rf"`{name}\b", EXAMPLE.sub("", PAGE.read_text()))


def test_type_checkers_see_what_python_loads():
    tree = ast.parse(inspect.getsource(augment))
    (block,) = (node for node in tree.body if isinstance(node, ast.If))
    seen = {a.asname: i.module for i in block.body for a in i.names}
    assert seen == augment._HOME
    assert {name: getattr(augment, name).__name__ for name in seen} == {n: n for n in seen}
