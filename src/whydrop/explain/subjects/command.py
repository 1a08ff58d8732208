"""CommandSubject: a trial is a program, told its arm by its arguments or by a config file."""

import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from whydrop.core.errors import UsageError
from whydrop.core.factor import Factor
from whydrop.core.metric import Metric
from whydrop.core.trial import Outcome, Trial
from whydrop.explain.sources.arguments import ArgumentPair
from whydrop.explain.sources.command_line import CommandLine
from whydrop.explain.sources.config_files import ConfigPair
from whydrop.explain.sources.grammar import read_pair
from whydrop.explain.sources.grouping import paths_of, require_difference, selected
from whydrop.explain.subject import Ended, ProcessTask
from whydrop.explain.subjects.identity import hash_of, identified
from whydrop.explain.subjects.lookup import NoMetricError
from whydrop.explain.subjects.measurement import (
    FileKey,
    Measurement,
    Traces,
    measurement,
    metric_of,
    with_last_words,
)
from whydrop.explain.subjects.variants import (
    CONFIG,
    OUT,
    SEED,
    Arguments,
    Configs,
    Variants,
    filled,
)

SEED_VARIABLE = "WHYDROP_SEED"
BEFORE = "metric-before"  # a file of the trial's folder: see Measurement.sight


@dataclass(frozen=True)
class Setup:
    """How a program is studied, whatever tells good from bad.

    Attributes:
        metric: see ``measurement``.
        minimize: smaller is better.
        only, without, groups: see ``selected``.
        env: variables of every trial.
        cwd: where the program runs.
    """

    metric: str | None = None
    minimize: bool = False
    only: Sequence[str] = ()
    without: Sequence[str] = ()
    groups: Sequence[str] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: str | Path = "."

    def studied(self, differences: Sequence[Factor]) -> tuple[Factor, ...]:
        """Return the factors of a study of these differences."""
        return selected(differences, self.only, self.without, self.groups)


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
    def from_arguments(cls, good: str, bad: str | None, setup: Setup) -> "CommandSubject":
        """Return the subject of two command lines.

        Args:
            good: as typed in a shell, with {seed} and {out} wherever they are wanted.
            bad: the other one; None for a subject without factors, to run good alone.
            setup: the rest.

        Raises:
            UsageError: no difference, an unknown name, a command that cannot be split.
        """
        variants = Arguments(ArgumentPair.read(good, good if bad is None else bad))
        if _mentions(CONFIG, *variants.texts):
            raise UsageError(
                "{config} has no file to stand for",
                where="--good and --bad are command lines here",
                do="give --run with {config}, and two config files as --good and --bad",
            )
        _require_seed_on_both_sides(variants, f"--good {good!r}, --bad {bad!r}")
        if bad is not None:
            require_difference(variants.factors, f"--good {good!r}", f"--bad {bad!r}")
        chosen = setup.studied(variants.factors)
        return cls._of(variants, chosen, setup)

    @classmethod
    def from_configs(
        cls, run: str, good: str | Path, bad: str | Path | None, setup: Setup
    ) -> "CommandSubject":
        """Return the subject of one command and two config files.

        Args:
            run: the command, with {config} for the file, and {seed} and {out} where wanted.
            good: YAML, JSON or TOML.
            bad: the other one; None for a subject without factors, to run good alone.
            setup: the rest.

        Raises:
            UsageError: no difference, no {config}, an unknown name, no such file.
            DataError: a file that does not hold a config.
        """
        template, _ = read_pair(run, run)
        if not _mentions(CONFIG, template.argv, template.env.values()):
            raise UsageError(
                "the command does not say where its config file goes",
                where=f"--run {run!r}",
                do='put {config} there, such as "python train.py --config {config}"',
            )
        pair = ConfigPair.read(Path(good), Path(good if bad is None else bad))
        if bad is not None:
            require_difference(pair.factors, str(good), str(bad))
        chosen = setup.studied(pair.factors)
        pair.text(paths_of((1 << len(chosen)) - 1, chosen))  # can it be written at all?
        variants = Configs(template, pair)
        _require_seed_on_both_sides(variants, f"{good}, {bad}")
        return cls._of(variants, chosen, setup)

    @classmethod
    def _of(cls, variants: Variants, factors: tuple[Factor, ...], setup: Setup) -> "CommandSubject":
        folder = Path(setup.cwd).resolve()
        if not folder.is_dir():
            what = f"there is no folder {str(setup.cwd)!r}"
            raise UsageError(what, where="the working directory", do="give one that exists")
        source = measurement(setup.metric)
        found = metric_of(setup.metric, minimize=setup.minimize)
        return cls(variants, factors, found, source, dict(setup.env), folder)

    @property
    def seeded_by(self) -> Literal["argument", "environment"]:
        """How the program learns its seed: by {seed}, or by the variable WHYDROP_SEED."""
        return "argument" if self._mentions(SEED) else "environment"

    @property
    def shares_file(self) -> str:
        """The file of the metric if trials side by side may overwrite it, else empty.

        It is theirs alone when the program is told {out}.
        """
        if not isinstance(self.measurement, FileKey) or self._mentions(OUT):
            return ""
        return self.measurement.file

    def _mentions(self, placeholder: str) -> bool:
        return _mentions(placeholder, self.variants.texts[0], self.env.values())

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences that a reader of the plan must know."""
        return self.variants.notes

    def task(self, trial: Trial, folder: Path) -> ProcessTask:
        folder = folder.resolve()
        (folder / BEFORE).write_text(self.measurement.sight(self.cwd))
        known = {SEED: str(trial.seed), OUT: str(folder)}
        command = self.variants.command(paths_of(trial.arm, self.factors), folder, known)
        own = {name: filled(text, known) for name, text in self.env.items()}
        env = {SEED_VARIABLE: str(trial.seed), **own, **command.env}
        return ProcessTask(command.argv, env, str(self.cwd))

    def outcome(self, trial: Trial, folder: Path, ended: Ended) -> Outcome:
        if ended.exit_status != 0:
            what = with_last_words(f"exit status {ended.exit_status}", ended.output)
            return Outcome.failed(trial, "crashed", what)
        before = (folder / BEFORE).read_text()
        traces = Traces(ended.output, folder, self.cwd, before)
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
                **hash_of(script_of(self.variants.line, self.cwd)),
            }
        )

    def versions(self) -> dict[str, str]:
        return {}  # a program may have an environment of its own

    def by_hand(self, trial: Trial, folder: Path) -> str:
        folder.mkdir(parents=True, exist_ok=True)
        task = self.task(trial, folder)
        env = [f"{name}={shlex.quote(text)}" for name, text in task.env.items()]
        return f"cd {shlex.quote(task.cwd)} && {' '.join([*env, shlex.join(task.argv)])}"


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


def _mentions(placeholder: str, *texts: Iterable[str]) -> bool:
    return any(placeholder in text for each in texts for text in each)


def _require_seed_on_both_sides(variants: Variants, where: str) -> None:
    if len({_mentions(SEED, side) for side in variants.texts}) > 1:
        what = "{seed} is on one of the two sides only"
        raise UsageError(what, where=where, do="put it into both")


def _file(path: Path) -> Path | None:
    return path if path.is_file() else None
