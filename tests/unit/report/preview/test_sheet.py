"""The contact sheet, opened again: its pixels are those of the samples."""

from dataclasses import replace
from io import BytesIO

import numpy as np
import pytest
from tests.fixtures.previews import hostile, small

import whydrop
from whydrop.core.errors import MissingExtra, UsageError
from whydrop.report.preview import sheet, tiles

Image = pytest.importorskip("PIL.Image")


def opened(data):
    with Image.open(BytesIO(data)) as image:
        assert image.format == "PNG"
        return np.asarray(image.convert("RGB")).astype(int)


def places_of(tile, page):
    """Return the corners at which a tile stands in a page, pixel for pixel."""
    height, width = tile.shape[:2]
    rows, columns = page.shape[0] - height + 1, page.shape[1] - width + 1
    first = (page[:rows, :columns] == tile[0, 0]).all(axis=2)
    return [
        (y, x) for y, x in np.argwhere(first) if (page[y : y + height, x : x + width] == tile).all()
    ]


@pytest.mark.parametrize(("size", "factor"), [((16, 20), 6), ((32, 32), 4), ((100, 70), 1)])
def test_every_sample_stands_in_the_sheet_with_each_pixel_enlarged(size, factor):
    shown = small(3, size)
    page = opened(shown._repr_png_())
    found = []
    for sample in shown.samples:
        for picture in (sample.original, sample.seen):
            large = picture.repeat(factor, axis=0).repeat(factor, axis=1).astype(int)
            (place,) = places_of(large, page)
            found.append(place)
    originals, seens = found[::2], found[1::2]
    assert all(one[0] == other[0] for one, other in zip(originals, seens, strict=True))
    assert len({x for _, x in originals}) == 2  # two columns, aligned
    assert len({x for _, x in seens}) == 2


def test_grey_and_large_pictures_have_a_place_too():
    grey = small(1, (28, 28), channels=1)
    page = opened(grey._repr_png_())
    large = grey.samples[0].original.repeat(4, axis=0).repeat(4, axis=1).astype(int)
    assert len(places_of(np.stack([large] * 3, axis=2), page)) == 1
    assert tiles.tile(small(1, (500, 300)).samples[0].original).size == (115, 192)


def test_columns_stand_beside_each_other():
    one, three = (opened(sheet.preview_to_png(small(3), columns=n)) for n in (1, 3))
    assert one.shape[0] > 2 * three.shape[0] - 150
    assert three.shape[1] > 2 * one.shape[1]
    with pytest.raises(UsageError, match="columns is 0"):
        sheet.preview_to_png(small(1), columns=0)


def test_the_warning_is_in_its_colour():
    def has_colour(shown):
        return (opened(shown._repr_png_()) == (0xB1, 0x45, 0x00)).all(axis=2).any()

    shown = replace(small(1), warning=None)
    assert not has_colour(shown)
    assert has_colour(replace(shown, warning="hides too much"))


def test_long_and_hostile_names_change_no_layout():
    plain, odd = (opened(shown._repr_png_()) for shown in (small(2), hostile()))
    assert odd.shape[1] < 3 * plain.shape[1]
    assert odd.shape[0] < 60_000


def test_text_is_wrapped_to_the_width_it_has():
    font = sheet._font(12)
    text = "rows 3-18, columns 0-11 " * 5 + "W" * 200
    lines = sheet._wrapped(text, font, 200)
    assert max(font.getlength(line) for line in lines) <= 200
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_a_sheet_is_saved_whole_or_not_at_all(tmp_path):
    shown = small(1)
    path = shown.save(tmp_path / "sheet.png")
    assert path.read_bytes() == whydrop.preview_to_png(shown)
    assert [file.name for file in tmp_path.iterdir()] == ["sheet.png"]
    with pytest.raises(UsageError, match="cannot be written"):
        shown.save(tmp_path / "nowhere" / "sheet.png")
    with pytest.raises(UsageError, match=r"does not end in \.png"):
        shown.save(tmp_path / "sheet.jpg")


def test_without_pillow_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setattr(tiles, "find_spec", lambda name: None)
    shown = small(1)
    for show in (shown._repr_png_, shown._repr_html_, lambda: shown.save("sheet.png")):
        with pytest.raises(MissingExtra, match=r"pip install 'whydrop\[images\]'"):
            show()
    assert shown.to_json()


def test_fonts_of_other_machines_do(monkeypatch):
    monkeypatch.setattr(sheet, "FONTS", (("NoSuchFont.ttf", "NoSuchFont.ttf"),))
    assert len(opened(small(1)._repr_png_())) > 128
