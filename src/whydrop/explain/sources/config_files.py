"""Factors of two config files, and the config file of any arm."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path as File
from typing import Any

from whydrop.core.config import json_text, toml_text
from whydrop.core.config.document import Document, Written
from whydrop.core.config.file import ConfigFile, read_config
from whydrop.core.config.path import Path
from whydrop.core.errors import DataError
from whydrop.core.factor import ABSENT, Factor, Level
from whydrop.explain.sources import values


@dataclass(frozen=True)
class ConfigPair:
    """Two config files with one factor for each leaf on which they differ."""

    good: ConfigFile
    bad: ConfigFile
    factors: tuple[Factor, ...]

    @classmethod
    def read(cls, good: File, bad: File) -> "ConfigPair":
        """Compare two config files; YAML, JSON and TOML may be mixed.

        Raises:
            UsageError: a missing file or an unknown format.
            DataError: a file that does not hold a config.
        """
        one, other = read_config(good), read_config(bad)

        def place(path: Path, off: Level, on: Level) -> str:
            sides = ((one, off), (other, on))
            return ", ".join(
                f"{side.file.name}:{side.document.line_of(path)}"
                for side, level in sides
                if level is not ABSENT
            )

        found = values.factors(one.document.data, other.document.data, kind="config", place=place)
        return cls(one, other, found)

    def text(self, on: Collection[Path], fill: Callable[[str], Any] = lambda text: text) -> str:
        """Return the config in which the leaves with these paths are as in bad.

        It has good's format; comments and layout are not kept, the scalars of YAML are.

        Args:
            on: paths of leaves.
            fill: gives the value that a text stands for, which is nearly always itself.

        Raises:
            DataError: a level of bad that good's format cannot hold.
        """
        good, bad = self.good.document, self.bad.document
        data = _filled(values.mixed(good.data, bad.data, on), fill)
        if self.good.format == "yaml":
            from whydrop.core.config import yaml_text

            written = _written(good, bad, set(on))
            for path, (key, value) in written.items():
                if value is not None and fill(value.value) != value.value:
                    written[path] = Written(key, None)
            return yaml_text.write(data, written)
        try:
            return json_text.write(data) if self.good.format == "json" else toml_text.write(data)
        except TypeError as error:
            raise DataError(
                f"a level of {self.bad.file.name} cannot be written as {self.good.format}: {error}",
                where=str(self.bad.file),
                do="give both configs in one format",
            ) from None

    def write(
        self, on: Collection[Path], folder: File, fill: Callable[[str], Any] = lambda text: text
    ) -> File:
        """Write the config of an arm into a folder and return its path; see ``text``."""
        file = folder / f"config{self.good.file.suffix.lower()}"
        file.write_text(self.text(on, fill), encoding="utf-8")
        return file


def _filled(value: Any, fill: Callable[[str], Any]) -> Any:
    if isinstance(value, dict):
        return {key: _filled(item, fill) for key, item in value.items()}
    if isinstance(value, list):
        return [_filled(item, fill) for item in value]
    return fill(value) if isinstance(value, str) else value


def _written(good: Document, bad: Document, on: set[Path]) -> dict[Path, Written]:
    """Return, for each path of an arm's config, how the side that it comes from wrote it."""

    def is_on(path: Path) -> bool:
        return any(path[:end] in on for end in range(1, len(path) + 1))

    result = {
        path: Written(known.key, None) if is_on(path) else known
        for path, known in good.written.items()
    }
    for path, known in bad.written.items():
        if is_on(path):
            key = result[path].key if path in result else known.key
            result[path] = Written(key, known.value)
    return result
