"""Laws of nested configs: every arm is made of good and bad, and survives each file format."""

import math
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from whydrop.core.config import json_text, toml_text, yaml_text
from whydrop.explain.sources import values

KEYS = st.sampled_from(["name", "type", "lr", "optimizer", "yes", "a.b", "null", "1", "x y", "é"])
SCALARS = st.one_of(
    st.booleans(),
    st.integers(-(10**12), 10**12),
    st.floats(allow_nan=True),
    st.sampled_from(
        ["sgd", "adam", "", "yes", "null", "1e-3", "0x1F", "- a", "a: b", "#", "2020-01-01"]
    ),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=6),
)
TREES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=4)),
    max_leaves=12,
)
CONFIGS = st.dictionaries(KEYS, TREES, max_size=5)
Config = dict[str, Any]
FILE = Path("config")


def all_paths(good: Config, bad: Config) -> set[values.Path]:
    return {leaf.path for factor in values.factors(good, bad) for leaf in factor.leaves}


@given(CONFIGS, CONFIGS)
@settings(max_examples=50, deadline=None)
def test_the_arm_with_nothing_on_is_good_and_that_with_all_on_is_bad(
    good: Config, bad: Config
) -> None:
    assert values.equal(values.mixed(good, bad, ()), good)
    assert values.equal(values.mixed(good, bad, all_paths(good, bad)), bad)


@given(CONFIGS, CONFIGS)
@settings(max_examples=50, deadline=None)
def test_two_configs_without_a_factor_are_equal(good: Config, bad: Config) -> None:
    assert bool(values.factors(good, bad)) != values.equal(good, bad)


@given(CONFIGS, CONFIGS, st.integers(min_value=0))
@settings(max_examples=50, deadline=None)
def test_an_arm_differs_from_good_in_what_is_on_and_from_bad_in_the_rest(
    good: Config, bad: Config, chosen: int
) -> None:
    paths = sorted(all_paths(good, bad), key=repr)
    on = {path for i, path in enumerate(paths) if chosen >> i & 1}
    arm = values.mixed(good, bad, on)
    assert all_paths(good, arm) == on
    assert all_paths(arm, bad) == set(paths) - on


@given(CONFIGS, CONFIGS)
@settings(max_examples=50, deadline=None)
def test_names_of_leaves_are_unique(good: Config, bad: Config) -> None:
    names = [leaf.name for factor in values.factors(good, bad) for leaf in factor.leaves]
    assert len(set(names)) == len(names)


@given(CONFIGS)
@settings(max_examples=50, deadline=None)
def test_a_config_comes_back_from_json_and_yaml_as_it_went(config: Config) -> None:
    for text, read in (
        (json_text.write(config), json_text.read),
        (yaml_text.write(config, {}), yaml_text.read),
    ):
        assert values.equal(read(text, FILE).data, config)


@given(CONFIGS)
@settings(max_examples=50, deadline=None)
def test_a_config_comes_back_from_toml_as_it_went(config: Config) -> None:
    assert values.equal(toml_text.read(toml_text.write(config), FILE).data, config)


@given(CONFIGS)
@settings(max_examples=50, deadline=None)
def test_a_yaml_text_written_again_means_the_same_to_its_reader(config: Config) -> None:
    first = yaml_text.read(yaml_text.write(config, {}), FILE)
    again = yaml_text.read(yaml_text.write(first.data, first.written), FILE)
    assert values.equal(again.data, config)


@given(st.floats())
def test_a_number_that_is_no_number_equals_itself(value: float) -> None:
    assert values.equal(value, math.nan) == math.isnan(value)
