"""Text from strangers is neither run nor obeyed."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whydrop.report.visible import FORMULA_STARTS, plain_cell, visible


@given(st.text(max_size=40))
def test_nothing_invisible_is_left_and_nothing_is_lost(text):
    shown = visible(text)
    assert not any(unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for c in shown)
    assert visible(shown) == shown
    assert len(shown) >= len(text)


@pytest.mark.parametrize("mark", ["\x1b", "\x07", "\x9b", "\r", "\n", "\u202e", "\u2066", "\u200b"])
def test_marks_that_move_or_reorder_are_spelt_out(mark):
    assert visible(f"a{mark}b") == f"a{mark.encode('unicode_escape').decode()}b"


@given(st.text(max_size=40))
def test_no_cell_begins_like_a_formula(text):
    assert not plain_cell(text).lstrip(" ").startswith(FORMULA_STARTS)
