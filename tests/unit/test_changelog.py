"""Changelog fragments have the form that a release needs."""

import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "changelog.d"
FRAGMENTS = sorted(path for path in FOLDER.iterdir() if path.name != "README.md")


@pytest.mark.parametrize("path", FRAGMENTS, ids=lambda path: path.name)
def test_a_fragment_is_one_sentence_under_a_kind_that_releases_know(path):
    assert re.fullmatch(r"\+[a-z0-9-]+\.(added|changed|fixed|deprecated|removed)\.md", path.name)
    text = path.read_text().strip()
    assert "\n" not in text
    assert text.endswith(".")
