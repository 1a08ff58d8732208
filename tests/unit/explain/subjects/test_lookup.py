"""What a key names in nested values, and what counts as a number."""

import math

import pytest

from whydrop.explain.subjects.lookup import NoMetricError, number, numbers_in, value_at

TOLD = {"val": {"top1": 0.9, "by/class": [0.1, 0.2]}, "val/top5": 0.99, "name": "run"}


@pytest.mark.parametrize(
    ("key", "value"),
    [("val/top1", 0.9), ("val/top5", 0.99), ("val/by/class/1", 0.2), ("val/by/class/-2", 0.1)],
)
def test_a_key_leads_through_mappings_lists_and_names_with_slashes(key: str, value: float) -> None:
    assert value_at(TOLD, key) == value


@pytest.mark.parametrize("key", ["val/top2", "val/by/class/2", "name/0", "top1"])
def test_a_key_that_is_not_there_is_told_with_what_is(key: str) -> None:
    with pytest.raises(NoMetricError, match="there is val, val/top5, name"):
        value_at(TOLD, key)


@pytest.mark.parametrize("value", [True, [0.9], {"top1": 0.9}, "best", "0.9 of 1", ""])
def test_what_is_no_number_is_none(value: object) -> None:
    assert number(value) is None


def test_numbers_are_read_from_text_too_and_null_is_not_a_number() -> None:
    assert [number(each) for each in (3, 0.25, " 93.1 % ", "1_000")] == [3.0, 0.25, 93.1, 1000.0]
    assert math.isnan(number(None) or 0.0)


def test_only_keys_with_numbers_are_candidates_for_the_metric() -> None:
    assert numbers_in({"epoch": 3, "name": "run", "loss": None, "acc": "0.9", "best": True}) == [
        "epoch",
        "acc",
    ]
