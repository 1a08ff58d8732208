"""Where the metric of a program is read: its output, a file that it writes, or its last line."""

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from whydrop.core.errors import UsageError, WhydropError
from whydrop.core.metric import Metric, Unit
from whydrop.explain.executors.last_words import last_lines
from whydrop.explain.subjects.lookup import (
    MISSING,
    NUMBER,
    NoMetricError,
    looked_up,
    number,
    numbers_in,
    outline,
    value_at,
)

OUTPUT_BYTES = 1 << 24  # of an output, from its end
FILE_BYTES = 1 << 26
SUFFIXES = (".json", ".jsonl", ".ndjson", ".yaml", ".yml", ".csv", ".tsv")

_FILE = re.compile(rf"(.+({'|'.join(map(re.escape, SUFFIXES))})):(.+)", re.IGNORECASE | re.DOTALL)
_ESCAPE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-_])")


class Reading(NamedTuple):
    """A metric, with its curve where the program told it more than once; in its own unit."""

    value: float
    curve: tuple[float, ...] = ()


@dataclass(frozen=True)
class Traces:
    """What a program left behind.

    Attributes:
        output: file with what it printed.
        folder: of the trial; {out}.
        cwd: where it ran.
        before: what ``Measurement.sight`` returned before it started.
    """

    output: Path
    folder: Path
    cwd: Path
    before: str = ""


class Measurement(Protocol):
    """Knows where a program leaves its metric."""

    @property
    def name(self) -> str: ...

    @property
    def unit(self) -> Unit: ...

    def sight(self, cwd: Path) -> str:
        """Return what tells later whether a file was there before the program started."""
        ...

    def read(self, traces: Traces) -> Reading:
        """Return the metric, or raise NoMetricError saying what is there instead."""
        ...


def measurement(spec: str | None) -> Measurement:
    """Return where a metric is read, by what the user wrote.

    ``"val_acc: {}"``, anything with ``{}``, is a pattern over the output; ``metrics.json:val/top1``
    is a key in a file; any other text is a key of the last line of output that is a JSON object;
    nothing takes the only number of that object.

    Raises:
        UsageError: a pattern with two places, or a file without a key.
    """
    if not spec:
        return JsonLine("")
    if "{}" in spec:
        if spec.count("{}") > 1:
            what = "a metric's pattern has one place for the number"
            raise UsageError(what, where=f"--metric {spec!r}", do="leave one {}")
        return OutputPattern(spec)
    in_file = _FILE.fullmatch(spec)
    if in_file:
        return FileKey(in_file[1], in_file[3])
    if spec.lower().endswith(SUFFIXES):
        what = f"which number in {spec} is the metric?"
        raise UsageError(what, where="--metric", do=f"add its key: {spec}:val/top1")
    return JsonLine(spec)


def metric_of(spec: str | None, *, minimize: bool = False) -> Metric:
    """Return the metric that a spec and the user's options describe."""
    found = measurement(spec)
    return Metric(found.name, minimize, found.unit)


@dataclass(frozen=True)
class OutputPattern:
    """The number in the place of {} in the last line that matches; the lines give the curve.

    Blanks in the pattern stand for any blanks. A percent sign after the number says that it is
    in points already.
    """

    pattern: str

    @property
    def name(self) -> str:
        return self.pattern

    @property
    def unit(self) -> Unit:
        return "raw" if self.pattern.partition("{}")[2].lstrip().startswith("%") else "auto"

    def sight(self, cwd: Path) -> str:
        return ""

    def read(self, traces: Traces) -> Reading:
        before, after = (
            r"\s*".join(map(re.escape, part.split())) for part in self.pattern.split("{}")
        )
        start, end = (r"\s*" if self.pattern.split("{}")[i].strip() else "" for i in (0, 1))
        # The number must not go on: 0.93 is not in 0.93.1, nor 12 in 12s.
        number = re.compile(
            rf"{before}{start}(?<![\w.])({NUMBER})(?![\w]|\.\d){end}{after}", re.IGNORECASE
        )
        found = [
            matches[-1][1]
            for line in printed_lines(traces.output)
            if (matches := list(number.finditer(line)))
        ]
        if not found:
            raise NoMetricError(f"no line of the output matches {self.pattern!r}")
        return _reading([float(text.replace("_", "")) for text in found])


@dataclass(frozen=True)
class JsonLine:
    """A key of the last line of output that is a JSON object; all such lines give the curve."""

    key: str

    @property
    def name(self) -> str:
        return self.key or "metric"

    @property
    def unit(self) -> Unit:
        return "auto"

    def sight(self, cwd: Path) -> str:
        return ""

    def read(self, traces: Traces) -> Reading:
        objects = [found for line in printed_lines(traces.output) if (found := _object(line))]
        if not objects:
            asked = f" with {self.key!r}" if self.key else ""
            raise NoMetricError(f"no line of the output is a JSON object{asked}")
        key = self.key or _only_number(objects[-1])
        return _series(objects, key)


