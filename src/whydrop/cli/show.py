"""What commands print: answers and factors, as text or JSON."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from whydrop.core.comparison import Comparison
from whydrop.core.errors import JournalError
from whydrop.core.factor import Factor
from whydrop.core.noise import Noise
from whydrop.core.redaction import redacted_factor
from whydrop.core.result import Result
from whydrop.report import json_file, terminal
from whydrop.report.sheet import Sheet

Answer = Result | Comparison | Noise
REPORT, RESULT = "report.html", "result.json"


class Page(Console):
    """A console that says when its reader has left; Rich itself would end the program."""

    def on_broken_pipe(self) -> None:
        raise


def answer_shown(answer: Answer, *, output: str) -> None:
    """Print an answer to standard output."""
    with reader_may_leave():
        if output == "json":
            sys.stdout.write(answer_json(answer))
        else:
            answer_printed(answer, Page())


def answer_printed(answer: Answer, console: Console) -> None:
    if isinstance(answer, Comparison):
        terminal.print_comparison(answer, console)
    elif isinstance(answer, Noise):
        terminal.print_noise(answer, console)
    else:
        terminal.print_result(answer, console)


def answer_json(answer: Answer) -> str:
    if isinstance(answer, Comparison):
        return json_file.comparison_to_json(answer)
    if isinstance(answer, Noise):
        return json_file.noise_to_json(answer)
    return json_file.to_json(answer)


def files_written(answer: Answer, folder: Path) -> list[Path]:
    """Write what an answer leaves in its study's folder, and return the paths."""
    from whydrop.report.html_page import write_html

    path = folder / RESULT
    try:
        path.write_text(answer_json(answer), encoding="utf-8")
    except OSError as error:
        raise JournalError(
            f"the answer cannot be written: {error.strerror}",
            where=str(path),
            do=f"make room, then `whydrop report {folder}`; no trial is lost",
        ) from error
    if isinstance(answer, Result):
        return [write_html(answer, folder / REPORT), path]
    return [path]


def factors_shown(factors: Sequence[Factor], *, output: str) -> None:
    """Print factors to standard output."""
    with reader_may_leave():
        if output == "json":
            sys.stdout.write(
                json_file.text({"factors": [json_file.plain(redacted_factor(f)) for f in factors]})
            )
        elif factors:
            terminal.show_factors(factors, Sheet(Page()))
        else:
            print("no difference")


@contextmanager
def reader_may_leave() -> Iterator[None]:
    """Print as long as somebody reads; `| head` is no error of the command before it."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        silence()


def silence() -> None:
    """Send standard output and error nowhere, so that nothing fails for want of a reader."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(nowhere, stream.fileno())
