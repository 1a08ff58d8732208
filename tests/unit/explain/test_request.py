"""A request survives its journal, and knows its options by name."""

import pytest

from whydrop.core.errors import UsageError
from whydrop.explain.request import Request
from whydrop.journal.encoding import from_text, to_text


def test_a_request_comes_back_from_a_journal_as_it_was():
    request = Request.of(
        "compare",
        good="python train.py",
        bad="python train.py --wd 1",
        metric="acc: {}",
        env={"A": "1"},
        without=["lr"],
        group="a,b",
        jobs=4,
        timeout=60.0,
        memory=512,
        min_effect=0.5,
        margin=0.3,
        gate=True,
    )
    assert Request.from_json(from_text(to_text(request.to_json()))) == request


def test_a_function_of_this_process_is_not_written_down():
    request = Request.of("explain", good={"lr": 1}, bad={"lr": 2}, function=print)
    assert request.to_json()["function"] is None


def test_an_unknown_option_names_the_nearest():
    with pytest.raises(UsageError, match="did you mean 'max_trials'"):
        Request.of("explain", good="a", bad="b", max_trial=10)


def test_a_wave_fills_the_jobs():
    assert Request.of("explain", good="a", bad="b", jobs=6).settings.wave == 6


def test_each_question_has_its_usual_budget():
    budgets = [Request.of(q, good="a").settings.max_trials for q in ("explain", "compare", "noise")]
    assert budgets == [150, 100, 12]


def test_what_another_version_added_to_a_request_is_left_out():
    request = Request.of("explain", good="a", bad="b", alpha=0.1, timeout=60.0)
    data = request.to_json() | {"later": 1}
    for part in ("settings", "limits"):
        data[part] = data[part] | {"later": 1}
    assert Request.from_json(data) == request
