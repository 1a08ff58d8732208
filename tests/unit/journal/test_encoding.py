"""Values come back from text exactly as they went in, and nothing else comes back at all."""

import json
import math

import pytest

from whydrop.core.errors import UsageError
from whydrop.core.factor import ABSENT, Factor
from whydrop.core.metric import Metric
from whydrop.journal.encoding import (
    factor_from_json,
    factor_to_json,
    from_text,
    metric_from_json,
    metric_to_json,
    to_text,
)


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        1,
        0.1 + 0.2,
        5e-324,
        2**70,
        "naïve \x00 \x1b[31m \ud800",
        ABSENT,
        math.inf,
        -math.inf,
        [1, [2.0, ABSENT]],
        (0.9, 0.999),
        {"a": {"b": ABSENT}},
        {10: 0.1, "20": 0.01, True: None},
        {"$": "absent"},
        {"$": "tuple", "of": [1]},
        {"$$": {"$": 1}, "$of": 2},
    ],
    ids=repr,
)
def test_a_value_comes_back_as_it_was_with_its_types(value):
    text = to_text(value)
    assert text.isascii()
    back = from_text(text)
    assert repr(back) == repr(value)
    assert back == value


def test_not_a_number_comes_back_as_not_a_number():
    assert math.isnan(from_text(to_text(math.nan)))


def test_absent_is_the_very_absent():
    assert from_text(to_text({"level": ABSENT}))["level"] is ABSENT


def test_the_text_is_strict_json():
    text = to_text([math.nan, ABSENT, (1,), {1: 2}])
    json.loads(text, parse_constant=lambda word: pytest.fail(f"{word} is not JSON"))


@pytest.mark.parametrize("value", [{1, 2}, object(), b"bytes", 1j], ids=lambda v: type(v).__name__)
def test_a_value_that_is_not_data_is_refused_with_its_type(value):
    with pytest.raises(UsageError, match=f"type {type(value).__name__}"):
        to_text([value])


def test_a_value_that_holds_itself_is_refused():
    loop = []
    loop.append(loop)
    with pytest.raises(UsageError, match="nested too deeply"):
        to_text(loop)


@pytest.mark.parametrize(
    "text",
    ['{"$":"code","of":[]}', '{"$":["absent"]}', '{"$":"tuple"}', "NaN", "[1", "[" * 100_000],
    ids=lambda text: text[:30],
)
def test_text_that_the_journal_never_wrote_is_a_value_error(text):
    with pytest.raises(ValueError):
        from_text(text)


GROUP = Factor(
    "optimizer",
    {"name": "sgd"},
    {"name": "adam"},
    kind="group",
    source="good.yaml:3, bad.yaml:4",
    parts=(Factor("eps", ABSENT, 1e-8, "config", "bad.yaml:5", (), ("optimizer", "eps", 0)),),
    path=("optimizer",),
)


def test_a_factor_comes_back_with_its_parts():
    assert factor_from_json(from_text(to_text(factor_to_json(GROUP)))) == GROUP


def test_a_level_that_cannot_be_kept_names_its_factor():
    with pytest.raises(UsageError) as refused:
        factor_to_json(Factor("activation", "relu", object()))
    assert refused.value.where == "factor activation"
    assert "inside the training" in refused.value.do


@pytest.mark.parametrize("metric", [Metric("val/top1"), Metric("loss", True, "raw")])
def test_a_metric_comes_back(metric):
    assert metric_from_json(from_text(to_text(metric_to_json(metric)))) == metric


@pytest.mark.parametrize(
    "data", [{"name": "a", "minimize": False, "unit": "furlongs"}, {"name": 3, "minimize": 0,
    "unit": "raw"}],
)  # fmt: skip
def test_a_metric_that_was_never_written_is_refused(data):
    with pytest.raises(ValueError):
        metric_from_json(data)
