"""Imported: its notes as text and in a notebook; order; how often rectangles are drawn again."""

import math
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from whydrop.augment import (
    Affine,
    ColorJitter,
    Cutout,
    HorizontalFlip,
    MixUp,
    Normalize,
    Pipeline,
    RandomErasing,
    ResizedCrop,
    from_keras,
)
from whydrop.augment.importers.imported import Imported, Note
from whydrop.augment.importers.order import order_notes
from whydrop.augment.importers.retries import share_too_large
from whydrop.augment.importers.translation import brief

PAGE = Path(__file__).parents[4] / "docs" / "augment.md"
NOTES = (
    Note("RandomFlip", "HorizontalFlip()"),
    Note("Random<Crop> & more", "PadCrop(pad=4)", "what comes in is black " * 6, "<b>nothing</b>"),
)
MADE = Imported("a library", Pipeline([HorizontalFlip()]), NOTES)


def test_the_text_holds_every_note_within_100_columns():
    text = str(MADE)
    lines = text.splitlines()
    assert lines[0] == "From a library: 1 operation; 1 of 2 notes differ."
    assert max(map(len, lines)) <= 100
    words = " ".join(text.split())
    for note in NOTES:
        for word in (*note.transform.split(), note.became, *" ".join(note.remarks).split()):
            assert word in words
    assert lines[4].split() == ["RandomFlip", "HorizontalFlip()"]


def test_columns_stand_below_their_headings():
    heading, *rows = str(MADE).splitlines()[2:]
    for name, text in (
        ("  here", "  PadCrop"),
        ("what to know", "there:"),
        ("what to know", "differs:"),
    ):
        assert any(row.find(text) == heading.index(name) for row in rows)


class Cells(HTMLParser):
    """Reads the cells of a table."""

    def __init__(self):
        super().__init__()
        self.cells, self.open = [], []

    def handle_starttag(self, tag, attrs):
        self.open += [] if tag == "br" else [tag]
        self.cells += [""] if tag in ("td", "th") else []

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.cells:
            self.cells[-1] += data


def test_a_notebook_shows_a_table_in_which_text_stays_text():
    reader = Cells()
    reader.feed(MADE._repr_html_())
    assert reader.open == []
    assert reader.cells[:6] == [
        "transform there",
        "here",
        "what to know",
        "RandomFlip",
        "HorizontalFlip()",
        "",
    ]
    assert reader.cells[6] == "Random<Crop> & more"
    assert reader.cells[8] == f"there: {NOTES[1].default}differs: <b>nothing</b>"


def test_the_page_shows_what_its_example_prints():
    example, shown = re.search(
        r"<!-- runs -->\n```python\n((?:(?!```).)*from_keras.*?)```\n\n"
        r"<!-- printed by the example above -->\n```text\n(.*?)```",
        PAGE.read_text(),
        re.DOTALL,
    ).groups()
    done = subprocess.run(
        [sys.executable, "-c", example], capture_output=True, text=True, check=True
    )
    assert done.stdout == shown


def test_importers_load_none_of_the_libraries():
    code = """
import sys
from whydrop.augment import from_albumentations, from_keras, from_torchvision
from_keras({'horizontal_flip': True})
from_torchvision([])
from_albumentations({'__version__': '2.0.8', 'transform': {'__class_fullname__': 'NoOp'}})
print(*{name.partition('.')[0] for name in sys.modules})
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "numpy" in loaded
    assert not loaded & {"torch", "torchvision", "albumentations", "cv2", "keras", "PIL", "scipy"}


@pytest.mark.parametrize(
    ("op", "text"),
    [
        (HorizontalFlip(), "HorizontalFlip()"),
        (HorizontalFlip(0.25), "HorizontalFlip(probability=0.25)"),
        (Normalize((0.5,), (1 / 3,)), "Normalize(mean=(0.5,), std=(0.333333,))"),
        (Affine(mode="edge", degrees=(1, 2)), "Affine(degrees=(1, 2), mode='edge')"),
    ],
)
def test_an_operation_is_shown_as_it_would_be_typed(op, text):
    assert brief(op) == text


NORMALIZE = Normalize((0.5,), (0.25,))


@pytest.mark.parametrize(
    ("ops", "texts"),
    [
        ([HorizontalFlip(), ColorJitter(0.1), NORMALIZE, Cutout(3), MixUp()], []),
        ([Cutout(3), NORMALIZE], ["the hole holds -2.00; 0 would be the mean"]),
        ([Cutout(3, fill=0.75), NORMALIZE], ["the hole holds 1.00"]),
        ([RandomErasing(fill="noise"), NORMALIZE], ["changes the noise in the hole too"]),
        ([NORMALIZE, HorizontalFlip()], ["it is the same before Normalize"]),
        ([NORMALIZE, Affine(9)], ["is 0, the mean colour"]),
        ([NORMALIZE, Affine(9, fill=0.5)], ["at the border is 0.5"]),
        ([NORMALIZE, Affine(9, mode="edge")], ["it is the same before Normalize"]),
        ([ColorJitter(0.1), HorizontalFlip()], ["keeps its colour"]),
        ([Cutout(3), HorizontalFlip()], ["holes are moved with the image"]),
        ([Cutout(3), ColorJitter(0.1)], ["the colour of holes is changed"]),
        ([MixUp(), HorizontalFlip()], ["two images are mixed, then moved"]),
        ([MixUp(), ColorJitter(0.1)], ["two images are mixed, then changed"]),
        ([MixUp(), NORMALIZE], ["the same, up to rounding"]),
        ([MixUp(), Cutout(3)], ["its labels stay as they are"]),
        ([Cutout(3), Cutout(3), NORMALIZE, HorizontalFlip()], ["0 would be", "moved", "the same"]),
    ],
)
def test_an_order_that_is_not_safe_is_explained_once_for_each_two_kinds(ops, texts):
    notes = order_notes(ops)
    assert len(notes) == len(texts)
    for text in texts:
        assert any(text in note.default for note in notes)
    assert (Pipeline(ops, order="as given" if notes else "safe")).ops == tuple(ops)


def test_the_share_of_rectangles_that_do_not_fit_is_that_of_the_integral():
    # A square's share a is too large for a side ratio e^|t| with t uniform on [-w, w] where
    # a > e^-|t|; over a uniform on [low, 1] that is (1 - (1 - e^-w) / w) / (1 - low).
    for low, ratio in ((0.08, 4 / 3), (0.3, 3.0)):
        wide = math.log(ratio)
        expected = (1 - (1 - math.exp(-wide)) / wide) / (1 - low)
        if math.exp(-wide) > low:
            assert share_too_large((low, 1.0), (1 / ratio, ratio)) == pytest.approx(
                expected, abs=1e-3
            )
    assert share_too_large((0.1, 0.2), (0.5, 2.0)) == 0


def test_a_rectangle_that_does_not_fit_is_clipped_as_often_as_said():
    op = ResizedCrop()
    u = np.random.default_rng(0).random((4, 20_000))
    area, ratio = 0.08 + 0.92 * u[0], np.exp(np.log(0.75) + np.log(16 / 9) * u[1])
    there = (np.sqrt(area * ratio) > 1) | (np.sqrt(area / ratio) > 1)
    share = share_too_large(op.scale, op.ratio)
    assert abs(there.mean() - share) < 5 * np.sqrt(share / 20_000)


def test_nothing_to_import_is_an_empty_pipeline_with_the_note_on_all():
    imported = from_keras([])
    assert imported.pipeline.ops == ()
    assert [note.transform for note in imported.notes] == ["all", "values"]
