"""The preview as HTML: complete, closed, and the same pixels."""

import base64
import re
from html.parser import HTMLParser
from io import BytesIO

import numpy as np
import pytest
from tests.fixtures.previews import hostile, small

Image = pytest.importorskip("PIL.Image")


class Reader(HTMLParser):
    """Collects tags with their attributes, and the text outside of the style."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.text, self.open = [], "", []
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag != "img":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.text += data

    def named(self, tag):
        return [attrs for name, attrs in self.tags if name == tag]


def test_the_pictures_are_the_samples_at_their_own_size():
    shown = small(3)
    images = Reader(shown._repr_html_()).named("img")
    pictures = [p for sample in shown.samples for p in (sample.original, sample.seen)]
    assert len(images) == len(pictures)
    for image, picture in zip(images, pictures, strict=True):
        kind, data = image["src"].split(",")
        assert kind == "data:image/png;base64"
        with Image.open(BytesIO(base64.b64decode(data))) as opened:
            np.testing.assert_array_equal(np.asarray(opened), picture)
        height, width = picture.shape[:2]
        assert (int(image["width"]), int(image["height"])) == (6 * width, 6 * height)


def test_every_picture_and_cell_says_what_it_is():
    page = Reader(small(3)._repr_html_())
    assert [image["alt"] for image in page.named("img")][:2] == [
        "#0  cat, original",
        "#0  cat, what the model sees",
    ]
    assert [cell["scope"] for cell in page.named("th")] == ["col"] * 4 + ["row"] * 3
    assert all("role" in attrs for tag in ("table", "tr", "th", "td") for attrs in page.named(tag))
    assert page.named("caption")
    for word in ("PadCrop", "mirrored", "target", "visible", "Warning:", "epoch 4"):
        assert word in page.text


def test_nothing_is_loaded_and_nothing_runs():
    for shown in (small(2), hostile()):
        page = shown._repr_html_()
        tags = Reader(page).tags
        assert {tag for tag, _ in tags} <= {
            *("div", "style", "table", "caption", "span", "b", "thead", "tbody", "tr", "th", "td"),
            *("img", "dl", "dt", "dd"),
        }
        assert not any(name.startswith("on") for _, attrs in tags for name in attrs)
        style = page[page.index("<style>") : page.index("</style>")]
        assert "url(" not in style
        assert "@import" not in style
        assert "http" not in re.sub(r"base64,[^\"]*", "", page)


def test_hostile_names_stay_text():
    page = hostile()._repr_html_()
    assert "<script" not in page
    assert "\x1b" not in page
    assert "\u202e" not in page
    assert "{{7*7}}" in Reader(page).text
    assert len(Reader(page).text) < 40_000


def test_large_pictures_are_made_smaller():
    image = Reader(small(1, (500, 300))._repr_html_()).named("img")[0]
    assert (image["width"], image["height"]) == ("115", "192")
