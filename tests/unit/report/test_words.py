"""Numbers and names as words."""

import math
from dataclasses import replace

import pytest
from tests.fixtures.results import (
    all_failed,
    by_hand,
    either_hurts,
    explained,
    not_reproduced,
    undecided,
)

from whydrop.core.effect import Effect
from whydrop.core.factor import ABSENT, Factor
from whydrop.core.metric import Metric
from whydrop.report import words

POINTS = Metric("acc", unit="points")
LOSS = Metric("loss", minimize=True, unit="raw")


@pytest.mark.parametrize(
    ("metric", "half", "digits"),
    [
        (POINTS, 6.0, 1),
        (POINTS, 0.5, 1),
        (POINTS, 0.1, 1),
        (POINTS, 0.05, 2),
        # The Particle Data Group's own examples: 0.827 +- 0.119 is 0.83 +- 0.12,
        # and 0.827 +- 0.367 is 0.8 +- 0.4.
        (LOSS, 0.119, 2),
        (LOSS, 0.367, 1),
        (LOSS, 15.0, 0),
        (LOSS, 0.0012, 4),
    ],
)
def test_decimals_follow_the_width_of_the_interval(metric, half, digits):
    assert words.decimals(metric, -half, half) == digits


def test_without_bounds_a_number_keeps_three_digits():
    assert words.decimals(LOSS, -math.inf, math.inf, 0.0123) == 4
    assert words.decimals(LOSS, -math.inf, math.inf, 123.4) == 0
    assert words.decimals(POINTS, -math.inf, math.inf, 71.2345) == 1
    assert words.decimals(LOSS, -math.inf, math.inf, 0.0) == 1


def test_zero_has_no_sign():
    assert words.signed(-0.04, 1) == "0.0"
    assert words.signed(0.04, 1) == "0.0"
    assert words.signed(0.06, 1) == "+0.1"
    assert words.signed(math.inf, 1) == "+∞"
    assert words.number(math.nan, 1) == "?"


def test_half_widths_are_given_only_where_both_sides_agree():
    assert words.give_or_take(2.9, 2.3, 3.5, 1) == "2.9 ± 0.6"
    assert words.give_or_take(2.9, 1.9, 3.2, 1) == "2.9 (1.9 to 3.2)"
    assert words.give_or_take(2.9, -math.inf, 3.2, 1) == "2.9 [-∞, +3.2]"


def test_the_largest_possible_loss_is_never_rounded_down():
    row = by_hand().factors[3]
    assert words.still_possible(row, 1) == "at most 0.3 lost"
    assert words.still_possible(replace(row, largest_possible=0.3), 1) == "at most 0.3 lost"
    assert words.still_possible(replace(row, largest_possible=math.inf), 1) == "any loss possible"
    assert words.still_possible(replace(row, verdict="culprit"), 1) == ""


def test_a_pair_that_hurts_only_together_is_told_from_one_where_either_hurts():
    result = by_hand()
    (pair,) = result.interactions
    assert words.together(pair, result) == (
        "only together: crop and cutout cost 1.2 ± 0.5; undoing either is enough"
    )
    either = replace(pair, value=1.1, low=0.5, high=1.7)
    assert words.together(either, result) == (
        "either alone is enough to hurt: crop or cutout costs 1.2 ± 0.5; undo both"
    )
    unsure = replace(pair, high=0.1)
    assert words.together(unsure, result) == (
        "crop and cutout: whether they act together is not shown"
    )


def test_factors_proven_one_by_one_are_compared_with_the_sum_of_each_alone():
    result = by_hand()
    more = Effect(("output", "crop"), -0.8, -1.1, -0.5)
    assert words.together(more, result) == (
        "together output and crop cost 0.8 ± 0.3 more than the sum of each alone"
    )
    less = Effect(("output", "crop"), 0.8, 0.5, 1.1)
    assert words.together(less, result).endswith("cost 0.8 ± 0.3 less than the sum of each alone")


def test_three_that_hurt_only_together_are_undone_by_any_one():
    result = by_hand()
    trio = Effect(("output", "crop", "cutout"), -2.0, -3.0, -1.0)
    sentence = words.together(trio, replace(result, culprits=(trio,)))
    assert sentence == (
        "only together: output, crop and cutout cost 2.0 ± 1.0; undoing any one is enough"
    )


def test_an_arm_is_told_by_what_is_fewer():
    factors = [Factor(name, 0, 1) for name in "abcd"]
    said = [words.arm_words(arm, factors) for arm in (0, 0b1111, 0b0001, 0b0011, 0b1110)]
    assert said == ["good", "bad", "good with a", "good with a and b", "bad without a"]
    assert words.arm_numbers(0b0101, factors) == "good with #1, #3"
    assert words.arm_numbers(0b1101, factors) == "bad without #2"


