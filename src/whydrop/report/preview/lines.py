"""Previewed samples on a terminal."""

from collections.abc import Iterator

from rich.console import Console

from whydrop.augment.previews import Preview
from whydrop.report.preview.wording import (
    heading_of,
    lines_of,
    remarks_of,
    summary_of,
    title_of,
    warning_of,
)
from whydrop.report.sheet import Sheet


def print_preview(preview: Preview, console: Console) -> None:
    """Print what was drawn for each sample, and how much the pipeline leaves to see."""
    sheet = Sheet(console)
    sheet.lines([heading_of(preview)])
    sheet.show(sheet.table(_rows(preview)))
    sheet.lines([*remarks_of(preview), summary_of(preview)])
    warning = warning_of(preview)
    sheet.lines([f"warning: {warning}"] if warning else [], "yellow")


def _rows(preview: Preview) -> Iterator[tuple[str, str, str]]:
    for sample in preview.samples:
        title = title_of(sample)
        for word, said in lines_of(sample):
            yield title, word, said
            title = ""
