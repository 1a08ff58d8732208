"""Python functions as subjects: their configs, what they return, how a call is repeated."""

import math
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from whydrop.core.errors import UsageError
from whydrop.core.trial import Outcome, Trial
from whydrop.explain.subject import Ended
from whydrop.explain.subjects.function import FunctionSubject

GOOD = {"lr": 1, "o": {"name": "sgd", "momentum": 0.9}, "same": [1]}
BAD = {"lr": 2, "o": {"name": "adam", "eps": math.inf}, "same": [1]}
TRIAL = Trial(1, 0b10, 7, "gap")


def train(config: dict[str, Any], seed: int) -> float:
    return float(config["lr"] + seed)


def subject(metric: str | None = None, **options: Any) -> FunctionSubject:
    return FunctionSubject.of(train, GOOD, BAD, metric, **options)


def outcome(returned: Any, metric: str | None = None) -> Outcome:
    ended = Ended(0, Path("output.log"), returned)
    return subject(metric).outcome(TRIAL, Path(), ended)


def test_a_trial_is_a_call_with_the_config_of_its_arm_and_its_seed() -> None:
    task = subject().task(TRIAL, Path())
    assert (task.function, task.seed) == (train, 7)
    assert task.config == {"lr": 1, "o": {"name": "adam", "eps": math.inf}, "same": [1]}
    assert task.ahead == (GOOD, BAD)
    alone = FunctionSubject.of(train, GOOD, None).task(Trial(1, 0, 7, "noise"), Path())
    assert alone.ahead == (GOOD,)


def test_a_config_that_a_trial_changes_is_not_that_of_the_next() -> None:
    one = subject()
    held: Any = one.task(TRIAL, Path()).config
    held["same"].append(2)
    assert one.task(TRIAL, Path()).config["same"] == [1]


def test_configs_may_be_files_or_a_file_and_a_mapping(tmp_path: Path) -> None:
    good, bad = tmp_path / "g.yaml", tmp_path / "b.toml"
    good.write_text("lr: 1\nx: 1\n")
    bad.write_text("lr = 2\nx = 1\n")
    files = FunctionSubject.of(train, good, str(bad))
    assert files.factors[0].source == "g.yaml:1, b.toml:1"
    mixed = FunctionSubject.of(train, {"lr": 1, "x": 1}, bad)
    assert [factor.name for factor in mixed.factors] == ["lr"]


@pytest.mark.parametrize(
    ("returned", "metric", "value", "curve"),
    [
        (0.5, None, 0.5, ()),
        ({"top1": 0.5}, None, 0.5, ()),
        ({"top1": 0.5, "note": "x"}, None, 0.5, ()),
        ({"top1": 0.5, "loss": 1}, "loss", 1.0, ()),
        ({"val": {"top1": 0.5}}, "val/top1", 0.5, ()),
        ({"top1": [0.1, 0.2]}, "top1", 0.2, (0.1, 0.2)),
        ([0.1, 0.2], None, 0.2, (0.1, 0.2)),
    ],
)
def test_what_a_function_returns_is_its_metric(
    returned: Any, metric: str | None, value: float, curve: tuple[float, ...]
) -> None:
    found = outcome(returned, metric)
    assert (found.state, found.value, found.curve) == ("ok", value, curve)


def test_a_metric_that_is_not_a_number_is_said_to_be_nan() -> None:
    assert outcome({"top1": math.nan}, "top1").state == "nan"


@pytest.mark.parametrize(
    ("returned", "metric", "what"),
    [
        ({"top5": 1, "loss": 2}, "top1", "there is no 'top1'; there is top5, loss"),
        ({"top5": 1, "loss": 2}, None, "which of top5, loss is it?"),
        ({}, None, "which of nothing is it?"),
        (0.5, "top1", "'top1' was asked for and it is 0.5"),
        ({"top1": "high"}, "top1", "'high' is no number"),
        ({"top1": []}, "top1", r"\[\] is no number"),
        ({"top1": [1, "x"]}, "top1", "is no number"),
        ({"top1": True}, "top1", "True is no number"),
    ],
)
def test_a_function_without_the_metric_says_what_it_returned(
    returned: Any, metric: str | None, what: str
) -> None:
    found = outcome(returned, metric)
    assert found.state == "no-metric"
    with pytest.raises(AssertionError, match=what):
        raise AssertionError(found.message)


def test_a_call_is_repeated_by_the_python_that_is_printed(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(
        "def train(config, seed):\n    return config['o']['eps'] + seed\n"
        "if __name__ == '__main__':\n    raise SystemExit('not to be run')\n"
    )
    for target in (f"{tmp_path / 'program.py'}:train", "program:train"):
        made = FunctionSubject(target, GOOD, BAD, subject().factors, subject().metric, "")
        done = subprocess.run(
            [sys.executable, "-c", made.by_hand(TRIAL, tmp_path)],
            capture_output=True,
            text=True,
            check=True,
            cwd=tmp_path,
        )
        assert done.stdout.strip() == "inf"


def test_the_identity_names_function_settings_and_code(tmp_path: Path) -> None:
    known = subject("top1").identity()
    assert known["function"].endswith(":train")
    assert (known["good.lr"], known["bad.lr"], known["metric"]) == ("1", "2", "top1")
    assert known["bad.o.eps"] == "Infinity"
    assert known["code"].startswith("test_function.py sha256:")


def test_choices_reach_the_factors_and_good_alone_has_none() -> None:
    assert [f.name for f in subject(only=["lr"]).factors] == ["lr"]
    assert [f.name for f in subject(groups=["lr,o"]).factors] == ["lr+o"]
    assert FunctionSubject.of(train, GOOD, None).factors == ()


def test_inputs_that_do_not_differ_are_refused_by_both_names(tmp_path: Path) -> None:
    file = tmp_path / "same.json"
    file.write_text('{"lr": 1}')
    with pytest.raises(UsageError, match="no difference") as caught:
        FunctionSubject.of(train, {"lr": 1}, file)
    assert caught.value.where == f"good and {file}"


@pytest.mark.parametrize(
    ("function", "what"),
    [
        ("train", "names no function"),
        ("pkg.train:", "names no function"),
        (":train", "names no function"),
        ("train.py:a b", "names no function"),
        ("nowhere/train.py:train", "there is no file"),
        (3, "cannot be called"),
    ],
)
def test_what_is_no_function_is_refused(function: str | Callable[..., Any], what: str) -> None:
    with pytest.raises(UsageError, match=what):
        FunctionSubject.of(function, GOOD, BAD)


def test_a_value_that_cannot_be_kept_is_refused_by_its_key() -> None:
    with pytest.raises(UsageError, match="'act' is a"):
        FunctionSubject.of(train, GOOD, {"act": math.tanh})
