"""JSON as a config: duplicate keys refused, the line of every key and item known."""

import json
import re
from collections.abc import Iterator
from pathlib import Path as File
from typing import Any

from whydrop.core.config.document import Document, too_deep, twice
from whydrop.core.config.path import Path
from whydrop.core.errors import DataError

_PIECE = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+|\n')


class _Pairs(list[tuple[str, Any]]):
    """An object as it was written, duplicates included."""


def read(text: str, file: File) -> Document:
    """Return the document of a JSON text; NaN and Infinity are numbers.

    Raises:
        DataError: not JSON, a key that occurs twice, or too deep.
    """
    try:
        raw = json.loads(text, object_pairs_hook=_Pairs)
        lines = dict(_lines(text))
        return Document(_unpaired(raw, (), lines, file), lines)
    except json.JSONDecodeError as error:
        what = f"this is not JSON: {error.msg} (column {error.colno})"
        raise DataError(what, where=f"{file}:{error.lineno}", do="correct the line") from None
    except RecursionError:
        raise too_deep(file) from None


def write(data: Any) -> str:
    """Return JSON text.

    Raises:
        TypeError: a value that JSON does not have, such as a date.
    """
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def _unpaired(value: Any, path: Path, lines: dict[Path, int], file: File) -> Any:
    if isinstance(value, _Pairs):
        result: dict[str, Any] = {}
        for key, item in value:
            if key in result:
                raise twice((*path, key), file, lines.get((*path, key), 1))
            result[key] = _unpaired(item, (*path, key), lines, file)
        return result
    if isinstance(value, list):
        return [_unpaired(item, (*path, i), lines, file) for i, item in enumerate(value)]
    return value


def _lines(text: str) -> Iterator[tuple[Path, int]]:
    """Yield the path and line of each key and item of a text that is known to be JSON."""
    line = 1
    path: list[str | int] = []
    open_: list[str] = []  # the brackets around the piece
    key_next = False
    for match in _PIECE.finditer(text):
        piece = match.group()
        if piece == "\n":
            line += 1
        elif piece in "{[":
            if open_ and open_[-1] == "[":
                yield tuple(path), line
            open_.append(piece)
            path.append(0 if piece == "[" else "")
            key_next = piece == "{"
        elif piece in "}]":
            open_.pop()
            path.pop()
        elif piece == ",":
            key_next = open_[-1] == "{"
            if not key_next:
                path[-1] = int(path[-1]) + 1
        elif key_next and piece != ":":
            path[-1] = json.loads(piece)
            key_next = False
            yield tuple(path), line
        elif piece != ":" and open_ and open_[-1] == "[":
            yield tuple(path), line
