"""FunctionSubject: a trial is a call ``train(config, seed)`` that returns its metric."""

import math
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from pprint import pformat
from typing import Any, Literal

from whydrop.core.config.file import read_config
from whydrop.core.config.path import Path as Leaf
from whydrop.core.errors import UsageError
from whydrop.core.factor import Factor
from whydrop.core.metric import Metric
from whydrop.core.trial import Outcome, Trial
from whydrop.explain.sources import values
from whydrop.explain.sources.config_files import ConfigPair
from whydrop.explain.sources.grouping import paths_of, require_difference, selected
from whydrop.explain.subject import CallTask, Ended
from whydrop.explain.subjects.identity import hash_of, identified
from whydrop.explain.subjects.libraries import installed
from whydrop.explain.subjects.lookup import NoMetricError, number, numbers_in, value_at

Function = Callable[..., Any]
Config = Mapping[str, Any] | str | Path
Mix = Callable[[Mapping[str, Any], Mapping[str, Any], Collection[Leaf]], Mapping[str, Any]]


@dataclass(frozen=True)
class FunctionSubject:
    """Calls a Python function for each trial.

    Attributes:
        function: ``"module:name"``, ``"path/script.py:name"``, or the function itself.
        good, bad: the two configs; both are private copies.
        factors: what is studied of their differences; the rest stays as in good.
        metric: a key of the mapping that the function returns; its name is "metric" when the
            function returns one number alone.
        key: that key, or empty.
        mix: makes the config of an arm from good, bad and the paths that are on.
        impossible: combinations that the configs themselves rule out, as for ``--forbid``.
        notes: sentences that a reader of the plan must know.
    """

    function: str | Function
    good: Mapping[str, Any]
    bad: Mapping[str, Any]
    factors: tuple[Factor, ...]
    metric: Metric
    key: str
    mix: Mix = values.mixed
    impossible: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        function: str | Function,
        good: Config,
        bad: Config | None,
        metric: str | None = None,
        minimize: bool = False,
        *,
        only: Iterable[str] = (),
        without: Iterable[str] = (),
        groups: Iterable[str] = (),
    ) -> "FunctionSubject":
        """Return the subject of a function and two configs.

        Args:
            function: takes (config, seed), in this order.
            good: a mapping, or a YAML, JSON or TOML file.
            bad: the other one; None for a subject without factors, to run good alone.
            metric: a key of the mapping that the function returns, such as ``"val/top1"``; may be
                left out when it returns one number.
            minimize: smaller is better.
            only, without, groups: see ``selected``.

        Raises:
            UsageError: no difference, an unknown name, no such file, a value that a study
                cannot keep.
            DataError: a file that does not hold a config.
        """
        if isinstance(function, str):
            _require_target(function)
        elif not callable(function):
            what = f"{function!r:.100} cannot be called"
            raise UsageError(what, where="the function", do="give a function train(config, seed)")
        other = good if bad is None else bad
        if isinstance(good, Mapping) or isinstance(other, Mapping):
            one, two = _config(good, "good"), _config(other, "bad")
            found = values.factors(one, two)
        else:
            pair = ConfigPair.read(Path(good), Path(other))
            one, two, found = pair.good.document.data, pair.bad.document.data, pair.factors
        if bad is not None:
            require_difference(found, label(good, "good"), label(bad, "bad"))
        chosen = selected(found, only, without, groups)
        asked = Metric(metric or "metric", minimize)
        return cls(function, one, two, chosen, asked, metric or "")

    @property
    def seeded_by(self) -> Literal["argument"]:
        return "argument"

    @property
    def shares_file(self) -> str:
        return ""

    def task(self, trial: Trial, folder: Path) -> CallTask:
        on = paths_of(trial.arm, self.factors)
        return CallTask(
            self.function, self.mix(self.good, self.bad, on), trial.seed, self._both_ends
        )

    @cached_property
    def _both_ends(self) -> tuple[Mapping[str, Any], ...]:
        """The configs of the arms that run most: with nothing on, and with all."""
        good = self.mix(self.good, self.bad, ())
        bad = self.mix(self.good, self.bad, paths_of((1 << len(self.factors)) - 1, self.factors))
        return (good,) if bad == good else (good, bad)

    def outcome(self, trial: Trial, folder: Path, ended: Ended) -> Outcome:
        try:
            told = self._told(ended.returned)
        except NoMetricError as error:
            return Outcome.failed(trial, "no-metric", f"the function returned no metric: {error}")
        return Outcome.measured(trial, told[-1], tuple(told) if len(told) > 1 else ())

    def _told(self, returned: Any) -> list[float]:
        """Return the metric's values in order, at least one."""
        found = returned
        if isinstance(returned, Mapping):
            found = value_at(returned, self.key or self._only_key(returned))
        elif self.key:
            raise NoMetricError(f"{self.key!r} was asked for and it is {returned!r:.200}")
        told = [number(item) for item in found] if isinstance(found, list) else [number(found)]
        known = [value for value in told if value is not None]
        if not known or len(known) < len(told):
            raise NoMetricError(f"{found!r:.200} is no number")
        return known

    def _only_key(self, returned: Mapping[str, Any]) -> str:
        keys = numbers_in(returned)
        if len(keys) != 1:
            held = ", ".join(map(str, returned)) or "nothing"
            raise NoMetricError(f"which of {held} is it? name one as the metric")
        return keys[0]

    def identity(self) -> dict[str, str]:
        return identified(
            {
                "function": _name(self.function),
                **{f"good.{name}": level for name, level in values.flat(self.good).items()},
                **{f"bad.{name}": level for name, level in values.flat(self.bad).items()},
                "metric": self.metric.name,
                "direction": self.metric.direction,
                **hash_of(_file(self.function)),
            }
        )

    def versions(self) -> dict[str, str]:
        return installed()

    def by_hand(self, trial: Trial, folder: Path) -> str:
        config = self.mix(self.good, self.bad, paths_of(trial.arm, self.factors))
        name = _name(self.function).rpartition(":")[2]
        lines = [
            f"config = {pformat(config, sort_dicts=False, width=96)}",
            f"print({name}(config, {trial.seed}))",
        ]
        if isinstance(self.function, str):
            place = self.function.rpartition(":")[0]
            if place.endswith(".py"):
                lines.insert(
                    0,
                    f"{name} = runpy.run_path({place!r}, run_name={Path(place).stem!r})[{name!r}]",
                )
                lines.insert(0, "import runpy")
            else:
                lines.insert(0, f"from {place} import {name}")
        if any(isinstance(v, float) and not math.isfinite(v) for v in values.flat(config).values()):
            lines.insert(0, "from math import inf, nan")
        return "\n".join(lines)