@dataclass(frozen=True)
class FileKey:
    """A key of a JSON, JSON-lines, YAML or CSV file that the program writes.

    The file is looked for in the trial's folder first and then where the program ran. In CSV and
    JSON lines the last row counts and the rows give the curve; so do the items of a list.
    """

    file: str
    key: str

    @property
    def name(self) -> str:
        return f"{self.file}:{self.key}"

    @property
    def unit(self) -> Unit:
        return "auto"

    def sight(self, cwd: Path) -> str:
        try:
            found = (cwd / self.file).stat()
        except OSError:
            return ""
        # Clocks of two file systems differ; one file's own marks do not.
        return f"{found.st_ino} {found.st_size} {found.st_mtime_ns}"

    def read(self, traces: Traces) -> Reading:
        file = self._found(traces)
        suffix = file.suffix.lower()
        try:
            with file.open("rb") as stream:
                raw = stream.read(FILE_BYTES + 1)
            if len(raw) > FILE_BYTES:
                raise NoMetricError(f"{file} is larger than {FILE_BYTES >> 20} MiB")
            text = raw.decode("utf-8-sig")
            if suffix in (".csv", ".tsv"):
                rows = csv.DictReader(
                    io.StringIO(text), delimiter="\t" if suffix == ".tsv" else ","
                )
                return _series([_stripped(row) for row in rows], self.key)
            if suffix in (".jsonl", ".ndjson"):
                return _series([f for line in text.splitlines() if (f := _object(line))], self.key)
            return _series([_parsed(text, file)], self.key)
        except NoMetricError as error:
            raise NoMetricError(f"{file}: {error}") from None
        except (OSError, ValueError, RecursionError, csv.Error) as error:
            raise NoMetricError(f"{file} cannot be read: {error}") from None
        except WhydropError as error:
            raise NoMetricError(f"{error.where or file}: {error.what}") from None

    def _found(self, traces: Traces) -> Path:
        own = traces.folder / self.file.removeprefix("{out}/")
        if own.is_file():
            return own
        shared = traces.cwd / self.file
        if not shared.is_file():
            looked = f"looked in {{out}} and in {traces.cwd}"
            raise NoMetricError(f"the program wrote no file {self.file} ({looked})")
        if traces.before and self.sight(traces.cwd) == traces.before:
            raise NoMetricError(f"{shared} is from before this trial: the program did not write it")
        return shared


def printed_lines(output: Path) -> Iterator[str]:
    """Yield the lines of an output as a terminal leaves them: redrawn bars by their last state."""
    with output.open("rb") as stream:
        stream.seek(0, io.SEEK_END)
        stream.seek(max(0, stream.tell() - OUTPUT_BYTES))
        text = stream.read().decode("utf-8", errors="replace")
    for line in text.split("\n"):
        redrawn = [part for part in re.split(r"\r|\x08+", _ESCAPE.sub("", line)) if part.strip()]
        if redrawn:
            yield redrawn[-1]


def with_last_words(what: str, output: Path) -> str:
    """Return a text with the last lines of an output, control characters made visible."""
    lines = last_lines(output)
    return what + ("".join(f"\n  | {line}" for line in lines) if lines else "; it printed nothing")


def _series(rows: Sequence[Mapping[str, Any]], key: str) -> Reading:
    if not rows:
        raise NoMetricError("it holds no rows")
    last = value_at(rows[-1], key) if len(rows) == 1 else None
    if isinstance(last, list):
        values = [number(item) for item in last]
    else:
        # Rows of other kinds, such as a training step's, do not hold the key or leave it empty.
        held = [looked_up(row, key.split("/")) for row in rows]
        values = [number(item) for item in held if item is not MISSING and item != ""]
    if not values:
        value_at(rows[-1], key)
        raise NoMetricError(f"{key!r} is empty")
    if any(value is None for value in values):
        raise NoMetricError(f"{key!r} is no number")
    return _reading([value for value in values if value is not None])


def _reading(values: list[float]) -> Reading:
    return Reading(values[-1], tuple(values) if len(values) > 1 else ())


def _object(line: str) -> dict[str, Any] | None:
    line = line.strip()
    if not (line.startswith("{") and line.endswith("}")):
        return None
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _only_number(data: Mapping[str, Any]) -> str:
    names = numbers_in(data)
    if len(names) != 1:
        what = f"the last JSON line holds {len(names)} numbers ({outline(data)})"
        raise NoMetricError(f"{what}; name one with --metric")
    return names[0]


def _parsed(text: str, file: Path) -> Any:
    if file.suffix.lower() == ".json":
        return json.loads(text)
    from whydrop.core.config import yaml_text

    return yaml_text.read(text, file).data


def _stripped(row: Mapping[str | None, Any]) -> dict[str, Any]:
    return {key.strip(): value for key, value in row.items() if key is not None}
