"""What was tested and how, as the plan of a result tells it."""

from dataclasses import replace

import pytest
from tests.fixtures.results import HOSTILE, by_hand, explained, hostile, not_reproduced

from whydrop.report.attempts import attempts
from whydrop.report.html_page import render


def contrast(factor, contexts=((),), planned=4.0, direction="hurts"):
    return {
        "factor": factor,
        "direction": direction,
        "contexts": [list(context) for context in contexts],
        "planned_units": planned,
    }


def attempt(*contrasts, suspects=(), kind="flips of one factor in chosen contexts"):
    named = [each["factor"] for each in contrasts]
    return {
        "suspects": [*named, *suspects],
        "level": 0.0425,
        "kind": kind,
        "contrasts": list(contrasts),
    }


def of(*frozen):
    return attempts(replace(by_hand(), plan={"frozen": list(frozen)}))


def test_a_test_is_told_by_what_else_was_on_and_what_it_was_expected_to_show():
    everything = ("output", "cutout", "api-token")
    (told,) = of(attempt(contrast("crop", [(), everything, ("output", "cutout")], planned=4.7)))
    assert told.sentence == (
        "1 factor tested by flips of one factor in chosen contexts; "
        "the chance of any false name is at most 4.25 %"
    )
    (test,) = told.tests
    assert (test.factors, test.expected, test.planned) == (("crop",), "hurts", "5")
    assert test.contexts == ("nothing else on", "everything else on", "output and cutout on")


def test_factors_that_are_tested_alike_are_told_once():
    pairs = [contrast(name, [], 8.0) for name in ("output", "crop")]
    last = contrast("cutout", [], 8.0, "helps")
    (told,) = of(attempt(*pairs, last, kind="mirrored pairs of random arms"))
    assert [test.factors for test in told.tests] == [("output", "crop"), ("cutout",)]
    assert {test.contexts for test in told.tests} == {("the others on or off at random",)}


def test_a_suspect_without_a_test_was_tested_before_or_cannot_be():
    first, second = of(
        attempt(contrast("output")), attempt(contrast("crop"), suspects=("output", "cutout"))
    )
    assert "not tested" not in first.sentence
    assert second.sentence.endswith("; not tested again: output; could not be tested: cutout")


def test_many_and_long_contexts_are_counted():
    many = [("output",), ("cutout",), ("api-token",), ("output", "cutout"), ()]
    (told,) = of(attempt(contrast("crop", many)))
    assert told.tests[0].contexts == ("5 settings of the others",)
    (told,) = of(attempt(contrast("crop", [("a" * 100, "b" * 100)])))
    assert told.tests[0].contexts == ("2 others on",)


@pytest.mark.parametrize(
    "frozen",
    [3, "text", [3], [None], {"a": 1}, [{}], [{"contrasts": 1}],
     [attempt({"factor": "a"})], [attempt(contrast("a", planned="many"))]],
)  # fmt: skip
def test_a_plan_of_another_form_is_shown_as_it_is(frozen):
    result = replace(by_hand(), plan={"alpha": 0.05, "frozen": frozen})
    assert attempts(result) == ()
    page = render(result)
    assert "What was tested" not in page
    assert "<dt>frozen</dt>" in page


def test_the_page_shows_the_tests_and_no_json():
    page = render(explained())
    assert "What was tested, and how</h3>" in page
    assert "3 factors tested by flips of one factor" in page
    assert "<dt>frozen</dt>" not in page
    assert "planned_units" not in page.partition('<script type="application/json"')[0]


def test_a_study_that_tested_nothing_says_nothing_of_tests():
    page = render(replace(not_reproduced(), plan={"alpha": 0.05, "frozen": []}))
    assert "What was tested" not in page
    assert "<dt>frozen</dt>" not in page


def test_names_of_strangers_are_text_in_the_table_of_tests():
    (told,) = attempts(hostile())
    shown = [name for test in told.tests for name in test.factors]
    assert len(shown) == len(HOSTILE)
    assert not set("".join(shown)) & {"\x1b", "\x07", "\u202e", "\u2066"}
    table = render(hostile()).partition('<table class="attempts">')[2].partition("</table>")[0]
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in table
    assert "<script" not in table
    assert "<img" not in table
