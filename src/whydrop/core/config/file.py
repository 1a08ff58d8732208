"""ConfigFile: a YAML, JSON or TOML file with its lines."""

from dataclasses import dataclass
from pathlib import Path as File
from typing import Any, Literal

from whydrop.core.config import json_text, toml_text
from whydrop.core.config.document import MAX_BYTES, MAX_VALUES, Document, too_deep
from whydrop.core.config.path import MAX_DEPTH
from whydrop.core.errors import DataError, UsageError

Format = Literal["yaml", "json", "toml"]

FORMATS: dict[str, Format] = {".yaml": "yaml", ".yml": "yaml", ".json": "json", ".toml": "toml"}


@dataclass(frozen=True)
class ConfigFile:
    """A config with its lines."""

    file: File
    format: Format
    document: Document


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
        from whydrop.core.config import yaml_text

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