@pytest.mark.parametrize(
    ("off", "on", "shown"),
    [
        (ABSENT, True, ("(absent)", "true")),
        (None, "none", ("null", "none")),
        (True, "true", ("true", '"true"')),
        ("", " ", ('""', '" "')),
        ([1, 2], {"a": 0.5}, ("[1, 2]", "a: 0.5")),
        (
            {"optimizer.name": "sgd", "optimizer.momentum": 0.9},
            {"optimizer.name": "adam"},
            ("name: sgd, momentum: 0.9", "name: adam"),
        ),
        ({"a.b": 1}, {"a.b": "1"}, ('{"a.b": 1}', '{"a.b": "1"}')),
        ("\x1b[31m", "x", (r"\x1b[31m", "x")),
    ],
)
def test_levels_are_told_apart(off, on, shown):
    assert words.levels(off, on) == shown


def test_both_ends_of_a_long_text_are_kept():
    assert words.shortened("a" * 40 + "b" * 40, 9) == "aaaa…bbbb"
    assert words.shortened("abcdefghi", 9) == "abcdefghi"


def test_named_factors_come_first_then_the_likely_then_the_untestable():
    order = [(row.verdict, row.suspect) for row in words.ordered(either_hurts().factors)]
    assert order == [
        ("culprit", False),
        ("culprit", False),
        ("helps", False),
        ("no effect shown", True),
        ("untestable", False),
    ]


def test_a_bound_of_what_is_named_never_looks_like_zero():
    result = explained()
    named = [row for row in result.factors if row.verdict == "culprit"]
    near = replace(named[0], high=-0.03)
    rows = tuple(near if row is named[0] else row for row in result.factors)
    assert words.shared_decimals(result) == 1
    assert words.shared_decimals(replace(result, factors=rows)) == 2


def test_a_gap_that_is_known_badly_hides_no_digit_of_its_causes():
    effect = replace(by_hand().culprits[0], value=-4.07, low=-6.14, high=-2.46)
    study = replace(by_hand().study, metric=Metric("top1", unit="raw"))
    rows = tuple(row for row in by_hand().factors if row.verdict == "no effect shown")
    result = replace(by_hand(), study=study, culprits=(effect,), factors=rows)
    vague = replace(result, gap=replace(result.gap, low=-28.0, high=-1.5))
    assert words.shared_decimals(result) == words.shared_decimals(vague) == 1


def test_the_next_step_fits_the_verdict():
    assert words.next_step(explained()) == "undo output, crop and cutout in the bad run"
    assert "data, code" in words.next_step(not_reproduced())
    assert words.next_step(undecided()) == (
        "go on by `whydrop resume whydrop-studies/train-2026-11-21 --max-trials 225`"
    )
    assert words.next_step(all_failed()) == "see why trials fail: `whydrop rerun STUDY 1`"
    spaced = replace(undecided(), folder="my studies/a'b")
    assert """'my studies/a'"'"'b'""" in words.next_step(spaced)


@pytest.mark.parametrize(
    ("stopped", "next_step"),
    [
        ("unfinished", "go on by `whydrop resume S`"),
        ("budget", "go on by `whydrop resume S --max-trials 225`"),
        ("no noise", "let chance in: pass the seed on"),
        ("gap", "make chance smaller"),
        ("attempts", "begin a new study with less chance in a trial"),
        ("failing", "see why trials fail: `whydrop rerun S 1`"),
    ],
)
def test_the_next_step_of_a_study_without_an_answer_is_one_that_helps(stopped, next_step):
    result = all_failed() if stopped == "failing" else undecided()
    result = replace(result, plan={"stopped": stopped, "max_trials": 150}, folder="S", command="x")
    assert words.next_step(result).startswith(next_step)


def test_what_is_left_after_a_part_is_explained_is_another_study():
    result = replace(explained(), verdict="partly explained", plan={"stopped": "settled"})
    assert words.next_step(result) == (
        "undo output, crop and cutout in the bad run, and explain what is left in a new study"
    )


def test_a_study_begun_in_python_goes_on_in_python():
    plan = {"stopped": "budget", "max_trials": 20}
    result = replace(undecided(), plan=plan, folder="why", command="")
    assert words.next_step(result) == "go on by the same call with study='why', max_trials=70"


def test_a_skewed_effect_is_shown_with_its_median():
    row = replace(by_hand().factors[0], skewed=True, median=-0.4)
    assert words.cautions(row, 1) == [
        "one seed makes most of the effect (median -0.4); its interval is not to be trusted"
    ]
