"""What importing costs: no framework, and no array library before one is needed."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import whydrop

FRAMEWORKS = {"torch", "keras", "tensorflow", "jax", "lightning", "sklearn"}
HEAVY = FRAMEWORKS | {"numpy", "scipy", "pandas", "matplotlib"}

_REPORT = """
import atexit, sys
atexit.register(lambda: print("LOADED", *{name.partition(".")[0] for name in sys.modules}))
"""


def loaded_by(code: str) -> set[str]:
    """Return the top-level modules that a fresh interpreter has loaded after running code."""
    done = subprocess.run(
        [sys.executable, "-c", _REPORT + code], capture_output=True, text=True, check=True
    )
    return set(done.stdout.rpartition("LOADED")[2].split())


@pytest.mark.parametrize(
    "code",
    [
        "import whydrop",
        "import sys; sys.argv = ['whydrop', '--help']\nfrom whydrop.cli.main import main; main()",
        "import sys; sys.argv = ['whydrop', 'explain', '--help']\n"
        "from whydrop.cli.main import main; main()",
    ],
    ids=["import", "help", "explain --help"],
)
def test_a_first_look_loads_neither_a_framework_nor_an_array_library(code):
    assert "whydrop" in loaded_by(code)
    assert not loaded_by(code) & HEAVY


def test_no_module_but_demo_and_training_loads_a_framework():
    code = """
import importlib, pkgutil, whydrop
for module in pkgutil.walk_packages(whydrop.__path__, "whydrop."):
    own = ("whydrop.demo", "whydrop.training")  # of training, what does without has a test there
    if not module.name.startswith(own) and not module.name.endswith("__main__"):
        importlib.import_module(module.name)
"""
    loaded = loaded_by(code)
    assert {"numpy", "sqlite3"} <= loaded  # the walk went below the surface
    assert not loaded & FRAMEWORKS


@pytest.mark.parametrize("name", whydrop.__all__)
def test_every_public_name_can_be_had_from_the_front_door(name):
    assert getattr(whydrop, name) is not None
    assert name in dir(whydrop)


def test_type_checkers_see_the_public_names_that_programs_see():
    tree = ast.parse(Path(whydrop.__file__).read_text())
    declared = {
        alias.asname: line.module
        for branch in ast.walk(tree)
        if isinstance(branch, ast.If)
        for line in branch.body
        if isinstance(line, ast.ImportFrom)
        for alias in line.names
    }
    assert declared == whydrop._HOME


def test_an_unknown_name_is_an_attribute_error_that_says_it():
    with pytest.raises(AttributeError, match="no attribute 'explian'"):
        _ = whydrop.explian
