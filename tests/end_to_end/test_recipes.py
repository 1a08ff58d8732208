"""Two recipes from files: told apart without a framework, and studied to an answer."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML
from tests.fixtures.processes import becomes_true
from tests.fixtures.small_recipe import plain, written_images

import whydrop
from whydrop.journal.record import Record

NORMALIZE = {"op": "Normalize", "mean": [0.5] * 3, "std": [0.25] * 3}
FLIP, CUTOUT = {"op": "HorizontalFlip"}, {"op": "Cutout", "size": 2}
SOFTMAX = {"output": "softmax", "loss": {"name": "categorical_cross_entropy"}}


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return two recipes; one difference of three does harm: a learning rate that is no rate."""
    folder = tmp_path_factory.mktemp("pair")
    images = written_images(folder / "images.npz")
    shared = {"model": {"name": "mlp", "hidden": [32]}, "train": {"epochs": 4, "batch_size": 16}}
    sides = {
        "good": plain(
            images,
            augment={"ops": [FLIP, NORMALIZE]},
            optimizer={"name": "adam", "lr": 0.01},
            **shared,
        ),
        "bad": plain(
            images,
            augment={"ops": [FLIP, NORMALIZE, CUTOUT]},
            optimizer={"name": "adam", "lr": 1e-6},
            **SOFTMAX,
            **shared,
        ),
    }
    for name, values in sides.items():
        with (folder / f"{name}.yaml").open("w") as stream:
            YAML(typ="safe").dump(values, stream)
    return folder / "good.yaml", folder / "bad.yaml"


def told(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    code = (
        "import sys\n"
        "from whydrop.cli.main import run\n"
        "status = run(sys.argv[1:])\n"
        "assert 'torch' not in sys.modules, 'PyTorch was loaded'\n"
        "sys.exit(status)\n"
    )
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_what_differs_is_told_without_a_framework(pair: tuple[Path, Path]) -> None:
    done = told("diff", *pair, "--format", "json")
    assert done.returncode == 0, done.stderr
    assert {factor["name"] for factor in json.loads(done.stdout)["factors"]} == {
        *("optimizer.lr", "output", "loss.name", "augment.Cutout")
    }


@pytest.mark.parametrize("command", ["explain", "compare"])
def test_a_study_of_recipes_is_planned_without_a_framework(
    command: str, pair: tuple[Path, Path]
) -> None:
    done = told(command, *pair, "--dry-run", "--format", "json")
    assert done.returncode == 0, done.stderr
    plan = json.loads(done.stdout)
    assert plan["forbid"] == (["loss.name,!output"] if command == "explain" else [])


def test_noise_takes_one_recipe(pair: tuple[Path, Path]) -> None:
    done = told("noise", pair[0], "--dry-run")
    assert done.returncode == 0, done.stderr


def test_a_recipe_beside_another_file_is_refused(pair: tuple[Path, Path], tmp_path: Path) -> None:
    other = tmp_path / "other.yaml"
    other.write_text("lr: 1\n")
    done = told("explain", pair[0], other, "--dry-run")
    assert done.returncode == 2
    assert "this is no recipe" in done.stderr and str(other) in done.stderr


def test_the_difference_that_does_harm_is_named(pair: tuple[Path, Path], tmp_path: Path) -> None:
    pytest.importorskip("torch")
    good, bad = pair
    result = whydrop.explain(
        good=good, bad=bad, study=tmp_path / "study", jobs=2, threads=1, min_effect=5, quiet=True
    )
    assert result.verdict == "explained"
    assert [culprit.factors for culprit in result.culprits] == [("optimizer.lr",)]
    with Record.open(tmp_path / "study") as record:
        study = record.study()
    assert study.metric.name == "top1"
    at = {factor.name: 1 << i for i, factor in enumerate(study.factors)}
    arms = {outcome.trial.arm for outcome in study.outcomes}
    assert not any(arm & at["loss.name"] and not arm & at["output"] for arm in arms)
    assert not any(outcome.value is None for outcome in study.outcomes)


def test_a_recipe_that_cannot_be_trained_is_said_with_its_cause(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    images, nowhere = written_images(tmp_path / "images.npz"), tmp_path / "nowhere.npz"
    for name, path in (("good", images), ("bad", nowhere)):
        (tmp_path / f"{name}.json").write_text(json.dumps(plain(path)))
    sides, study = (tmp_path / "good.json", tmp_path / "bad.json"), tmp_path / "s"
    done = told("explain", *sides, "--study", study, "--quiet")
    shown = " ".join(done.stdout.split())
    assert "there is no such file" in shown and str(nowhere) in shown


def test_ctrl_c_says_how_many_epochs_are_kept_and_how_to_go_on(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    recipe, out = tmp_path / "recipe.json", tmp_path / "out"
    values = plain(written_images(tmp_path / "images.npz"), train={"epochs": 100_000})
    recipe.write_text(json.dumps(values))
    words = ["train", str(recipe), "--out", str(out), "--quiet"]
    training = subprocess.Popen(
        [sys.executable, "-m", "whydrop", *words], stderr=subprocess.PIPE, text=True
    )
    assert becomes_true((out / "history.json").exists, within_s=60)
    training.send_signal(signal.SIGINT)
    _, shown = training.communicate(timeout=60)
    assert training.returncode == 130
    rows = len(json.loads((out / "history.json").read_text())["rows"])
    assert shown.splitlines() == [
        f"whydrop: interrupted after {rows} of 100000 epochs",
        f"  where: {out}",
        "  do: go on by the same line again",
    ]


def test_a_function_that_raises_is_said_with_a_command_that_repeats_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("fit.py").write_text("def fit(config, seed):\n    raise ValueError('no data')\n")
    for name, lr in (("good", 1), ("bad", 2)):
        Path(f"{name}.json").write_text(json.dumps({"lr": lr}))
    done = told("explain", "fit.py:fit", "good.json", "bad.json", "--study", "s", "--quiet")
    assert "exit status 1: ValueError: no data" in done.stderr
    assert "do: try `whydrop rerun s 3`" in done.stderr
    again = told("rerun", "s", "3")
    assert again.returncode == 0 and "no data" in again.stdout