def _require_target(function: str) -> None:
    place, colon, name = function.rpartition(":")
    if not (colon and place and name.isidentifier()):
        raise UsageError(
            f"{function!r} names no function",
            where="the function",
            do="write package.module:function or path/script.py:function",
        )
    if place.endswith(".py") and not Path(place).is_file():
        what = f"there is no file {place!r}"
        raise UsageError(what, where=function, do="correct the path")


def label(side: Config, name: str) -> str:
    """Return what a user knows a config by: its file, or its name."""
    return name if isinstance(side, Mapping) else str(side)


def _config(given: Config, name: str) -> dict[str, Any]:
    if isinstance(given, Mapping):
        checked: dict[str, Any] = values.checked(given, name)
        return checked
    data: dict[str, Any] = read_config(Path(given)).document.data
    return data


def _name(function: str | Function) -> str:
    if isinstance(function, str):
        return function
    module = getattr(function, "__module__", "__main__")
    return f"{module}:{getattr(function, '__name__', type(function).__name__)}"


def _file(function: str | Function) -> Path | None:
    """Return the file that a function is defined in, if it can be told without importing it."""
    if isinstance(function, str):
        place = function.rpartition(":")[0]
        file = Path(place) if place.endswith(".py") else Path(*place.split(".")).with_suffix(".py")
    else:
        code = getattr(function, "__code__", None)
        file = Path(getattr(code, "co_filename", ""))
    return file if file.is_file() else None
