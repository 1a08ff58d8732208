"""Answers on a terminal."""

import io
import math
import re
from dataclasses import replace

import pytest
from rich.console import Console
from tests.fixtures.results import CASES, HOSTILE, by_hand, hostile

from whydrop.core.comparison import Comparison, Judgement
from whydrop.core.factor import ABSENT, Factor
from whydrop.core.noise import Noise, StudyCost
from whydrop.core.result import ArmRow, TrialsRow
from whydrop.report import terminal
from whydrop.report.sheet import Sheet
from whydrop.report.visible import visible


def printed(show, value, *, width=80, **options) -> str:
    file = io.TextIOWrapper(io.BytesIO(), encoding=options.pop("encoding", "utf-8"))
    show(value, Console(file=file, width=width, **options))
    file.flush()
    return file.buffer.getvalue().decode(file.encoding)


@pytest.mark.parametrize("name", CASES)
def test_no_line_is_wider_than_the_terminal(name):
    for width in (80, 60):
        lines = printed(terminal.print_result, CASES[name](), width=width).splitlines()
        assert max(map(len, lines)) <= width


@pytest.mark.parametrize("name", CASES)
def test_no_factor_name_is_cut_off(name):
    result = CASES[name]()
    text = printed(terminal.print_result, result, width=200)
    for factor in result.study.factors:
        assert visible(factor.name) in text


def test_colour_only_repeats_what_the_words_say():
    coloured = printed(
        terminal.print_result, by_hand(), force_terminal=True, color_system="standard"
    )
    plain = printed(terminal.print_result, by_hand())
    assert "\x1b[" in coloured
    assert "\x1b" not in plain
    assert "Explained." in plain
    assert "culprit with cutout" in plain


def test_the_first_failure_is_told_with_its_reason():
    text = " ".join(printed(terminal.print_result, by_hand()).split())
    assert "first failure: trial 5, good with output and cutout: no result within 60 s" in text
    whole = [outcome for outcome in by_hand().study.outcomes if outcome.state == "ok"]
    without = replace(by_hand(), study=replace(by_hand().study, outcomes=tuple(whole)))
    assert "first failure" not in printed(terminal.print_result, without)


def test_a_terminal_without_unicode_gets_ascii():
    text = printed(terminal.print_result, by_hand(), encoding="ascii")
    assert "logits -> softmax" in text
    assert "1.2 +/- 0.5" in text


def test_hostile_text_reaches_no_terminal():
    text = printed(terminal.print_result, hostile(), width=200, force_terminal=True, no_color=True)
    styled = text.replace("\x1b[1m", "").replace("\x1b[0m", "").replace("\x1b[2m", "")
    assert not set(styled) & {"\x1b", "\x07", "\x9b", "\r", "\u202e", "\u2066"}
    assert r"\x1b[2J" in styled
    assert "[bold red]x[/]" in styled  # as text, not as Rich markup
    assert HOSTILE[0] in styled


def test_secrets_are_not_printed():
    text = printed(terminal.print_result, by_hand())
    assert "a1" not in text
    assert "(redacted)" in text


def test_a_metric_that_should_fall_says_which_way_is_worse():
    text = printed(terminal.print_result, CASES["minimized"]())
    assert "minus is worse" in text


def test_factors_are_a_table_with_their_places():
    text = printed(
        lambda factors, console: terminal.show_factors(factors, Sheet(console)),
        by_hand().study.factors,
    )
    rows = [re.split("  +", line.strip()) for line in text.splitlines()]
    assert rows[0] == ["factor", "off → on", "from"]
    assert rows[1] == ["output", "logits → softmax", "--bad, word 5"]
    assert "a1" not in text


@pytest.mark.parametrize(("width", "whole"), [(80, True), (50, False)])
def test_levels_are_folded_before_names_and_places_are(width, whole):
    level = {"pairing": "permutation", "per": "batch"}
    name, place = "optimizer.decay_scope", "good.yaml:25, bad.yaml:25"
    text = printed(
        lambda factors, console: terminal.show_factors(factors, Sheet(console)),
        [Factor(name, ABSENT, level, source=place)],
        width=width,
    )
    assert (name in text and place in text) == whole
    assert max(map(len, text.splitlines())) <= width


def test_a_group_is_shown_with_what_switches_with_it():
    parts = (Factor("opt.name", "sgd", "adam"), Factor("opt.momentum", 0.9, ABSENT))
    text = printed(
        lambda factors, console: terminal.show_factors(factors, Sheet(console)),
        [Factor("opt", "sgd", "adam", "group", parts=parts)],
    )
    assert [line.strip().split("  ")[0] for line in text.splitlines()] == [
        "factor",
        "opt",
        "opt.name",
        "opt.momentum",
    ]


def comparison(**changes) -> Comparison:
    judged = Judgement("worse", -1.2, -1.9, -0.5, 0.95, "failed", 6, 6)
    made = Comparison(
        sentence="The second run is worse by 1.2 ± 0.7 points.",
        judgement=judged,
        study=by_hand().study,
        good=ArmRow(71.3, 70.6, 72.0, 6),
        bad=ArmRow(70.1, 69.4, 70.8, 6),
        margin=0.5,
        trials=TrialsRow(12, 0, 125.0, {"compare": 12}),
    )
    return replace(made, **changes)


def test_a_comparison_shows_both_runs_the_difference_and_the_gate():
    text = printed(terminal.print_comparison, comparison())
    assert text.startswith("The second run is worse by 1.2 ± 0.7 points.\n")
    for part in ("-1.2", "[-1.9, -0.5], 6 pairs", "failed", "more than 0.5 points fails"):
        assert part in text
    assert "for a verdict" not in text


def test_an_open_comparison_says_what_a_verdict_costs():
    judged = replace(comparison().judgement, verdict="cannot tell", gate=None)
    text = printed(
        terminal.print_comparison,
        comparison(judgement=judged, trials_needed=34, notes=("A note.",)),
    )
    assert "about 34 more trials for a verdict" in text
    assert "note: A note." in text
    assert "gate" not in text


def test_noise_shows_the_spread_and_what_a_study_would_cost():
    noise = Noise(
        sentence="Good alone moves by 0.45 points (sd) between seeds.",
        study=by_hand().study,
        good=ArmRow(71.3, 70.6, 72.0, 6),
        sigma=0.45,
        low=0.28,
        high=1.1,
        confidence=0.95,
        seeds=6,
        seed_use="obeyed",
        repeat_difference=0.0,
        outlier=False,
        trial_seconds=14.0,
        costs=(StudyCost(1.8, 4.0, 36, 504.0), StudyCost(0.9, 2.0, 66, 924.0)),
        differences=7,
        budget=150,
        smallest_provable=0.7,
        trials=TrialsRow(7, 0, 98.0),
    )
    text = printed(terminal.print_noise, noise)
    assert "0.45" in text
    assert "0.28 to 1.10, 6 seeds" in text
    assert "1.8 points (4 sd)" in text
    assert "15 min 24 s" in text
    unknown = replace(noise, sigma=math.nan, low=math.nan, high=math.nan, costs=())
    assert "no bounds" in printed(terminal.print_noise, unknown)
