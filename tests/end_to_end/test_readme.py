"""README.md is true: its marked examples, and those of docs, run; its commands exist.

An example is marked by a comment on the line before it: ``<!-- runs in examples/NAME -->`` for
shell lines, run in a copy of that folder, or ``<!-- runs -->`` for Python, run in an empty folder.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
SHELL = re.findall(r"<!-- runs in (examples/\w+) -->\n```bash\n(.*?)```", README, re.DOTALL)
KEPT = re.findall(r"<!-- kept in ([\w/.]+) -->\n```text\n(.*?)```", README, re.DOTALL)
PAGES = [README, *(page.read_text() for page in (ROOT / "docs").glob("*.md"))]
PYTHON = re.findall(r"<!-- runs -->\n```python\n(.*?)```", "\n".join(PAGES), re.DOTALL)
CODE = "\n".join(re.findall(r"```.*?```|`[^`\n]+`", README, re.DOTALL))
CALLS = re.findall(r"whydrop ([a-z]+)((?:\\\n|[^`\n|])*)", CODE)


def environment() -> dict[str, str]:
    """Return an environment in which `python` and `whydrop` are those that run this test."""
    return {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}


def test_the_readme_has_examples_of_both_kinds():
    assert SHELL
    assert PYTHON


@pytest.mark.parametrize(("folder", "lines"), SHELL)
def test_a_shell_example_runs_as_it_stands(folder, lines, tmp_path):
    place = shutil.copytree(ROOT / folder, tmp_path / "example")
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", lines],
        cwd=place, env=environment(), capture_output=True, text=True, timeout=100,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("code", PYTHON)
def test_a_python_example_runs_as_it_stands(code, tmp_path):
    script = tmp_path / "example.py"
    script.write_text(code)
    done = subprocess.run(
        [sys.executable, str(script)],
        cwd=tmp_path, env=environment(), capture_output=True, text=True, timeout=100,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_output_that_the_readme_shows_is_output_that_was_kept():
    assert KEPT
    for path, text in KEPT:
        assert (ROOT / path).read_text() == text


def test_every_command_and_option_in_the_readme_exists():
    seen = {}
    for name, rest in CALLS:
        own = re.sub(r'".*?"', "", rest)  # less what is quoted, which is another program's
        seen.setdefault(name, set()).update(re.findall(r"(?<!\S)--[a-z-]+", own))
    assert len(seen) >= 8
    for name, options in seen.items():
        done = subprocess.run(
            [sys.executable, "-m", "whydrop", name, "--help"], capture_output=True, text=True
        )
        assert done.returncode == 0, f"whydrop {name}: {done.stderr}"
        for option in options:
            assert option in done.stdout, f"whydrop {name} has no {option}"
