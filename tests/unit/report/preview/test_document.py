"""Previews as data and as lines of a terminal."""

import io
import json

import pytest
from rich.console import Console
from tests.fixtures.previews import hostile, small

from whydrop.augment.spec import from_dict
from whydrop.report.preview.lines import print_preview
from whydrop.report.preview.wording import weight_words


def printed(shown, width=80):
    file = io.StringIO()
    print_preview(shown, Console(file=file, width=width))
    return file.getvalue()


def test_the_json_has_draws_targets_and_shares():
    shown = small(3)
    data = json.loads(shown.to_json())
    assert data["schema"] == "whydrop.preview/1"
    assert from_dict(data["pipeline"]).names == (
        *("PadCrop", "HorizontalFlip", "Normalize", "Cutout", "CutMix"),
    )
    assert (data["epoch"], data["size"]) == (4, [16, 20])
    assert data["visible"]["mean"] == shown.visible.mean
    assert data["warning"] == shown.warning
    for row, sample in zip(data["samples"], shown.samples, strict=True):
        assert row["index"] == sample.index
        assert row["draws"] == sample.draws
        assert row["visible"] == sample.visible
        assert [(t["class"], t["weight"]) for t in row["target"]] == list(sample.target.weights)


def test_the_json_is_ascii_whatever_the_names_are():
    text = hostile().to_json()
    assert text.isascii()
    assert json.loads(text)["samples"][0]["label"] == hostile().samples[0].label


def test_the_lines_have_each_sample_once_and_the_warning_last():
    text = printed(small(3))
    assert text.count("#11  dog") == 1
    assert text.count("PadCrop ") >= 3
    assert "visible on average" in text
    assert text.rstrip().splitlines()[-1].endswith("hide less.")
    assert max(map(len, text.splitlines())) <= 80


def test_names_cannot_steer_the_terminal():
    text = printed(hostile())
    assert "\x1b" not in text
    assert "\u202e" not in text


@pytest.mark.parametrize(
    ("weight", "words"),
    [(1.0, "1"), (0.5, ".50"), (0.999, "1"), (0.004, ".004"), (0.0, "0"), (1.5, "1.50")],
)
def test_weights_are_short(weight, words):
    assert weight_words(weight) == words
