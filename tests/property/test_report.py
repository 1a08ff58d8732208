"""Whatever numbers a result holds, every form of it can be made and holds no broken number."""

import io
import json
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console
from tests.fixtures.results import by_hand

from whydrop.core.effect import Effect
from whydrop.core.metric import Metric
from whydrop.core.result import ArmRow, GapRow, VerificationRow
from whydrop.report.html_page import render
from whydrop.report.terminal import print_result

INF, NAN = float("inf"), float("nan")
NAMES = [factor.name for factor in by_hand().study.factors]
number = st.floats(-5, 5) | st.floats(-1e100, 1e100) | st.sampled_from([-INF, INF, NAN])
known = st.none() | number
effect = st.builds(
    Effect, st.lists(st.sampled_from(NAMES), min_size=1, unique=True).map(tuple),
    number, number, number,
)  # fmt: skip
row = st.fixed_dictionaries(
    {
        "effect": known,
        "low": known,
        "high": known,
        "largest_possible": known,
        "median": known,
        "skewed": st.booleans(),
        "suspect": st.booleans(),
        "verdict": st.sampled_from(["culprit", "helps", "no effect shown", "untestable"]),
    }
)
arm = st.builds(ArmRow, number, number, number, st.integers(0, 9))


@settings(max_examples=40, deadline=None)
@given(
    metric=st.builds(
        Metric, st.just("m"), st.booleans(), st.sampled_from(["auto", "points", "raw"])
    ),
    good=arm,
    bad=arm,
    gap=st.builds(GapRow, number, number, number),
    culprits=st.lists(effect, max_size=3).map(tuple),
    interactions=st.lists(effect, max_size=2).map(tuple),
    rows=st.lists(row, min_size=len(NAMES), max_size=len(NAMES)),
    verification=st.none()
    | st.builds(VerificationRow, number, number, number, st.integers(0, 9), number),
    verdict=st.sampled_from(["explained", "partly explained", "not reproduced", "undecided"]),
)
def test_every_result_can_be_shown(metric, rows, **changes):
    made = by_hand()
    result = replace(
        made,
        study=replace(made.study, metric=metric),
        factors=tuple(replace(f, **values) for f, values in zip(made.factors, rows, strict=True)),
        **changes,
    )
    page = render(result)
    assert "nan%" not in page
    assert "inf%" not in page
    out = io.StringIO()
    print_result(result, Console(file=out, width=80))
    assert "nan" not in out.getvalue()
    json.loads(result.to_json(), parse_constant=lambda name: 1 / 0)
