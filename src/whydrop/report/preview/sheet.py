"""Previewed samples as one picture: a contact sheet."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from whydrop.augment.previews import Preview, PreviewedSample
from whydrop.core.errors import UsageError
from whydrop.report.preview.tiles import png, require_pillow, tile
from whydrop.report.preview.wording import (
    heading_of,
    lines_of,
    remarks_of,
    summary_of,
    title_of,
    warning_of,
)

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont
    from PIL.ImageFont import ImageFont as BitmapFont

    Font = FreeTypeFont | BitmapFont

# The colours of the report's page, on light paper.
PAPER, INK, MUTED, RULE, BAD = "#fcfcfa", "#1c2024", "#5a626b", "#dfe0db", "#b14500"
TEXT_PX = 12
LEADING = 17  # pixels from one line to the next
MARGIN, GAP = 24, 12
WORDS_PX = 250  # width of what is said of an operation
ABOVE = "original", "what the model sees"
# Of the system, since they have more alphabets than Pillow's own; regular and bold.
FONTS = (("DejaVuSans.ttf", "DejaVuSans-Bold.ttf"), ("Arial.ttf", "Arial Bold.ttf"))


class _Card(NamedTuple):
    """One sample, ready to be put down.

    Attributes:
        title: of the sample.
        tiles: original and what the model sees.
        lines: word and text, the word empty where a text goes on.
        height: in pixels.
    """

    title: str
    tiles: "tuple[Image, Image]"
    lines: list[tuple[str, str]]
    height: int


def write_preview(preview: Preview, path: str | Path, *, columns: int = 2) -> Path:
    """Write the contact sheet as a PNG file, and return its path.

    The file appears whole or not at all, also where an older one is replaced.

    Raises:
        MissingExtra: Pillow is not installed.
        UsageError: the file cannot be written.
    """
    target = Path(path)
    if target.suffix.lower() != ".png":
        raise UsageError(
            f"{target.name!r} does not end in .png", where=str(path), do="name it sheet.png, say"
        )
    data = preview_to_png(preview, columns=columns)
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        part.write_bytes(data)
        part.replace(target)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise UsageError(
            f"the sheet cannot be written: {error.strerror}",
            where=str(target),
            do="name a file in a folder that exists and is yours",
        ) from error
    return target


def preview_to_png(preview: Preview, *, columns: int = 2) -> bytes:
    """Return the contact sheet as a PNG file.

    Args:
        preview: the samples.
        columns: samples beside each other.

    Raises:
        MissingExtra: Pillow is not installed.
        UsageError: no column.
    """
    require_pillow("contact sheet")
    if columns < 1:
        raise UsageError(f"columns is {columns}", where="contact sheet", do="give 1 or more")
    return png(_drawn(preview, min(columns, len(preview.samples))))


def _drawn(preview: Preview, columns: int) -> "Image":
    from PIL import Image, ImageDraw

    font, bold = _font(TEXT_PX), _font(TEXT_PX, bold=True)
    cards = [_card(sample, font) for sample in preview.samples]
    sides = tuple(
        max(round(font.getlength(text)), *(card.tiles[which].width for card in cards))
        for which, text in enumerate(ABOVE)
    )
    lefts = 0, sides[0] + GAP, sum(sides) + 2 * GAP  # of the two tiles and of the words
    word_px = round(max(font.getlength(word) for card in cards for word, _ in card.lines)) + GAP
    card_px = lefts[2] + word_px + WORDS_PX
    width = 2 * MARGIN + columns * card_px + (columns - 1) * 2 * GAP
    head = _head(preview, font, width - 2 * MARGIN)
    rows = [cards[first : first + columns] for first in range(0, len(cards), columns)]
    top = MARGIN + len(head) * LEADING + GAP
    height = top + LEADING + sum(max(card.height for card in row) for row in rows) + MARGIN
    image = Image.new("RGB", (width, height), PAPER)
    draw = ImageDraw.Draw(image)
    for number, (line, colour) in enumerate(head):
        draw.text((MARGIN, MARGIN + number * LEADING), line, colour, font)
    for column in range(columns):
        left = MARGIN + column * (card_px + 2 * GAP)
        for at, text in zip(lefts, ABOVE, strict=False):
            draw.text((left + at, top), text, MUTED, font)
    top += LEADING
    for row in rows:
        for column, card in enumerate(row):
            left = MARGIN + column * (card_px + 2 * GAP)
            draw.line([(left, top), (left + card_px, top)], RULE)
            _put(image, draw, card, (left, top + GAP), lefts, word_px, (font, bold))
        top += max(card.height for card in row)
    return image


def _put(
    image: "Image",
    draw: "ImageDraw",
    card: _Card,
    corner: tuple[int, int],
    lefts: tuple[int, int, int],
    word_px: int,
    fonts: "tuple[Font, Font]",
) -> None:
    """Draw a card: two tiles, and beside them its title and its lines in two columns."""
    left, top = corner
    for picture, at in zip(card.tiles, lefts, strict=False):
        x, y = left + at, top
        draw.rectangle([(x - 1, y - 1), (x + picture.width, y + picture.height)], outline=RULE)
        image.paste(picture, (x, y))
    left += lefts[2]
    title, *more = _wrapped(card.title, fonts[1], word_px + WORDS_PX - GAP)
    draw.text((left, top - 1), f"{title} ..." if more else title, INK, fonts[1])
    for number, (word, said) in enumerate(card.lines, 1):
        y = top + number * LEADING
        draw.text((left, y), word, MUTED, fonts[0])
        draw.text((left + word_px, y), said, INK, fonts[0])


def _card(sample: PreviewedSample, font: "Font") -> _Card:
    tiles = tile(sample.original), tile(sample.seen)
    lines: list[tuple[str, str]] = []
    for word, said in lines_of(sample):
        first, *more = _wrapped(said, font, WORDS_PX)
        lines += [(word, first), *(("", text) for text in more)]
    tall = max(max(picture.height for picture in tiles), (len(lines) + 1) * LEADING)
    return _Card(title_of(sample), tiles, lines, tall + 2 * GAP)


def _head(preview: Preview, font: "Font", width: int) -> list[tuple[str, str]]:
    """Return the lines above the samples with their colours."""
    told = [(heading_of(preview), INK), (summary_of(preview), INK)]
    told += [(note, MUTED) for note in remarks_of(preview)]
    told += [(warning_of(preview), BAD)]
    return [(line, colour) for text, colour in told if text for line in _wrapped(text, font, width)]


def _wrapped(text: str, font: "Font", width: int) -> list[str]:
    """Return a text as lines that are not wider; a word that is, is cut."""
    lines = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if font.getlength(longer) <= width:
            lines[-1] = longer
            continue
        lines += [""] if lines[-1] else []
        while font.getlength(word) > width:
            cut = 1
            while font.getlength(word[: cut + 1]) <= width:
                cut += 1
            lines[-1:] = [word[:cut], ""]
            word = word[cut:]
        lines[-1] = word
    return lines


def _font(size: int, *, bold: bool = False) -> "Font":
    from PIL import ImageFont

    for names in FONTS:
        try:
            return ImageFont.truetype(names[bold], size)
        except OSError:  # not on this machine, or Pillow without FreeType
            continue
    return ImageFont.load_default(size)
