"""What the pictures show: positions against numbers worked out by hand."""

import math
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fixtures.results import CASES, by_hand, either_hurts, explained

from whydrop.core.effect import Effect
from whydrop.report.arms import interaction_picture, verification_picture
from whydrop.report.axis import Axis
from whydrop.report.curves import LABEL_GAP, MOST_SLICES, curve_picture
from whydrop.report.effects import effect_rows, effects_axis


def test_an_axis_maps_its_ends_to_0_and_100_percent():
    axis = Axis(-4.0, 1.0)
    assert [axis.at(x) for x in (-4.0, -1.5, 1.0, -math.inf, math.inf)] == [0, 50, 100, 0, 100]


# Metrics are not told apart below a millionth.
METRICS = st.floats(-1e6, 1e6).map(lambda value: round(value, 6))


@given(st.lists(METRICS, min_size=1, max_size=9), st.integers(2, 8))
def test_ticks_are_round_few_and_inside(values, most):
    axis = Axis.over(values)
    ticks = axis.ticks(most)
    assert 1 <= len(ticks) <= most + 1
    assert all(axis.low - 1e-9 <= tick <= axis.high + 1e-9 for tick in ticks)
    digits = axis.tick_decimals(most)
    assert len({f"{tick:.{digits}f}" for tick in ticks}) == len(ticks)


def test_the_gap_comes_first_and_a_set_is_one_row():
    result = by_hand()
    rows = effect_rows(result, effects_axis(result))
    names = [[member.name for member in row.members] for row in rows]
    assert names == [[], ["output"], ["crop", "cutout"], ["api-token"]]
    assert [row.kind for row in rows] == ["gap", "culprit", "culprit", "open"]
    assert rows[2].verdict == "culprit, only together"
    assert rows[2].remarks == ("measured with output on and with nothing else on",)
    assert rows[3].remarks == ("at most 0.3 lost",)
    assert rows[1].spoken == (
        "output: -2.9 [-3.5, -2.3]; culprit; measured with nothing else on; "
        "1 trial with output on failed"
    )


def test_an_or_pair_says_that_either_is_enough():
    result = either_hurts()
    rows = effect_rows(result, effects_axis(result))
    assert rows[1].verdict == "culprit, either alone is enough"
    assert rows[-1].kind == "untestable"
    assert rows[-1].mark is None


def test_marks_are_where_the_numbers_are():
    result = by_hand()
    axis = Axis(-5.0, 5.0)
    mark = effect_rows(result, axis)[1].mark
    assert (mark.point, mark.low, mark.high) == (21.0, 15.0, 27.0)
    assert not mark.open_low
    assert not mark.open_high


def test_unbounded_intervals_go_on_beyond_the_picture():
    result = CASES["undecided"]()
    mark = effect_rows(result, effects_axis(result))[1].mark
    assert mark.open_low
    assert mark.open_high
    assert (mark.low, mark.high) == (0, 100)


def test_without_an_estimate_the_largest_possible_loss_is_drawn():
    result = by_hand()
    bare = replace(result.factors[3], effect=None, low=None, high=None, largest_possible=2.0)
    rows = effect_rows(replace(result, factors=(*result.factors[:3], bare)), Axis(-5.0, 5.0))
    mark = rows[-1].mark
    assert (mark.point, mark.low, mark.open_high) == (None, 30.0, True)


def test_the_arms_are_good_undone_bad_and_the_named_alone():
    picture = verification_picture(by_hand())
    # Nobody ran "good with only the named on".
    assert [lane.kind for lane in picture.lanes] == ["good", "undone", "bad"]
    good, undone, bad = picture.lanes
    assert (good.value, undone.value, bad.value) == ("71.3", "70.0", "67.0")
    assert [len(lane.dots) for lane in picture.lanes] == [2, 1, 3]
    assert good.spoken == "good: 71.3; mean 70.6 to 72.0; 2 trials, seeds 71.0 to 72.0"
    assert undone.spoken.startswith("good with api-token: 70.0")


def test_an_interaction_shows_all_combinations_on_one_background():
    result = explained()
    picture = interaction_picture(result, result.interactions[0])
    assert [lane.name for lane in picture.lanes] == ["neither", "only crop", "only cutout", "both"]
    assert picture.background == "all others off, as in good"
    neither, crop, cutout, both = (lane.mean for lane in picture.lanes)
    assert both < min(neither, crop, cutout) - 20  # percent of the picture: only together


def test_an_interaction_that_was_not_run_in_full_has_no_picture():
    result = by_hand()
    assert interaction_picture(result, Effect(("crop", "cutout"), -1.1, -1.7, -0.5)) is None


def test_curves_are_means_over_seeds_by_epoch():
    picture = curve_picture(by_hand())
    assert [line.kind for line in picture.lines] == ["good", "bad", "undone"]
    assert [line.last for line in picture.lines] == ["71.5", "66.3", "70.0"]
    assert [s.spoken.split("; ")[1] for s in picture.slices] == [
        "good 50.0 (50.0 to 50.0)",
        "good 71.5 (71.0 to 72.0)",
    ]
    assert picture.lines[0].path.startswith("M0 ")


def test_without_curves_there_is_no_picture():
    result = by_hand()
    bare = tuple(replace(outcome, curve=()) for outcome in result.study.outcomes)
    assert curve_picture(replace(result, study=replace(result.study, outcomes=bare))) is None


def test_seeds_that_stopped_early_count_for_the_epochs_they_reached():
    result = by_hand()
    outcomes = list(result.study.outcomes)
    outcomes[0] = replace(outcomes[0], curve=(0.5, 0.6, 0.71))
    study = replace(result.study, outcomes=tuple(outcomes))
    last = curve_picture(replace(result, study=study)).slices[-1]
    assert last.spoken == "epoch 3; good 71.0 (71.0 to 71.0)"


@pytest.mark.parametrize("name", ["explained", "many"])
def test_labels_keep_apart_and_long_curves_are_thinned(name):
    picture = curve_picture(CASES[name]())
    heights = sorted(line.label_y for line in picture.lines)
    gaps = [b - a for a, b in pairwise(heights)]
    assert min(gaps) >= LABEL_GAP - 0.02
    assert all(0 <= height <= 100 for height in heights)
    assert len(picture.slices) <= MOST_SLICES
    assert sum(s.width for s in picture.slices) == pytest.approx(100, abs=0.5)


@pytest.mark.parametrize("case", CASES)
def test_the_arms_of_a_picture_have_equally_many_decimals(case):
    lanes = verification_picture(CASES[case]()).lanes
    assert len({len(lane.value.partition(".")[2]) for lane in lanes}) <= 1
