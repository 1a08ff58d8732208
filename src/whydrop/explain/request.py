"""Request: all that a study was asked.

It is kept in the journal, so that a study can go on, be reported and be repeated from its folder
alone.
"""

import difflib
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Literal, Self, TypedDict, Unpack

from whydrop.core.errors import UsageError
from whydrop.explain.executor import Limits
from whydrop.explain.settings import Settings

Question = Literal["explain", "compare", "noise"]
Function = str | Callable[..., Any]
Side = str | Mapping[str, Any]

MAX_TRIALS = {"explain": 150, "compare": 100, "noise": 12}


class StudyOptions(TypedDict, total=False):
    """Keyword arguments of every study; they have the names of the command line's options.

    ``max_time`` and ``timeout`` are in seconds, ``memory`` is in MiB; the rest as in Request and
    Settings.
    """

    run: str | None
    metric: str | None
    minimize: bool
    env: Mapping[str, str] | Sequence[tuple[str, str]]
    cwd: str | None
    factor: str | Sequence[str]
    without: str | Sequence[str]
    group: str | Sequence[str]
    forbid: str | Sequence[str]
    max_trials: int
    max_time: float | None
    min_effect: float | None
    alpha: float
    interactions: Literal[1, 2, 3]
    seed: int
    jobs: int
    executor: str
    timeout: float | None
    memory: int | None
    threads: int | None


@dataclass(frozen=True)
class Request:
    """One study. The keyword arguments of the Python API and the options of the command line.

    Attributes:
        question: which command.
        good, bad: command lines; or config files, or mappings, for ``run`` or ``function``.
            noise has no bad.
        function: called with (config, seed); ``"module:name"``, ``"file.py:name"`` or itself.
        run: a command line with {config} in it.
        metric: a pattern with {}, FILE:key/path, a key of the returned mapping, or empty.
        minimize: smaller is better.
        env, cwd: of every trial.
        factor, without: names of differences to study, and to leave as in the good run.
        group, forbid: names, separated by commas, that switch together; that never do.
        settings, limits: of the study; of one trial.
        jobs, executor: trials side by side, and where.
        max_time_s: wall time of each run of the study, begun or resumed.
        margin, gate: of compare: see ``PairedComparison``.
        base: the folder that relative paths start from.
    """

    question: Question
    good: Side
    bad: Side | None = None
    function: Function | None = None
    run: str | None = None
    metric: str = ""
    minimize: bool = False
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: str = "."
    factor: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    group: tuple[str, ...] = ()
    forbid: tuple[str, ...] = ()
    settings: Settings = field(default_factory=Settings)
    limits: Limits = field(default_factory=Limits)
    jobs: int = 1
    executor: str = "local"
    max_time_s: float | None = None
    margin: float | None = None
    gate: bool = False
    base: str = field(default_factory=os.getcwd)

    @classmethod
    def of(
        cls,
        question: Question,
        *,
        good: Side | Path,
        bad: Side | Path | None = None,
        function: Function | None = None,
        margin: float | None = None,
        gate: bool = False,
        **options: Unpack[StudyOptions],
    ) -> Self:
        """Return a request from flat options; what they leave out has its default.

        Raises:
            UsageError: an option that there is not.
        """
        for name in options.keys() - StudyOptions.__annotations__.keys():
            near = difflib.get_close_matches(name, StudyOptions.__annotations__, n=1)
            raise UsageError(
                f"there is no option {name!r}" + (f"; did you mean {near[0]!r}?" if near else ""),
                where=f"whydrop.{question}()",
                do="use the names of the command line's options, with _ for -",
            )
        jobs = options.get("jobs", 1)
        return cls(
            question=question,
            good=_side(good),
            bad=None if bad is None else _side(bad),
            function=function,
            run=options.get("run"),
            metric=options.get("metric") or "",
            minimize=options.get("minimize", False),
            env=dict(options.get("env", ())),
            cwd=options.get("cwd") or ".",
            factor=_names(options.get("factor", ())),
            without=_names(options.get("without", ())),
            group=_names(options.get("group", ())),
            forbid=_names(options.get("forbid", ())),
            settings=Settings(
                alpha=options.get("alpha", 0.05),
                min_effect=options.get("min_effect"),
                max_trials=options.get("max_trials", MAX_TRIALS[question]),
                wave=max(2, jobs),
                seed=options.get("seed", 0),
                interactions=options.get("interactions", 3),
            ),
            limits=Limits(
                timeout_s=options.get("timeout"),
                memory_mib=options.get("memory"),
                threads=options.get("threads"),
            ),
            jobs=jobs,
            executor=options.get("executor", "local"),
            max_time_s=options.get("max_time"),
            margin=margin,
            gate=gate,
        )

    def to_json(self) -> dict[str, Any]:
        """Return the request as JSON-like values; a function given as itself is left out."""
        data = asdict(replace(self, function=None))
        return {**data, "function": self.function if isinstance(self.function, str) else None}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Return the request that ``to_json`` wrote, in this version or another.

        What only the other one knows is left out; what it did not know has its default.
        """
        values = _known(cls, data)
        values["settings"] = Settings(**_known(Settings, values["settings"]))
        values["limits"] = Limits(**_known(Limits, values["limits"]))
        return cls(**values)


def _known(kind: type, data: Mapping[str, Any]) -> dict[str, Any]:
    names = {f.name for f in fields(kind)}
    return {name: value for name, value in data.items() if name in names}


def _names(names: str | Sequence[str]) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(names)


def _side(side: Side | Path) -> Side:
    return str(side) if isinstance(side, Path) else side
