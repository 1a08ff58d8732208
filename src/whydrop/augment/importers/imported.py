"""Imported: a pipeline made from another library's augmentation, and what had to be translated."""

import textwrap
from dataclasses import dataclass
from html import escape

from whydrop.augment.pipeline import Pipeline

HEADINGS = ("transform there", "here", "what to know")
WIDTHS = (24, 36, 36)  # of the columns, in characters


@dataclass(frozen=True)
class Note:
    """What became of one transform.

    Attributes:
        transform: its name there.
        became: operations here, or in words what became of it.
        default: what it does there without being told.
        differs: what is not the same here; empty where nothing is.
    """

    transform: str
    became: str
    default: str = ""
    differs: str = ""

    @property
    def remarks(self) -> tuple[str, ...]:
        """What to know: what is done there, and what differs here."""
        named = (("there", self.default), ("differs", self.differs))
        return tuple(f"{name}: {text}" for name, text in named if text)


@dataclass(frozen=True)
class Imported:
    """What an importer gives back; as text, or in a notebook, a table of the notes.

    Attributes:
        source: the library it comes from.
        pipeline: what it is here.
        notes: one a transform, in their order, and some of the whole.
    """

    source: str
    pipeline: Pipeline
    notes: tuple[Note, ...]

    @property
    def headline(self) -> str:
        """How many operations there are, and how many notes say that something differs."""
        n, differ = len(self.pipeline.ops), sum(bool(note.differs) for note in self.notes)
        operations = f"{n} operation{'' if n == 1 else 's'}"
        return f"From {self.source}: {operations}; {differ} of {len(self.notes)} notes differ."

    def __str__(self) -> str:
        lines = [self.headline, "", _line(HEADINGS), _line(tuple("-" * w for w in WIDTHS))]
        for note in self.notes:
            cells = (note.transform, note.became, *(note.remarks or ("",)))
            lines += _rows(cells[:2], cells[2:])
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{escape(heading)}</th>" for heading in HEADINGS)
        rows = []
        for note in self.notes:
            remarks = "<br>".join(map(escape, note.remarks))
            cells = (escape(note.transform), f"<code>{escape(note.became)}</code>", remarks)
            rows.append("".join(f'<td style="text-align:left">{cell}</td>' for cell in cells))
        body = "".join(f"<tr>{row}</tr>" for row in rows)
        return (
            f"<p>{escape(self.headline)}</p>"
            f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        )


def _line(cells: tuple[str, ...]) -> str:
    padded = (cell.ljust(width) for cell, width in zip(cells, WIDTHS, strict=True))
    return "  ".join(padded).rstrip()


def _rows(first: tuple[str, ...], remarks: tuple[str, ...]) -> list[str]:
    """Return the lines of one note: cells that are too long take several."""
    columns = [_wrapped(text, w) for text, w in zip(first, WIDTHS[:2], strict=True)]
    columns.append([line for text in remarks for line in _wrapped(text, WIDTHS[2])])
    height = max(map(len, columns))
    filled = [column + [""] * (height - len(column)) for column in columns]
    return [_line(cells) for cells in zip(*filled, strict=True)]


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width, break_on_hyphens=False)
