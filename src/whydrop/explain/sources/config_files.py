"""Factors of two config files, and the config file of any arm."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path as File
from typing import Any, Literal

from whydrop.core.errors import DataError, UsageError
from whydrop.core.factor import ABSENT, Factor, Level
from whydrop.explain.sources import json_text, toml_text, values
from whydrop.explain.sources.document import MAX_BYTES, MAX_VALUES, Document, Written, too_deep
from whydrop.explain.sources.values import MAX_DEPTH, Path

Format = Literal["yaml", "json", "toml"]

FORMATS: dict[str, Format] = {".yaml": "yaml", ".yml": "yaml", ".json": "json", ".toml": "toml"}


@dataclass(frozen=True)
class ConfigFile:
    """A config with its lines."""

    file: File
    format: Format
    document: Document


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
            from whydrop.explain.sources import yaml_text

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


def read_config(file: File) -> ConfigFile:
    """Return a config file by its suffix: .yaml, .yml, .json or .toml.

    Raises:
        UsageError: no such file, or another suffix.
        DataError: too large, no UTF-8, not in its format, or no mapping.
    """
    file = File(file)
    form = FORMATS.get(file.suffix.lower())
    if form is None:
        what = f"a config file ends in {', '.join(FORMATS)}, not in {file.suffix!r}"
        raise UsageError(what, where=str(file), do="rename it, or give another file")
    text = _text(file)
    if form == "yaml":
        from whydrop.explain.sources import yaml_text

        document = yaml_text.read(text, file)
    else:
        document = json_text.read(text, file) if form == "json" else toml_text.read(text, file)
    if not isinstance(document.data, dict):
        what = f"a config holds names with values; this holds a {type(document.data).__name__}"
        raise DataError(what, where=str(file), do="give every value a name")
    _require_small(document.data, file)
    return ConfigFile(file, form, document)


def _require_small(data: Any, file: File) -> None:
    level, count = [data], 0
    for _ in range(MAX_DEPTH + 1):
        count += len(level)
        if count > MAX_VALUES:
            what = f"the config holds more than {MAX_VALUES:,} values"
            raise DataError(what, where=str(file), do="keep data out of the config")
        level = [
            child
            for value in level
            for child in (value.values() if isinstance(value, dict) else value)
            if isinstance(child, dict | list)
        ]
        if not level:
            return
    raise too_deep(file)


def _text(file: File) -> str:
    try:
        with file.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except OSError as error:
        what = f"the config cannot be read: {error.strerror or error}"
        raise UsageError(what, where=str(file), do="give a file that exists and is yours") from None
    if len(raw) > MAX_BYTES:
        what = f"the config is larger than {MAX_BYTES // 1024:,} KiB"
        raise DataError(what, where=str(file), do="keep data out of the config")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        what = f"the config is not UTF-8 (byte {error.start:,})"
        raise DataError(what, where=str(file), do="save it as UTF-8") from None


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
