"""CommandSubject: a trial is a program, told its arm by its arguments or by a config file."""

import re
import shlex
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from whydrop.core.errors import UsageError
from whydrop.core.factor import Factor
from whydrop.core.metric import Metric, Unit
from whydrop.core.redaction import redacted_words
from whydrop.core.trial import Outcome, Trial
from whydrop.explain.sources.arguments import ArgumentPair
from whydrop.explain.sources.command_line import CommandLine
from whydrop.explain.sources.config_files import ConfigPair
from whydrop.explain.sources.grammar import read_pair
from whydrop.explain.sources.grouping import paths_of, require_difference, selected
from whydrop.explain.sources.values import Path as Leaf
from whydrop.explain.sources.values import flat
from whydrop.explain.subject import Ended, ProcessTask
from whydrop.explain.subjects.identity import hash_of, identified
from whydrop.explain.subjects.measurement import (
    FileKey,
    Measurement,
    NoMetricError,
    Traces,
    measurement,
    metric_of,
    with_last_words,
)

SEED, CONFIG, OUT = "{seed}", "{config}", "{out}"
SEED_VARIABLE = "WHYDROP_SEED"
_PLACEHOLDER = re.compile(r"\{(?:seed|config|out)\}")
STARTED = "started"  # a file of the trial's folder; its time tells new files from old


class Variants(Protocol):
    """Two variants of a program, and all between them."""

    @property
    def factors(self) -> tuple[Factor, ...]: ...

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences that a reader of the plan must know."""
        ...

    @property
    def good(self) -> CommandLine:
        """The good run's command with its placeholders."""
        ...

    def command(self, on: Collection[Leaf], folder: Path) -> tuple[CommandLine, Mapping[str, str]]:
        """Return the command in which the leaves at these paths are as in bad.

        What it needs is written into the folder; the mapping is what placeholders stand for.
        """
        ...

    def identity(self) -> dict[str, Any]: ...


