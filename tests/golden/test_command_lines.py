"""Pairs of command lines beside what a person says differs between them."""

import shlex
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from whydrop.core.factor import ABSENT
from whydrop.explain.sources.arguments import ArgumentPair
from whydrop.explain.sources.command_line import ASSIGNMENT

CASES = YAML(typ="safe", pure=True).load(Path(__file__).with_name("command_lines.yaml"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["about"])
def test_a_pair_of_command_lines_differs_as_a_person_says(case: dict[str, Any]) -> None:
    pair = ArgumentPair.read(case["good"], case["bad"])
    found = {
        factor.name: [None if level is ABSENT else level for level in (factor.off, factor.on)]
        for factor in pair.factors
    }
    assert found == case["differ"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["about"])
def test_the_good_arm_is_the_good_command_word_for_word(case: dict[str, Any]) -> None:
    pair = ArgumentPair.read(case["good"], case["bad"])
    words = shlex.split(case["good"])
    while ASSIGNMENT.fullmatch(words[0]):
        del words[0]
    assert list(pair.line(()).argv) == words


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["about"])
def test_the_full_arm_has_no_difference_from_the_bad_command(case: dict[str, Any]) -> None:
    pair = ArgumentPair.read(case["good"], case["bad"])
    line = pair.line({factor.path for factor in pair.factors})
    env = [f"{name}={shlex.quote(value)}" for name, value in line.env.items()]
    rebuilt = " ".join([*env, shlex.join(line.argv)])
    assert ArgumentPair.read(case["bad"], rebuilt).factors == ()
