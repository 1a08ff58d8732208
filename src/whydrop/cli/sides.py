"""The two runs of a command line: what was typed, as the function and the sides it means."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import click

from whydrop.core.errors import UsageError
from whydrop.training.recipes.kind import is_recipe


class Sides(NamedTuple):
    """See Request for the fields."""

    function: str | None
    good: str | Mapping[str, Any]
    bad: str | Mapping[str, Any] | None


def pair(words: Sequence[str], good: str | None, bad: str | None, run: str | None) -> Sides:
    """Return what `[FUNCTION] [GOOD BAD]` with --good, --bad and --run means.

    Raises:
        UsageError: a side is missing or given twice, or files come without a program.
    """
    if len(words) > 3:
        raise _wrong(f"{len(words)} words where at most a function and two files are expected")
    function = words[0] if len(words) in (1, 3) else None
    files = words[-2:] if len(words) >= 2 else ()
    if files and (good or bad):
        raise _wrong("the sides are given twice, as words and by --good or --bad")
    if files:
        good, bad = files
    for name, side in (("good", good), ("bad", bad)):
        if not side:
            raise _wrong(f"no {name} run is given")
    assert good and bad  # noqa: S101
    return _checked(function, good, bad, run, files=bool(files))


def single(words: Sequence[str], good: str | None, run: str | None) -> Sides:
    """Return what `[FUNCTION] [GOOD]` with --good and --run means; there is no bad run.

    Raises:
        UsageError: as ``pair``.
    """
    if len(words) > 2:
        raise _wrong(f"{len(words)} words where at most a function and a file are expected")
    by_words = len(words) == 2 or (len(words) == 1 and not good)
    if by_words and good:
        raise _wrong("the good run is given twice, as a word and by --good")
    function = words[0] if len(words) == 2 or (words and good) else None
    good = words[-1] if by_words else good
    if not good:
        raise _wrong("no good run is given")
    return _checked(function, good, None, run, files=by_words)


def _checked(
    function: str | None, good: str, bad: str | None, run: str | None, *, files: bool
) -> Sides:
    if function and run:
        raise _wrong("a function and --run are two programs; a trial runs one")
    if files and not (function or run or is_recipe(good)):
        for name, side in (("good", good), ("bad", bad)):
            if side and len(side.split()) > 1:
                raise _wrong(f"{side!r} is a command, not a file", do=f'write --{name} "{side}"')
        if not Path(good).is_file():
            raise _wrong(f"there is no file {good!r}", do="correct the path")
        raise _wrong("config files say nothing of the program that reads them", do=FILES)
    if function and ":" not in function:
        raise _wrong(
            f"{function!r} is no function", do=f"write {function}:NAME, such as train:main"
        )
    if run and "{config}" not in run:
        raise _wrong(f"--run {run!r} has no {{config}} in it", do=FILES)
    return Sides(function, good, bad)


FILES = (
    'add --run "python train.py --config {config}", or name a function before the files: '
    "train.py:main; recipes of whydrop need neither, and begin with `schema: whydrop.recipe/1`"
)


def _wrong(what: str, *, do: str = "") -> UsageError:
    path = click.get_current_context().command_path
    return UsageError(what, where=path, do=do or f"see the examples of `{path} --help`")
