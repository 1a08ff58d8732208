"""A request is checked before anything runs."""

import pytest

from whydrop.core.errors import UsageError
from whydrop.explain import assemble
from whydrop.explain.request import Request


@pytest.mark.parametrize(
    ("options", "where"),
    [
        ({"max_trials": 1}, "max_trials"),
        ({"alpha": 0.0}, "alpha"),
        ({"min_effect": -1.0}, "min_effect"),
        ({"interactions": 4}, "interactions"),
        ({"jobs": 2, "metric": "result.json:acc"}, "jobs"),
        ({"forbid": ["x,y"]}, "--forbid 'x,y'"),
    ],
)
def test_what_makes_no_sense_is_refused_before_any_trial(options, where):
    request = Request.of("explain", good="python t.py --x 1", bad="python t.py --y 2", **options)
    with pytest.raises(UsageError) as caught:
        assemble.require_sound(request, assemble.subject_of(request))
    assert caught.value.where == where
    assert caught.value.do


def test_mappings_need_a_function_to_take_them():
    with pytest.raises(UsageError, match="needs a function"):
        assemble.subject_of(Request.of("explain", good={"lr": 1}, bad={"lr": 2}))
