"""How much of the gap the named factors explain, and when that is known."""

import math

import numpy as np
import pytest
from tests.fixtures.planted import Loss, Planted, finished, study_of

from whydrop.explain.conclude import conclude
from whydrop.explain.share import Share, step_of

BAD = 0b1111
NAMED = 0b0011
UNDONE = BAD & ~NAMED
WITNESS = [0.3, -0.4, 0.1, 0.5, -0.2, 0.0, -0.3]  # of harmless flips: they tell the noise


def seeds(count: int, *, named: float, rest: float = 0.0, sd: float = 0.3, arms=None):
    """Return rows in which the named lose so many points and the others the rest."""
    rng = np.random.default_rng(count)
    means = {0: 80.0, NAMED: 80 - named, UNDONE: 80 - rest, BAD: 80 - named - rest}
    return [
        {a: means[a] + sd * float(rng.standard_normal()) for a in arms or means}
        for _ in range(count)
    ]


def share_of(rows, *, allowed=lambda arm: True) -> Share:
    share = Share(BAD, allowed)
    share.rows += rows
    share.look(NAMED, WITNESS)
    return share


def test_the_share_is_the_planted_one():
    share = share_of(seeds(40, named=6.0, rest=2.0))
    assert share.explained() == pytest.approx(0.75, abs=0.03)


def test_the_named_explain_the_gap_when_nothing_is_left():
    share = share_of(seeds(3, named=6.0))
    assert share.shown
    assert share.settles(1.0)
    assert not share.open(1.0)


def test_the_named_do_not_explain_a_gap_that_others_make():
    share = share_of(seeds(4, named=0.5, rest=6.0))
    assert not share.shown
    assert not share.settles(1.0)
    assert not share.open(1.0)


def test_most_of_a_gap_is_not_all_of_it():
    share = share_of(seeds(4, named=6.0, rest=2.5, sd=0.1))
    assert share.shown
    assert not share.settles(1.0)


@pytest.mark.parametrize("lost", [NAMED, UNDONE])
def test_the_side_that_can_run_tells_it_alone(lost):
    arms = [arm for arm in (0, NAMED, UNDONE, BAD) if arm != lost]
    share = share_of(seeds(4, named=6.0, arms=arms), allowed=lambda arm: arm != lost)
    assert share.arms() == tuple(arms)
    assert share.shown
    assert share.settles(1.0)
    assert share.explained() == pytest.approx(1.0, abs=0.15)
    little = share_of(seeds(4, named=1.0, rest=6.0, arms=arms), allowed=lambda arm: arm != lost)
    assert not little.shown
    assert little.explained() == pytest.approx(1 / 7, abs=0.1)


def test_where_neither_side_can_run_no_seed_is_spent():
    share = share_of(seeds(2, named=6.0, arms=(0, BAD)), allowed=lambda arm: arm in (0, BAD))
    assert not share.shown
    assert not share.open(1.0)
    assert math.isnan(share.explained())


def test_the_middle_counts_as_half():
    rows = [{0: 80.0, BAD: 70.0, UNDONE: 78.0}, {0: 81.0, BAD: 70.0, UNDONE: math.nan}]
    assert share_of(rows, allowed=lambda arm: arm != NAMED).lead() == [3.0]
    rows = [{0: 80.0, BAD: 70.0, NAMED: 71.0}]
    assert share_of(rows, allowed=lambda arm: arm != UNDONE).lead() == [4.0]


def test_more_than_half_is_claimed_at_no_more_than_its_level_when_it_is_half():
    rng = np.random.default_rng(2)
    studies, false = 600, 0
    for _ in range(studies):
        share = Share(BAD, lambda arm: True)
        witness = (math.sqrt(2) * rng.standard_normal(6)).tolist()
        for _ in range(6):
            share.rows.append(
                {arm: 80 - 3.0 * arm.bit_count() + rng.standard_normal() for arm in (0, 3, 12, 15)}
            )
            share.look(NAMED, witness)
        false += share.shown
    assert false / studies <= 0.10 + 3 * math.sqrt(0.10 * 0.90 / studies)


def test_bounds_of_what_is_recovered_hold_the_truth():
    share = share_of(seeds(4, named=6.0, rest=1.0))
    bounds = share.recovered_bounds(WITNESS)
    assert bounds.low < 6.0 < bounds.high
    assert share.recovered() == [row[UNDONE] - row[BAD] for row in share.rows]


def test_the_step_of_a_difference_is_that_of_two_scores():
    assert step_of({0: [80.0, 80.5], 1: [79.0]}) == pytest.approx(math.sqrt(2) * 0.5)
    assert step_of({0: [80.0, 80.0]}) == 0.0


@pytest.mark.parametrize("losses", [[Loss((0,), 8.0)], [Loss((0,), 5.0), Loss((2,), 5.0)]])
def test_a_culprit_that_cannot_run_without_another_factor_is_explained(losses):
    # Factor 0 runs only with factor 1, so it can neither be on alone nor have its coin tossed.
    world = Planted(5, losses)
    design = finished(lambda ask: math.nan if ask.arm & 0b11 == 0b01 else world(ask), 5)
    assert design.named == world.harmful
    assert design.stopped == "settled"
    assert conclude(study_of(design), design).verdict == "explained"
