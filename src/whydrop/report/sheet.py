"""Sheet: blocks of text for one console, whatever is in the text and whatever it can show."""

from collections.abc import Iterable

from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from whydrop.report.visible import visible

ASCII = str.maketrans({"→": "->", "±": "+/-", "∞": "inf", "…": "~"})

PADDING = 2  # blanks between columns
NARROWEST = 12  # characters of the column that folds


class Sheet:
    """Prints paragraphs and tables with a blank line between them.

    Every string is made visible and becomes Text, never Rich markup, so neither ``[red]`` nor an
    escape sequence in a name does anything; marks that the console's encoding lacks are spelt out.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._empty = True

    def text(self, value: str, style: str = "") -> Text:
        """Return a value as it may be shown here."""
        shown = visible(value)
        encoding = self._console.encoding
        if not encoding.startswith("utf"):
            shown = shown.translate(ASCII).encode(encoding, "backslashreplace").decode(encoding)
        return Text(shown, style)

    def table(
        self,
        rows: Iterable[Iterable[str | tuple[str, str]]],
        headers: tuple[str, ...] = (),
        *,
        folds: int | None = None,
    ) -> Table:
        """Return aligned columns; a cell is its text, or its text with a style.

        Args:
            folds: the column that is folded before any other, where the console is too narrow.
        """
        table = Table(
            box=None,
            pad_edge=False,
            padding=(0, PADDING, 0, 0),
            header_style="dim",
            show_header=bool(headers),
        )
        for header in headers:
            table.add_column(self.text(header), overflow="fold")
        for row in rows:
            cells = [cell if isinstance(cell, tuple) else (cell, "") for cell in row]
            table.add_row(*(self.text(value, style) for value, style in cells))
        for column in table.columns:
            column.overflow = "fold"  # a name is never cut off
        if folds is not None:
            rest = [column for at, column in enumerate(table.columns) if at != folds]
            widths = [max(map(_width, (column.header, *column.cells))) for column in rest]
            whole = sum(widths) + PADDING * len(rest) + NARROWEST <= self._console.width
            for column in rest:
                column.no_wrap = whole
        return table

    def lines(self, lines: Iterable[str], style: str = "") -> None:
        """Print a paragraph a line; nothing at all when there are none."""
        texts = [self.text(line, style) for line in lines if line]
        if texts:
            self.show(Text("\n").join(texts))

    def show(self, block: RenderableType) -> None:
        """Print a block, apart from the one before."""
        if not self._empty:
            self._console.print()
        self._console.print(block, highlight=False)
        self._empty = False


def _width(cell: RenderableType) -> int:
    return cell_len(str(cell))