@dataclass(frozen=True)
class CommandSubject:
    """Runs a program for each trial; the variants decide how it is told its arm.

    Attributes:
        variants: the good and the bad run.
        factors: what is studied of their differences; the rest stays as in good.
        metric: what a trial ends with.
        measurement: where it is read.
        env: variables of every trial, on top of the coordinator's.
        cwd: where the program runs.
    """

    variants: Variants
    factors: tuple[Factor, ...]
    metric: Metric
    measurement: Measurement
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: Path = Path()

    @classmethod
    def from_arguments(
        cls,
        good: str,
        bad: str | None,
        metric: str | None = None,
        minimize: bool = False,
        unit: Unit = "auto",
        *,
        only: Iterable[str] = (),
        without: Iterable[str] = (),
        groups: Iterable[str] = (),
        env: Mapping[str, str] | None = None,
        cwd: str | Path = ".",
    ) -> "CommandSubject":
        """Return the subject of two command lines.

        Args:
            good: as typed in a shell, with {seed} and {out} wherever they are wanted.
            bad: the other one; None for a subject without factors, to run good alone.
            metric: see ``measurement``.
            minimize: smaller is better.
            unit: how the metric is shown; "auto" leaves it to the first outcomes.
            only, without, groups: see ``selected``.
            env: variables of every trial.
            cwd: where the programs run.

        Raises:
            UsageError: no difference, an unknown name, a command that cannot be split.
        """
        variants = Arguments(ArgumentPair.read(good, good if bad is None else bad))
        lines = (variants.pair.good, variants.pair.bad)
        if any(CONFIG in word for line in lines for word in _words(line)):
            raise UsageError(
                "{config} has no file to stand for",
                where="--good and --bad are command lines here",
                do="give --run with {config}, and two config files as --good and --bad",
            )
        if len({any(SEED in word for word in _words(line)) for line in lines}) > 1:
            raise UsageError(
                "{seed} is in one of the two command lines only",
                where=f"--good {good!r}, --bad {bad!r}",
                do="put it into both",
            )
        if bad is not None:
            require_difference(variants.factors, f"--good {good!r}", f"--bad {bad!r}")
        chosen = selected(variants.factors, only, without, groups)
        return cls._of(variants, chosen, metric, minimize, unit, env, cwd)

    @classmethod
    def from_configs(
        cls,
        run: str,
        good: str | Path,
        bad: str | Path | None,
        metric: str | None = None,
        minimize: bool = False,
        unit: Unit = "auto",
        *,
        only: Iterable[str] = (),
        without: Iterable[str] = (),
        groups: Iterable[str] = (),
        env: Mapping[str, str] | None = None,
        cwd: str | Path = ".",
    ) -> "CommandSubject":
        """Return the subject of one command and two config files.

        Args:
            run: the command, with {config} for the file, and {seed} and {out} where wanted.
            good: YAML, JSON or TOML.
            bad: the other one; None for a subject without factors, to run good alone.
            metric, minimize, unit, only, without, groups, env, cwd: as ``from_arguments``.

        Raises:
            UsageError: no difference, no {config}, an unknown name, no such file.
            DataError: a file that does not hold a config.
        """
        template, _ = read_pair(run, run)
        if not any(CONFIG in word for word in _words(template)):
            raise UsageError(
                "the command does not say where its config file goes",
                where=f"--run {run!r}",
                do='put {config} there, such as "python train.py --config {config}"',
            )
        pair = ConfigPair.read(Path(good), Path(good if bad is None else bad))
        if bad is not None:
            require_difference(pair.factors, str(good), str(bad))
        chosen = selected(pair.factors, only, without, groups)
        pair.text(paths_of((1 << len(chosen)) - 1, chosen))  # can it be written at all?
        variants = Configs(template, pair)
        return cls._of(variants, chosen, metric, minimize, unit, env, cwd)

    @classmethod
    def _of(
        cls,
        variants: Variants,
        factors: tuple[Factor, ...],
        metric: str | None,
        minimize: bool,
        unit: Unit,
        env: Mapping[str, str] | None,
        cwd: str | Path,
    ) -> "CommandSubject":
        folder = Path(cwd).resolve()
        if not folder.is_dir():
            what = f"there is no folder {str(cwd)!r}"
            raise UsageError(what, where="the working directory", do="give one that exists")
        source = measurement(metric)
        found = metric_of(metric, minimize=minimize, unit=unit)
        return cls(variants, factors, found, source, dict(env or {}), folder)

    @property
    def seeded_by(self) -> Literal["argument", "environment"]:
        """How the program learns its seed: by {seed}, or by the variable WHYDROP_SEED."""
        words = (*_words(self.variants.good), *self.env.values())
        return "argument" if any(SEED in word for word in words) else "environment"

    @property
    def shares_file(self) -> str:
        """The file of the metric if trials side by side may overwrite it, else empty.

        It is theirs alone when the program is told {out}.
        """
        if not isinstance(self.measurement, FileKey):
            return ""
        words = (*_words(self.variants.good), *self.env.values())
        return "" if any(OUT in word for word in words) else self.measurement.file

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences that a reader of the plan must know."""
        return self.variants.notes

    def task(self, trial: Trial, folder: Path) -> ProcessTask:
        folder = folder.resolve()
        (folder / STARTED).touch()
        line, more = self.variants.command(paths_of(trial.arm, self.factors), folder)
        values = {SEED: str(trial.seed), OUT: str(folder), **more}
        return ProcessTask(
            argv=tuple(_filled(word, values) for word in line.argv),
            env={
                SEED_VARIABLE: str(trial.seed),
                **{name: _filled(text, values) for name, text in self.env.items()},
                **{name: _filled(text, values) for name, text in line.env.items()},
            },
            cwd=str(self.cwd),
        )

    def outcome(self, trial: Trial, folder: Path, ended: Ended) -> Outcome:
        if ended.exit_status != 0:
            what = with_last_words(f"exit status {ended.exit_status}", ended.output)
            return Outcome.failed(trial, "crashed", what)
        started_ns = (folder / STARTED).stat().st_mtime_ns
        traces = Traces(ended.output, folder, self.cwd, started_ns)
        try:
            reading = self.measurement.read(traces)
        except NoMetricError as error:
            return Outcome.failed(trial, "no-metric", with_last_words(str(error), ended.output))
        return Outcome.measured(trial, reading.value, reading.curve)

    def identity(self) -> dict[str, str]:
        return identified(
            {
                **self.variants.identity(),
                "metric": self.metric.name,
                "direction": self.metric.direction,
                "cwd": str(self.cwd),
                **{f"env.{name}": text for name, text in self.env.items()},
                **hash_of(script_of(self.variants.good, self.cwd)),
            }
        )

    def by_hand(self, trial: Trial, folder: Path) -> str:
        folder.mkdir(parents=True, exist_ok=True)
        task = self.task(trial, folder)
        env = [f"{name}={shlex.quote(text)}" for name, text in task.env.items()]
        return f"cd {shlex.quote(task.cwd)} && {' '.join([*env, shlex.join(task.argv)])}"


@dataclass(frozen=True)
class Arguments:
    """Variants that differ in their command lines."""

    pair: ArgumentPair

    @property
    def factors(self) -> tuple[Factor, ...]:
        return self.pair.factors

    @property
    def notes(self) -> tuple[str, ...]:
        return self.pair.notes

    @property
    def good(self) -> CommandLine:
        return self.pair.good

    def command(self, on: Collection[Leaf], folder: Path) -> tuple[CommandLine, Mapping[str, str]]:
        return self.pair.line(on), {}

    def identity(self) -> dict[str, Any]:
        return {
            f"{side}.{name}": level
            for side, line in (("good", self.pair.good), ("bad", self.pair.bad))
            for name, level in self.pair.levels(line).items()
        }


@dataclass(frozen=True)
class Configs:
    """Variants that differ in their config files."""

    good: CommandLine
    pair: ConfigPair

    @property
    def factors(self) -> tuple[Factor, ...]:
        return self.pair.factors

    @property
    def notes(self) -> tuple[str, ...]:
        return ()

    def command(self, on: Collection[Leaf], folder: Path) -> tuple[CommandLine, Mapping[str, str]]:
        return self.good, {CONFIG: str(self.pair.write(on, folder))}

    def identity(self) -> dict[str, Any]:
        return {
            "command": shlex.join(redacted_words(_words(self.good))),
            **{
                f"{side}.{name}": level
                for side, config in (("good", self.pair.good), ("bad", self.pair.bad))
                for name, level in flat(config.document.data).items()
            },
        }


def script_of(line: CommandLine, cwd: Path) -> Path | None:
    """Return the file that a command runs, if it is one of the user's own."""
    # The script before the program: an interpreter may be given by its path too.
    for unit in sorted(line.units, key=lambda unit: unit.path == ("program",)):
        if unit.path == ("script",) and unit.words[0] == "-m":
            module = cwd.joinpath(*unit.words[1].split("."))
            return _file(module.with_suffix(".py")) or _file(module / "__main__.py")
        if unit.path == ("script",) or (unit.path == ("program",) and "/" in unit.words[0]):
            return _file(cwd / unit.words[0])
        if unit.path[0] == "positional" and unit.words[0].endswith((".py", ".sh")):
            return _file(cwd / unit.words[0])
    return None


def _file(path: Path) -> Path | None:
    return path if path.is_file() else None


def _words(line: CommandLine) -> tuple[str, ...]:
    return (*(f"{name}={text}" for name, text in line.env.items()), *line.argv)


def _filled(text: str, values: Mapping[str, str]) -> str:
    return _PLACEHOLDER.sub(lambda found: values.get(found[0], found[0]), text)
