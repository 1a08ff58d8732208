"""Answers as JSON."""

import json
from pathlib import Path

import jsonschema
import pytest
from tests.fixtures.results import CASES, by_hand
from tests.unit.report.test_terminal import comparison

from whydrop.report import json_file

SCHEMA = json.loads((Path(__file__).parents[3] / "docs/schema/explain.json").read_text())


def strict(text: str):
    """Return parsed JSON, refusing what is not JSON: NaN and Infinity."""

    def refuse(name: str) -> None:
        raise AssertionError(f"{name} is no JSON")

    return json.loads(text, parse_constant=refuse)


def test_the_schema_is_itself_valid():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("name", CASES)
def test_every_kind_of_answer_fits_the_schema(name):
    text = CASES[name]().to_json()
    jsonschema.Draft202012Validator(SCHEMA).validate(strict(text))
    assert text.isascii()


def test_the_schema_describes_every_key():
    value = strict(by_hand().to_json())
    assert value.keys() == SCHEMA["properties"].keys() == set(SCHEMA["required"])
    factor, outcome = SCHEMA["$defs"]["factor"], SCHEMA["$defs"]["outcome"]
    assert value["factors"][0].keys() == factor["properties"].keys()
    assert value["outcomes"][0].keys() == outcome["properties"].keys()
    assert value["culprits"][0].keys() == SCHEMA["$defs"]["effect"]["properties"].keys()


def test_shares_are_in_points_and_other_metrics_in_their_own_unit():
    value = strict(by_hand().to_json())
    assert value["outcomes"][0]["value"] == pytest.approx(71.0)
    assert value["outcomes"][0]["curve"] == pytest.approx([50.0, 71.0])
    loss = strict(CASES["minimized"]().to_json())
    assert loss["metric"]["direction"] == "minimize"
    assert 0.2 < loss["outcomes"][0]["value"] < 0.4


def test_a_level_that_a_run_does_not_have_is_missing_and_null_stays_null():
    crop = strict(by_hand().to_json())["factors"][1]
    assert "off" not in crop
    assert crop["on"] is True


def test_unknown_bounds_are_null():
    value = strict(CASES["undecided"]().to_json())
    assert value["gap"]["low"] is None
    assert value["factors"][0]["largest_possible"] is None


def test_secrets_are_left_out():
    text = by_hand().to_json()
    assert "a1" not in text
    assert "b2" not in text
    assert strict(text)["factors"][3]["off"] == "(redacted)"


def test_a_comparison_is_json_too():
    value = strict(json_file.comparison_to_json(comparison()))
    assert value["difference"] == {
        "effect": -1.2, "low": -1.9, "high": -0.5, "confidence": 0.95, "pairs": 6,
    }  # fmt: skip
    assert (value["schema"], value["verdict"], value["gate"]) == (
        "whydrop.compare/1", "worse", "failed",
    )  # fmt: skip
