"""Two nested values: which differences are factors, and of what kind."""

import datetime
from typing import Any

import numpy as np
import pytest

from whydrop.core.errors import UsageError
from whydrop.core.factor import ABSENT
from whydrop.explain.sources import values


def levels(good: dict[str, Any], bad: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    return {factor.name: (factor.off, factor.on) for factor in values.factors(good, bad)}


def test_a_change_of_type_is_one_factor() -> None:
    assert levels({"a": {"x": 1}, "b": 1, "c": 1}, {"a": [1], "b": 1.0, "c": True}) == {
        "a": ({"x": 1}, [1]),
        "b": (1, 1.0),
        "c": (1, True),
    }


def test_a_section_that_one_side_lacks_is_one_factor() -> None:
    assert levels({}, {"mixup": {"alpha": 1, "p": 0.5}}) == {
        "mixup": (ABSENT, {"alpha": 1, "p": 0.5})
    }


@pytest.mark.parametrize("tag", values.TAGS)
def test_parameters_of_one_side_switch_with_a_differing_tag(tag: str) -> None:
    good = {"o": {tag: "sgd", "momentum": 0.9, "lr": 1}}
    bad = {"o": {tag: "adam", "eps": 1e-8, "lr": 2}}
    assert levels(good, bad) == {
        "o": ({f"o.{tag}": "sgd", "o.momentum": 0.9}, {f"o.{tag}": "adam", "o.eps": 1e-8}),
        "o.lr": (1, 2),
    }


def test_parameters_of_one_side_are_alone_when_the_tag_is_the_same() -> None:
    good = {"o": {"name": "sgd", "momentum": 0.9}}
    bad = {"o": {"name": "sgd", "nesterov": True}}
    assert levels(good, bad) == {
        "o.momentum": (0.9, ABSENT),
        "o.nesterov": (ABSENT, True),
    }


def test_a_tag_alone_is_a_leaf() -> None:
    assert levels({"o": {"name": "a", "x": 1}}, {"o": {"name": "b", "x": 2}}) == {
        "o.name": ("a", "b"),
        "o.x": (1, 2),
    }


def test_the_name_of_the_whole_config_is_a_label_and_no_tag() -> None:
    assert set(levels({"name": "one", "x": 1}, {"name": "two", "y": 1})) == {"name", "x", "y"}


def test_beside_a_type_a_name_is_a_label_and_no_tag() -> None:
    good = {"layer": {"type": "conv", "name": "a", "pad": 1}}
    bad = {"layer": {"type": "conv", "name": "b"}}
    assert set(levels(good, bad)) == {"layer.name", "layer.pad"}


def test_parameters_in_a_section_of_their_own_switch_with_the_tag() -> None:
    good = {"o": {"name": "sgd", "args": {"momentum": 0.9, "lr": 1}}}
    bad = {"o": {"name": "adam", "args": {"eps": 1e-8, "lr": 1}}}
    (factor,) = values.factors(good, bad)
    assert [leaf.name for leaf in factor.parts] == ["o.name", "o.args.momentum", "o.args.eps"]


def test_lists_are_whole_unless_they_hold_as_many_mappings() -> None:
    same_length = {"t": [{"p": 1}, {"p": 2}]}, {"t": [{"p": 1}, {"p": 3}]}
    other_length = {"t": [{"p": 1}]}, {"t": [{"p": 1}, {"p": 3}]}
    assert set(levels(*same_length)) == {"t[1].p"}
    assert set(levels(*other_length)) == {"t"}
    assert set(levels({"t": [1, 2]}, {"t": [1, 3]})) == {"t"}


def test_keys_with_dots_are_quoted_where_their_names_would_clash() -> None:
    good, bad = {"a.b": 1, "a": {"b": 1}, "c.d": 1}, {"a.b": 2, "a": {"b": 2}, "c.d": 2}
    assert list(levels(good, bad)) == ['"a.b"', "a.b", "c.d"]


def test_new_keys_stand_where_bad_has_them() -> None:
    good, bad = {"crop": 1, "norm": 1}, {"crop": 1, "flip": 1, "cutout": 1, "norm": 1}
    on = {("flip",), ("cutout",)}
    assert list(values.mixed(good, bad, on)) == ["crop", "flip", "cutout", "norm"]
    assert list(values.mixed(good, bad, {("cutout",)})) == ["crop", "cutout", "norm"]


def test_an_arm_shares_nothing_with_its_sources() -> None:
    good: dict[str, Any] = {"a": {"b": [1]}}
    values.mixed(good, good, ())["a"]["b"].append(2)
    assert good == {"a": {"b": [1]}}


def test_hostile_names_and_values_pass_unchanged() -> None:
    name, value = "=cmd()|'\x1b[2J<script>\u202e", "<b>\x00"
    (factor,) = values.factors({}, {name: value})
    assert (factor.name, factor.on) == (name, value)


def test_levels_are_what_json_can_hold() -> None:
    (factor,) = values.factors({"a": (1, datetime.date(2020, 1, 2))}, {"a": 1})
    assert factor.off == [1, "2020-01-02"]


def test_a_config_given_as_a_mapping_is_copied_and_its_numpy_numbers_become_python_s() -> None:
    given = {"lr": np.float64(0.1), "n": np.int64(3), "t": (1, [2])}
    checked = values.checked(given, "good")
    assert checked == {"lr": 0.1, "n": 3, "t": (1, [2])}
    assert [type(checked[key]) for key in ("lr", "n", "t")] == [float, int, tuple]


def test_a_value_that_no_study_can_keep_is_refused_by_its_key() -> None:
    with pytest.raises(UsageError, match=r"'optimizer\.cls' is a type") as caught:
        values.checked({"optimizer": {"cls": dict}}, "good")
    assert caught.value.where == "good"
    with pytest.raises(UsageError, match=r"'x' is a ndarray"):
        values.checked({"x": np.zeros(3)}, "good")


def test_a_config_that_holds_itself_is_refused() -> None:
    config: dict[str, Any] = {}
    config["a"] = config
    with pytest.raises(UsageError, match="holds itself"):
        values.checked(config, "good")
