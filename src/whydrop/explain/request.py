"""Request: all that a study was asked, as it was asked; kept in its journal, so that a study can
go on, be reported and be repeated from its folder alone."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Literal, Self

from whydrop.explain.executor import Limits
from whydrop.explain.settings import Settings

Question = Literal["explain", "compare", "noise"]
Function = str | Callable[..., Any]
Side = str | Mapping[str, Any]


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

    @classmethod
    def of(
        cls,
        question: Question,
        *,
        good: Side,
        bad: Side | None = None,
        function: Function | None = None,
        run: str | None = None,
        metric: str | None = None,
        minimize: bool = False,
        env: Mapping[str, str] | Sequence[tuple[str, str]] = (),
        cwd: str | None = None,
        factor: Sequence[str] = (),
        without: Sequence[str] = (),
        group: Sequence[str] = (),
        forbid: Sequence[str] = (),
        max_trials: int,
        max_time: float | None = None,
        min_effect: float | None = None,
        alpha: float = 0.05,
        interactions: Literal[1, 2, 3] = 3,
        seed: int = 0,
        jobs: int = 1,
        executor: str = "local",
        timeout: float | None = None,
        memory: int | None = None,
        threads: int | None = None,
        margin: float | None = None,
        gate: bool = False,
    ) -> Self:
        """Return a request from flat options, in seconds and MiB, with what they leave open."""
        return cls(
            question=question,
            good=good,
            bad=bad,
            function=function,
            run=run,
            metric=metric or "",
            minimize=minimize,
            env=dict(env),
            cwd=cwd or ".",
            factor=tuple(factor),
            without=tuple(without),
            group=tuple(group),
            forbid=tuple(forbid),
            settings=Settings(
                alpha=alpha,
                min_effect=min_effect,
                max_trials=max_trials,
                wave=max(2, jobs),
                seed=seed,
                interactions=interactions,
            ),
            limits=Limits(timeout_s=timeout, memory_mib=memory, threads=threads),
            jobs=jobs,
            executor=executor,
            max_time_s=max_time,
            margin=margin,
            gate=gate,
        )

    def to_json(self) -> dict[str, Any]:
        """Return the request as JSON-like values; a function given as itself is left out."""
        data = asdict(replace(self, function=None))
        return {**data, "function": self.function if isinstance(self.function, str) else None}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Return the request that ``to_json`` wrote; fields of later versions keep defaults."""
        known = {f.name for f in fields(cls)}
        values = {name: value for name, value in data.items() if name in known}
        values["settings"] = Settings(**values["settings"])
        values["limits"] = Limits(**values["limits"])
        return cls(**values)
