"""The `report` command: what a study says, finished or not."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import click

from whydrop.core.errors import UsageError


@click.command(
    epilog="""\b
Examples:
  whydrop report whydrop-studies/train-2026-03-01-101500
  whydrop report whydrop-studies/train-2026-03-01-101500 --format html --out why.html"""
)
@click.argument("study", type=click.Path(exists=True, file_okay=False))
@click.option(
    "--format",
    "output",
    type=click.Choice(["text", "html", "json"]),
    default="text",
    show_default=True,
)
@click.option("--out", type=click.Path(dir_okay=False), help="File to write.  [default: shown]")
def command(study: str, output: str, out: str | None) -> int:
    """Show or write the report of a study, finished, running or stopped; runs nothing."""
    from whydrop.cli.show import REPORT, Page, answer_json, answer_printed, reader_may_leave
    from whydrop.core.result import Result
    from whydrop.explain.conduct import answer_of
    from whydrop.journal.record import Record
    from whydrop.report.html_page import write_html

    with Record.open(study) as record:
        answer, finished = answer_of(record)
    if output == "html":
        if not isinstance(answer, Result):
            raise UsageError(
                "only `explain` has an HTML report",
                where=study,
                do=f"see `whydrop report {study}`, or use --format json",
            )
        click.echo(f"written: {write_html(answer, out or Path(study, REPORT))}", err=True)
        return 0
    if not finished:
        click.echo("this study is not finished; so far:", err=True)
    with reader_may_leave(), _destination(out) as file:
        if output == "json":
            file.write(answer_json(answer))
        else:
            answer_printed(answer, Page(file=file))
    return 0


@contextmanager
def _destination(out: str | None) -> Iterator[TextIO]:
    if out is None:
        yield sys.stdout
        return
    try:
        with Path(out).open("w", encoding="utf-8") as file:
            yield file
    except OSError as error:
        raise UsageError(
            f"the report cannot be written: {error.strerror}",
            where=out,
            do="name a file in a folder that exists and is yours",
        ) from error
