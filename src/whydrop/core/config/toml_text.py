"""TOML as a config; its lines are found by reading the keys alone."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path as File
from typing import Any

from whydrop.core.config.document import Document, too_deep
from whydrop.core.config.path import Path, holds
from whydrop.core.errors import DataError

_KEY = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*')"""
_DOTTED = rf"{_KEY}(?:[ \t]*\.[ \t]*{_KEY})*"
_HEADER = re.compile(rf"\s*(\[\[?)[ \t]*({_DOTTED})[ \t]*\]")
_ASSIGNMENT = re.compile(rf"\s*({_DOTTED})[ \t]*=")
_LINE = re.compile(r" \(at line (\d+), column \d+\)$")


def read(text: str, file: File) -> Document:
    """Return the document of a TOML text.

    Raises:
        DataError: not TOML (keys that occur twice are not) or too deep.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = _LINE.search(str(error))
        where = f"{file}:{found[1]}" if found else str(file)
        what = f"this is not TOML: {_LINE.sub('', str(error)).lower()}"
        raise DataError(what, where=where, do="correct the line") from None
    except RecursionError:
        raise too_deep(file) from None
    lines: dict[Path, int] = {}
    for path, line in _lines(text):
        for end in range(1, len(path) + 1):
            if holds(data, path[:end]):
                lines.setdefault(path[:end], line)
    return Document(data, lines)


def write(data: Mapping[str, Any]) -> str:
    """Return TOML text.

    Raises:
        TypeError: a value that TOML does not have, such as None.
    """
    import tomli_w

    return tomli_w.dumps(data)


def _lines(text: str) -> Iterator[tuple[Path, int]]:
    """Yield the path and line of each key; inside long strings there may be false ones."""
    table: Path = ()
    items: dict[Path, int] = {}  # the last index of each array of tables
    for number, line in enumerate(text.splitlines(), 1):
        header = _HEADER.match(line)
        assigned = _ASSIGNMENT.match(line)
        if header:
            keys = _split(header[2])
            table = ()
            for key in keys:
                table = (*table, key)
                if table in items and (table[-1] != keys[-1] or len(table) < len(keys)):
                    table = (*table, items[table])
            if header[1] == "[[":
                items[table] = items.get(table, -1) + 1
                table = (*table, items[table])
            yield table, number
        elif assigned:
            yield (*table, *_split(assigned[1])), number


def _split(dotted: str) -> list[str]:
    parts = re.findall(_KEY, dotted)
    return [next(iter(tomllib.loads(f"{part} = 0"))) for part in parts]
