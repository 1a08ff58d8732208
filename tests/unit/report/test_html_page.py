"""The page as text: whole, closed, and safe to open."""

import base64
import hashlib
import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from tests.fixtures.results import CASES, HOSTILE, by_hand, hostile, many

from whydrop.core.errors import UsageError
from whydrop.report.html_page import render, to_notebook, write_html

VOID = {"meta", "link", "br", "img", "input", "hr"}
LIMIT_BYTES = 1_000_000


class Elements(HTMLParser):
    """Collects tags with attributes and the text of scripts and styles; checks the nesting."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.code: dict[str, list[str]] = {"script": [], "style": []}
        self.open: list[str] = []
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] in self.code:
            self.code[self.open[-1]].append(data)


@pytest.mark.parametrize("name", CASES)
def test_every_kind_of_answer_is_a_well_formed_page_below_the_limit(name):
    page = render(CASES[name]())
    tags = {tag for tag, _ in Elements(page).tags}
    assert {"h1", "table", "svg", "title"} <= tags
    assert len(page.encode()) < LIMIT_BYTES


@pytest.mark.parametrize("page", [render(hostile()), render(many())], ids=["hostile", "many"])
def test_nothing_is_loaded_and_nothing_runs_but_our_own_script(page):
    elements = Elements(page)
    for tag, attributes in elements.tags:
        assert tag not in {"img", "iframe", "object", "embed", "form", "base"}
        assert not [name for name in attributes if name.startswith("on") or name == "style"]
        assert "src" not in attributes
        assert attributes.get("href") in (None, "data:,")
    assert [a.get("type") for tag, a in elements.tags if tag == "script"] == [
        "application/json",
        None,
    ]


def test_the_policy_admits_exactly_this_style_and_this_script():
    elements = Elements(render(by_hand()))
    policy = next(a["content"] for t, a in elements.tags if t == "meta" and "http-equiv" in a)
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    for code in (elements.code["style"][0], elements.code["script"][1]):
        digest = base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy


def test_the_script_never_turns_text_into_markup():
    script = Elements(render(by_hand())).code["script"][1]
    assert not re.search(r"innerHTML|outerHTML|insertAdjacent|document\.write|\beval\b", script)


def test_hostile_names_are_text_and_their_marks_are_visible():
    page = render(hostile())
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert" not in page
    assert "onerror=alert(2)>" not in page.replace("&gt;", "")
    assert not set(page) & {"\x1b", "\x07", "\x9b", "\u202e", "\u2066"}
    assert r"\u202e" in page
    assert "{{ 7*7 }}" in page


def test_the_data_is_the_json_of_the_result_without_curves():
    data = json.loads(Elements(render(hostile())).code["script"][0])
    assert [factor["name"] for factor in data["factors"]] == list(HOSTILE)
    assert "curve" not in data["outcomes"][0]


def test_a_page_of_a_thousand_trials_with_long_names_and_messages_stays_below_the_limit():
    result = many()
    study = result.study
    outcomes = [
        replace(
            outcome,
            trial=replace(outcome.trial, number=len(study.outcomes) * copy + outcome.trial.number),
            message=outcome.message * 20,
        )
        for copy in range(4)
        for outcome in study.outcomes
    ]
    page = render(replace(result, study=replace(study, outcomes=tuple(outcomes))))
    assert len(outcomes) > 1000
    assert len(page.encode()) < LIMIT_BYTES
    assert "outcomes" not in json.loads(Elements(page).code["script"][0])


def test_secrets_are_not_in_the_page():
    page = render(by_hand())
    assert "a1" not in re.sub(r"sha256-[\w+/=]+", "", page)
    assert "(redacted)" in page


def test_everything_that_the_design_promises_is_there():
    page = render(by_hand())
    for heading in (
        "What each difference does",
        "The gap, and what undoing gives back",
        "Learning curves",
        "How they act together",
        "Every trial",
        "How to repeat it",
        "Settings and plan",
        "Versions",
    ):
        assert f">{heading}</h" in page
    assert "One trial ran out of time." in page
    assert "no result within 60 s" in page
    commands = re.sub("</?span>", "", page)  # a word each, so that no option breaks at its hyphens
    assert "<code>whydrop rerun &#39;studies/by hand&#39; 1</code>" in commands
    assert page.count('<td role="cell" class="phase">') == 7


def test_a_study_without_culprits_promises_nothing_given_back():
    page = render(CASES["not_reproduced"]())
    assert "given back" not in page
    assert "gives back" not in page
    assert "Undone" not in page


def test_the_page_replaces_an_older_one_whole(tmp_path):
    path = tmp_path / "why.html"
    path.write_text("old")
    assert write_html(by_hand(), str(path)) == path
    assert path.read_text(encoding="utf-8") == render(by_hand())
    assert [p.name for p in tmp_path.iterdir()] == ["why.html"]


def test_a_page_that_cannot_be_written_says_where(tmp_path):
    missing = tmp_path / "nowhere" / "why.html"
    with pytest.raises(UsageError) as caught:
        write_html(by_hand(), missing)
    assert caught.value.where == str(missing)


def test_a_notebook_gets_the_answer_without_a_script():
    piece = to_notebook(by_hand())
    assert by_hand()._repr_html_() == piece
    tags = {tag for tag, _ in Elements(piece).tags}
    assert "script" not in tags
    assert {"table", "svg", "style"} <= tags
    assert "4.1 of the 4.3 points" in piece
    assert "alert(1)</script>" not in to_notebook(hostile())


def test_an_odd_backtick_in_a_sentence_loses_no_text():
    page = render(replace(by_hand(), sentence="a `b` c `d"))
    assert "a <code>b</code> c d" in page
