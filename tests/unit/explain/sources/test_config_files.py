"""Two config files: their factors with lines, the arms between them, and what is refused."""

import json
import math
import tomllib
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from whydrop.core.config.file import read_config
from whydrop.core.errors import DataError
from whydrop.core.factor import ABSENT, Factor
from whydrop.explain.sources.config_files import ConfigPair

YAML_GOOD = """\
epochs: 10
lr: 1e-3          # a comment
amp: yes
optimizer:
  name: sgd
  momentum: 0.9
  wd: 0.1
augment:
  - {name: crop, pad: 4}
  - {name: flip, p: 0.5}
milestones: [30, 60]
"""
YAML_BAD = """\
lr: 1e-2
epochs: 10
amp: no
optimizer: {name: adam, betas: [0.9, 0.99], wd: 0.2}
augment:
  - name: crop
    pad: 8
  - name: cutout
    size: 16
    p: 0.5
milestones: [30, 60, 90]
mixup:
  alpha: 1.0
"""


@pytest.fixture
def pair(tmp_path: Path) -> ConfigPair:
    return ConfigPair.read(*written(tmp_path, "yaml", YAML_GOOD, YAML_BAD))


def written(folder: Path, suffix: str, *texts: str) -> list[Path]:
    files = [folder / f"{name}.{suffix}" for name in ("good", "bad")]
    for file, text in zip(files, texts, strict=False):
        file.write_text(text, encoding="utf-8")
    return files[: len(texts)]


def all_on(factors: tuple[Factor, ...]) -> set[tuple[str | int, ...]]:
    return {leaf.path for factor in factors for leaf in factor.leaves}


def test_each_differing_leaf_is_a_factor_with_the_lines_of_both_files(pair: ConfigPair) -> None:
    leaves = [leaf for factor in pair.factors for leaf in factor.leaves]
    assert [(leaf.name, leaf.off, leaf.on, leaf.source) for leaf in leaves] == [
        ("lr", 0.001, 0.01, "good.yaml:2, bad.yaml:1"),
        ("amp", "yes", "no", "good.yaml:3, bad.yaml:3"),
        ("optimizer.name", "sgd", "adam", "good.yaml:5, bad.yaml:4"),
        ("optimizer.momentum", 0.9, ABSENT, "good.yaml:6"),
        ("optimizer.betas", ABSENT, [0.9, 0.99], "bad.yaml:4"),
        ("optimizer.wd", 0.1, 0.2, "good.yaml:7, bad.yaml:4"),
        ("augment[0].pad", 4, 8, "good.yaml:9, bad.yaml:7"),
        ("augment[1].name", "flip", "cutout", "good.yaml:10, bad.yaml:8"),
        ("augment[1].size", ABSENT, 16, "bad.yaml:9"),
        ("milestones", [30, 60], [30, 60, 90], "good.yaml:11, bad.yaml:11"),
        ("mixup", ABSENT, {"alpha": 1.0}, "bad.yaml:12"),
    ]  # fmt: skip


def test_a_choice_and_the_parameters_of_one_side_switch_together(pair: ConfigPair) -> None:
    groups = {f.name: [leaf.name for leaf in f.parts] for f in pair.factors if f.kind == "group"}
    assert groups == {
        "optimizer": ["optimizer.name", "optimizer.momentum", "optimizer.betas"],
        "augment[1]": ["augment[1].name", "augment[1].size"],
    }


def test_an_arm_written_as_yaml_keeps_every_scalar_as_it_was_typed(pair: ConfigPair) -> None:
    on = {
        leaf.path
        for f in pair.factors
        if f.name in ("lr", "optimizer", "mixup")
        for leaf in f.leaves
    }
    # PyYAML reads "yes" as true and 1e-2 as a text: the program must see what it always saw.
    assert pair.text(on).splitlines() == [
        "epochs: 10", "lr: 1e-2", "amp: yes", "optimizer:", "  name: adam", "  betas:", "  - 0.9",
        "  - 0.99", "  wd: 0.1", "augment:", "- name: crop", "  pad: 4", "- name: flip",
        "  p: 0.5", "milestones:", "- 30", "- 60", "mixup:", "  alpha: 1.0",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("suffix", "load"),
    [
        ("yaml", YAML(typ="safe", pure=True).load),
        ("json", json.loads),
        ("toml", tomllib.loads),
    ],
)
def test_the_arms_with_nothing_and_all_on_are_the_two_files(
    tmp_path: Path, suffix: str, load: object
) -> None:
    good = {"a": {"b": 1, "c": [1, 2]}, "t": [{"x": 1}, {"x": 2}], "only": 1.5}
    bad = {"a": {"b": 2, "c": [1]}, "t": [{"x": 1}, {"x": 3, "y": "z"}], "new": {"k": True}}
    texts = (json.dumps(good), json.dumps(bad))
    if suffix == "toml":
        texts = (
            "only = 1.5\n[a]\nb = 1\nc = [1, 2]\n[[t]]\nx = 1\n[[t]]\nx = 2\n",
            "[a]\nb = 2\nc = [1]\n[[t]]\nx = 1\n[[t]]\nx = 3\ny = 'z'\n[new]\nk = true\n",
        )
    pair = ConfigPair.read(*written(tmp_path, suffix, *texts))
    assert callable(load)
    assert load(pair.text(())) == good
    assert load(pair.text(all_on(pair.factors))) == bad


def test_formats_may_be_mixed_and_an_arm_has_the_format_of_good(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.yml", tmp_path / "bad.json"
    good.write_text("a: 1\n")
    bad.write_text('{"a": 2, "s": "yes", "t": 1e-05, "n": null, "b": false, "i": Infinity}')
    pair = ConfigPair.read(good, bad)
    file = pair.write(all_on(pair.factors), tmp_path)
    assert file.name == "config.yml"
    assert file.read_text().splitlines() == [
        "a: 2", '"s": "yes"', '"t": 1.0e-05', '"n": null', '"b": false', '"i": .inf'
    ]  # fmt: skip


def test_a_level_that_the_format_of_good_cannot_hold_is_refused(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.toml", tmp_path / "bad.json"
    good.write_text("a = 1")
    bad.write_text('{"a": null}')
    pair = ConfigPair.read(good, bad)
    with pytest.raises(DataError, match=r"bad\.json cannot be written as toml"):
        pair.text(all_on(pair.factors))


def test_not_a_number_is_no_difference_from_itself(tmp_path: Path) -> None:
    pair = ConfigPair.read(*written(tmp_path, "json", '{"a": NaN}', '{"a": NaN}'))
    assert pair.factors == ()
    assert math.isnan(pair.good.document.data["a"])


def test_merge_keys_and_aliases_are_resolved(tmp_path: Path) -> None:
    texts = ("b: &b {x: 1, y: 2}\nd: {<<: *b, y: 3}\n", "b: &b {x: 1, y: 2}\nd: {<<: *b, y: 4}\n")
    pair = ConfigPair.read(*written(tmp_path, "yaml", *texts))
    assert [(f.name, f.off, f.on) for f in pair.factors] == [("d.y", 3, 4)]
    assert read_config(pair.write((), tmp_path)).document.data == {
        "b": {"x": 1, "y": 2},
        "d": {"x": 1, "y": 3},
    }


def test_an_empty_yaml_file_is_a_config_without_values(tmp_path: Path) -> None:
    assert ConfigPair.read(*written(tmp_path, "yaml", "", "a: 1")).factors[0].off is ABSENT
