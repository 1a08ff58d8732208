"""Document: what a config file holds, where, and how it was written."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path as File
from typing import Any, NamedTuple

from whydrop.core.config.path import MAX_DEPTH, Path, name_of
from whydrop.core.errors import DataError

# A config is written by people; more than this is something else, or an attack.
MAX_BYTES = 1 << 20
MAX_VALUES = 50_000


class Written(NamedTuple):
    """The YAML nodes of a key and of its scalar; None where there is none."""

    key: Any
    value: Any


@dataclass(frozen=True)
class Document:
    """A nested mapping with the lines of its parts.

    Attributes:
        data: JSON-like, and dates where the format has them.
        lines: from 1, by path; a part that is not here stands on the line of what holds it.
        written: in YAML, by path, how a key and its scalar were written.
    """

    data: Any
    lines: Mapping[Path, int] = field(default_factory=dict)
    written: Mapping[Path, Written] = field(default_factory=dict)

    def line_of(self, path: Path) -> int:
        for end in range(len(path), 0, -1):
            if path[:end] in self.lines:
                return self.lines[path[:end]]
        return 1


def too_deep(file: File) -> DataError:
    what = f"the config is nested more than {MAX_DEPTH} deep"
    return DataError(what, where=str(file), do="flatten it")


def twice(path: Path, file: File, line: int) -> DataError:
    what = f"the key {name_of(path)!r} occurs twice"
    return DataError(what, where=f"{file}:{line}", do="keep one of them")
