"""Programs as subjects: how a trial is started, what it told, how it is repeated by hand."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from whydrop.core.errors import DataError, UsageError
from whydrop.core.trial import Outcome, Trial
from whydrop.explain.subject import Ended, ProcessTask
from whydrop.explain.subjects.command import CommandSubject, Setup

PROGRAM = """\
import argparse, json, os, pathlib
p = argparse.ArgumentParser()
p.add_argument("--lr", type=float, default=0.0)
p.add_argument("--amp", action="store_true")
p.add_argument("--seed", type=int, default=int(os.environ.get("WHYDROP_SEED", -1)))
p.add_argument("--config")
p.add_argument("--out")
a = p.parse_args()
told = vars(a) | {"word": os.environ.get("WORD")}
if a.config:
    told["read"] = pathlib.Path(a.config).read_text()
if a.out:
    pathlib.Path(a.out, "metrics.json").write_text(json.dumps({"val": {"top1": a.lr}}))
print("val_acc:", a.lr / 2)
print("val_acc:", a.lr)
print(json.dumps(told))
"""
RUN = f"{sys.executable} train.py"


@pytest.fixture
def cwd(tmp_path: Path) -> Path:
    folder = tmp_path / "the project"
    folder.mkdir()
    (folder / "train.py").write_text(PROGRAM)
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "trial 1"
    folder.mkdir()
    return folder


def trial(arm: int = 0, seed: int = 7) -> Trial:
    return Trial(1, arm, seed, "gap")


def ran(subject: CommandSubject, asked: Trial, folder: Path) -> tuple[Outcome, str]:
    task = subject.task(asked, folder)
    done = subprocess.run(
        task.argv, env=os.environ | task.env, cwd=task.cwd, capture_output=True, check=False
    )
    log = folder / "output.log"
    log.write_bytes(done.stdout + done.stderr)
    return subject.outcome(asked, folder, Ended(done.returncode, log)), log.read_text()


def told(output: str) -> dict[str, object]:
    found: dict[str, object] = json.loads(output.splitlines()[-1])
    return found


def test_an_arm_of_two_command_lines_is_run_and_read(cwd: Path, folder: Path) -> None:
    subject = CommandSubject.from_arguments(
        f"{RUN} --lr 0.2 --seed {{seed}}",
        f"{RUN} --lr 0.6 --amp --seed {{seed}}",
        Setup("val_acc: {}", cwd=cwd),
    )
    assert [factor.name for factor in subject.factors] == ["lr", "amp"]
    outcome, output = ran(subject, trial(0b01), folder)
    assert (outcome.state, outcome.value, outcome.curve) == ("ok", 0.6, (0.3, 0.6))
    assert told(output) | {"lr": 0.6, "amp": False, "seed": 7} == told(output)


def test_an_arm_of_two_config_files_is_run_and_read(cwd: Path, folder: Path) -> None:
    (cwd / "good.yaml").write_text("a: 1\nb: 1\n")
    (cwd / "bad.yaml").write_text("a: 2\nb: 2\n")
    subject = CommandSubject.from_configs(
        f"{RUN} --config {{config}} --lr 1 --out={{out}}",
        cwd / "good.yaml",
        cwd / "bad.yaml",
        Setup("metrics.json:val/top1", cwd=cwd),
    )
    outcome, output = ran(subject, trial(0b10), folder)
    assert outcome.value == 1.0
    assert told(output)["read"] == "a: 1\nb: 2\n"
    assert told(output)["seed"] == 7  # by the environment


def test_who_hands_over_the_seed_is_told(cwd: Path) -> None:
    good, bad = "t --seed {seed}", "t --seed {seed} --lr 1"
    assert CommandSubject.from_arguments(good, bad, Setup(cwd=cwd)).seeded_by == "argument"
    assert CommandSubject.from_arguments("t", "t --lr 1", Setup(cwd=cwd)).seeded_by == "environment"
    by_option = CommandSubject.from_arguments(
        "t", "t --lr 1", Setup(env={"SEED": "{seed}"}, cwd=cwd)
    )
    assert by_option.seeded_by == "argument"
    assert by_option.task(trial(), cwd).env["SEED"] == "7"


def test_placeholders_are_filled_and_other_braces_left_alone(cwd: Path, folder: Path) -> None:
    subject = CommandSubject.from_arguments(
        "D={out}/d t a={seed}{seed} '{\"k\": {}}' {lr}",
        "D={out}/d t a={seed}{seed} '{\"k\": {}}' x",
        Setup(cwd=cwd),
    )
    assert subject.task(trial(), folder) == ProcessTask(
        argv=("t", "a=77", '{"k": {}}', "{lr}"),
        env={"WHYDROP_SEED": "7", "D": f"{folder}/d"},
        cwd=str(cwd),
    )


def test_a_config_may_hold_the_seed_and_the_folder(cwd: Path, folder: Path) -> None:
    (cwd / "g.yaml").write_text("seed: '{seed}'\nlogs: '{out}/logs'\nlr: 1e-1\n")
    (cwd / "b.json").write_text('{"seed": "{seed}", "logs": "{out}/logs", "lr": 0.2}')
    pair = cwd / "g.yaml", cwd / "b.json"
    subject = CommandSubject.from_configs("t {config}", *pair, Setup("m.json:a", cwd=cwd))
    assert (subject.seeded_by, subject.shares_file) == ("argument", "")
    (config,) = subject.task(trial(), folder).argv[1:]
    logs = f"{folder}/logs"
    assert Path(config).read_text() == f'seed: 7\nlogs: "{logs}"\nlr: 1e-1\n'
    (cwd / "b.json").write_text('{"seed": 1, "logs": "{out}/logs"}')
    with pytest.raises(UsageError, match="on one of the two sides only"):
        CommandSubject.from_configs("t {config}", *pair, Setup(cwd=cwd))


def test_a_metric_that_is_not_there_shows_the_last_lines(cwd: Path, folder: Path) -> None:
    subject = CommandSubject.from_arguments(
        f"{RUN} --lr 1", f"{RUN} --lr 2", Setup("top1: {}", cwd=cwd)
    )
    outcome, _ = ran(subject, trial(), folder)
    assert outcome.state == "no-metric"
    assert outcome.message.startswith("no line of the output matches 'top1: {}'\n  | val_acc: 0.5")


def test_a_file_in_the_working_directory_is_shared_unless_out_is_used(cwd: Path) -> None:
    def shared(command: str, metric: str) -> str:
        return CommandSubject.from_arguments(
            command, f"{command} --lr 1", Setup(metric, cwd=cwd)
        ).shares_file

    assert shared("t", "m.json:a") == "m.json"
    assert shared("t --out {out}", "m.json:a") == ""
    assert shared("t", "acc: {}") == ""


def test_a_file_left_by_an_earlier_trial_is_refused(cwd: Path, folder: Path) -> None:
    (cwd / "metrics.json").write_text('{"val": {"top1": 1}}')
    subject = CommandSubject.from_arguments(
        f"{RUN} --lr 1", f"{RUN} --lr 2", Setup("metrics.json:val/top1", cwd=cwd)
    )
    outcome, _ = ran(subject, trial(), folder)
    assert outcome.state == "no-metric"
    assert "from before this trial" in outcome.message


def test_a_program_that_fails_is_a_crash(cwd: Path, folder: Path) -> None:
    subject = CommandSubject.from_arguments(
        f"{RUN} --lr 1", f"{RUN} --lr x", Setup("val_acc: {}", cwd=cwd)
    )
    outcome, _ = ran(subject, trial(1), folder)
    assert (outcome.state, outcome.value) == ("crashed", None)
    assert "invalid float value" in outcome.message


def test_a_trial_is_repeated_by_the_line_that_is_printed(cwd: Path, folder: Path) -> None:
    (cwd / "good.json").write_text('{"a b": 1}')
    (cwd / "bad.json").write_text('{"a b": 2}')
    subject = CommandSubject.from_configs(
        f"WORD='a $b' {RUN} --config {{config}} --lr 1",
        cwd / "good.json",
        cwd / "bad.json",
        Setup("val_acc: {}", cwd=cwd),
    )
    line = subject.by_hand(trial(1, seed=5), folder)
    done = subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=True, cwd="/")
    assert told(done.stdout) | {"seed": 5, "word": "a $b"} == told(done.stdout)
    assert json.loads(str(told(done.stdout)["read"])) == {"a b": 2}


def test_the_identity_names_each_setting_the_metric_and_the_code(cwd: Path) -> None:
    def identity(good: str = f"{RUN} --lr 1 x", metric: str = "a: {}") -> dict[str, str]:
        bad = f"{RUN} --lr 2 x --amp --hub-token abc"
        return CommandSubject.from_arguments(
            good, bad, Setup(metric, env={"E": "1"}, cwd=cwd)
        ).identity()

    known = identity()
    assert (known["good.lr"], known["bad.lr"]) == ("1", "2")
    assert known["bad.amp"] == "true"
    assert (known["metric"], known["env.E"], known["cwd"]) == ("a: {}", "1", str(cwd))
    assert known["bad.hub-token"].startswith("sha256:")
    assert known["code"].startswith("train.py sha256:")
    changed = identity(good=f"{RUN} --lr=3 x")
    assert {key for key in known if known[key] != changed[key]} == {"good.lr"}
    (cwd / "train.py").write_text(PROGRAM + "# edited\n")
    edited = identity()
    assert {key for key in known if known[key] != edited[key]} == {"code"}


def test_the_identity_of_config_files_names_each_key(cwd: Path) -> None:
    (cwd / "g.yaml").write_text("o: {lr: 1, betas: [1, 2]}\napi_key: s3cret\n")
    (cwd / "b.yaml").write_text("o: {lr: 2}\n")
    subject = CommandSubject.from_configs(
        "t {config}", cwd / "g.yaml", cwd / "b.yaml", Setup(cwd=cwd)
    )
    known = subject.identity()
    assert (known["good.o.lr"], known["bad.o.lr"], known["good.o.betas"]) == ("1", "2", "[1, 2]")
    assert known["command"] == "t '{config}'"
    assert "s3cret" not in str(known)


def test_choices_reach_the_factors(cwd: Path) -> None:
    subject = CommandSubject.from_arguments(
        "t", "t --a 1 --b 2 --c 3 --d 4", Setup(without=["c"], groups=["a,b"], cwd=cwd)
    )
    assert [factor.name for factor in subject.factors] == ["a+b", "d"]
    assert subject.task(trial(0b11), cwd).argv == ("t", "--a", "1", "--b", "2", "--d", "4")


def test_good_alone_has_no_factors(cwd: Path) -> None:
    assert CommandSubject.from_arguments("t --lr 1", None, Setup(cwd=cwd)).factors == ()
    (cwd / "g.yaml").write_text("a: 1")
    assert (
        CommandSubject.from_configs("t {config}", cwd / "g.yaml", None, Setup(cwd=cwd)).factors
        == ()
    )


def test_inputs_that_do_not_differ_are_refused_by_both_names(cwd: Path) -> None:
    with pytest.raises(UsageError, match="no difference") as caught:
        CommandSubject.from_arguments("t --lr 1 -v", "t -v --lr=1", Setup(cwd=cwd))
    assert "t --lr 1 -v" in caught.value.where
    assert "t -v --lr=1" in caught.value.where


@pytest.mark.parametrize(
    ("good", "bad", "what"),
    [
        ("t --seed {seed}", "t --seed 1", "on one of the two sides only"),
        ("t {config}", "t {config} --lr 1", "{config} has no file"),
    ],
)
def test_placeholders_that_cannot_work_are_refused(
    cwd: Path, good: str, bad: str, what: str
) -> None:
    with pytest.raises(UsageError, match=what):
        CommandSubject.from_arguments(good, bad, Setup(cwd=cwd))


def test_a_command_without_a_place_for_its_config_is_refused(cwd: Path) -> None:
    with pytest.raises(UsageError, match="where its config file goes"):
        CommandSubject.from_configs("t --lr 1", "a.yaml", "b.yaml", Setup(cwd=cwd))


def test_a_level_that_cannot_be_written_is_refused_before_any_trial(cwd: Path) -> None:
    (cwd / "g.toml").write_text("a = 1")
    (cwd / "b.json").write_text('{"a": null}')
    with pytest.raises(DataError, match="cannot be written as toml"):
        CommandSubject.from_configs("t {config}", cwd / "g.toml", cwd / "b.json", Setup(cwd=cwd))


def test_a_working_directory_that_is_not_there_is_refused(cwd: Path) -> None:
    with pytest.raises(UsageError, match="there is no folder"):
        CommandSubject.from_arguments("t", "t --lr 1", Setup(cwd=cwd / "none"))
