"""The test that names culprits: its Holm step, its direction, its end and its guarantee."""

import math

import numpy as np
import pytest
from scipy import stats

from whydrop.explain.naming import (
    FEWEST_UNITS,
    NEAR,
    PATIENCE,
    PATIENCE_LAST,
    Contrast,
    Naming,
)

LEVEL = 0.05
STRONG = [5.0, 5.2, 4.9, 5.1, 5.05, 4.95]
WEAK = [0.3, -0.2, 0.1, -0.3, 0.2, 0.0]
PLANNED = 6.0
SPENT = NEAR * LEVEL / 2  # in the named direction, by the first look at the planned six units


def contrast(factor: int, *, sign=1, planned=PLANNED, belief=1.0, expected=5.0) -> Contrast:
    return Contrast(factor, (0,), sign, planned, expected, belief)


def looked(units, *, contrasts=None, level=LEVEL, last=False) -> Naming:
    contrasts = contrasts or {f: contrast(f) for f in units}
    naming = Naming(contrasts, level, last)
    for factor, values in units.items():
        naming.units[factor] += values
    naming.look(final=True)
    return naming


def with_p_value(p: float, n: int = 6) -> list[float]:
    """Return n values whose one-sided t test against zero has this p value."""
    noise = np.random.default_rng(1).standard_normal(n)
    noise = (noise - noise.mean()) / noise.std(ddof=1)
    return (noise + stats.t.isf(p, n - 1) / math.sqrt(n)).tolist()


def test_a_strong_effect_is_named_and_a_weak_one_is_not():
    assert looked({0: STRONG, 1: WEAK}).named == [0]


@pytest.mark.parametrize(
    ("p_of_the_other", "named"),
    [
        (0.9 * SPENT / 2, [0, 1]),  # below its own half of the level
        (1.1 * SPENT / 2, [0, 1]),  # above it, but the first hands its half on
        (0.9 * SPENT, [0, 1]),
        (1.1 * SPENT, [0]),
    ],
)
def test_a_named_factor_hands_its_level_to_the_other(p_of_the_other, named):
    assert looked({0: STRONG, 1: with_p_value(p_of_the_other)}).named == named


def test_without_a_first_name_nothing_is_handed_on():
    assert looked({0: WEAK, 1: with_p_value(1.1 * SPENT / 2)}).named == []
    assert looked({0: WEAK, 1: with_p_value(0.9 * SPENT / 2)}).named == [1]


def test_the_level_is_divided_by_belief():
    contrasts = {0: contrast(0, belief=0.25), 1: contrast(1, belief=0.75)}
    found = looked({0: WEAK, 1: with_p_value(0.95 * 0.75 * SPENT)}, contrasts=contrasts)
    assert found.named == [1]
    found = looked({0: with_p_value(1.05 * 0.25 * SPENT), 1: WEAK}, contrasts=contrasts)
    assert found.named == []


@pytest.mark.parametrize("belief", [0.0, 1e-9, 0.5, 1.0, 1.7])
def test_every_factor_keeps_some_weight_and_none_more_than_one(belief):
    assert 0 < contrast(0, belief=belief).weight <= 1
    assert looked({0: STRONG}, contrasts={0: contrast(0, belief=belief)}).named == [0]


@pytest.mark.parametrize("sign", [1, -1])
def test_an_effect_against_the_fixed_direction_is_never_named(sign):
    against = [-sign * unit for unit in STRONG] * 3
    assert looked({0: against}, contrasts={0: contrast(0, sign=sign)}).named == []
    along = [sign * unit for unit in STRONG]
    assert looked({0: along}, contrasts={0: contrast(0, sign=sign)}).named == [0]


def test_a_name_once_given_stays():
    naming = looked({0: STRONG, 1: WEAK})
    naming.units[0] += [-9.0] * 12
    naming.look(final=True)
    assert naming.named == [0]
    assert naming.pending == (1,)


def test_a_look_waits_until_enough_has_arrived():
    naming = looked({0: WEAK * 2})
    naming.units[0].append(0.1)
    naming.look()
    assert naming.looks[0].n == 12
    naming.units[0] += [0.1] * 3
    naming.look()
    assert naming.looks[0].n == 16


def test_fewer_units_than_the_fewest_name_nothing():
    naming = looked({0: [5.0, 5.1, 4.9, 5.0][: FEWEST_UNITS - 1]})
    assert naming.named == []
    assert naming.looks[0].taken == ()


@pytest.mark.parametrize("last", [False, True])
def test_patience_ends_and_lasts_longer_in_the_last_attempt(last):
    patience = (PATIENCE_LAST if last else PATIENCE) * PLANNED + FEWEST_UNITS
    few, many = math.ceil(patience) - 1, math.ceil(patience)
    # Half of the expected effect leaves the odds where the belief put them.
    even = np.tile([0.0, 5.0], 50).tolist()
    contrasts = {0: contrast(0, belief=0.5)}
    assert looked({0: even[:few]}, contrasts=contrasts, level=1e-9, last=last).promising() == (0,)
    assert looked({0: even[:many]}, contrasts=contrasts, level=1e-9, last=last).promising() == ()
    assert PATIENCE_LAST > PATIENCE


def test_a_factor_whose_units_speak_against_it_is_given_up():
    naming = looked({0: WEAK, 1: [4.0, 1.0, 7.0, 2.0, 6.0, 5.0]}, level=1e-6)
    assert naming.promising() == (1,)


def test_before_any_unit_the_odds_are_the_belief():
    naming = Naming({0: contrast(0, belief=0.9), 1: contrast(1, belief=0.3)}, LEVEL, False)
    assert naming.promising(0.0) == (0,)
    assert naming.promising(math.log(0.29 / 0.71)) == (0, 1)


def test_harmless_factors_are_named_no_more_often_than_the_level():
    rng = np.random.default_rng(4)
    studies, false = 400, 0
    beliefs = (0.9, 0.5, 0.02, 0.3)
    for _ in range(studies):
        contrasts = {
            f: contrast(f, sign=int(rng.choice([-1, 1])), planned=8.0, belief=belief)
            for f, belief in enumerate(beliefs)
        }
        naming = Naming(contrasts, LEVEL, True)
        common = rng.standard_normal(30)
        for n in range(0, 30, 3):
            for f in contrasts:  # one true effect, three without, all of them dependent
                own = rng.standard_normal(3) + common[n : n + 3]
                naming.units[f] += (own + 3.0 * contrasts[f].sign * (f == 0)).tolist()
            naming.look()
        false += any(f != 0 for f in naming.named)
    assert false / studies <= LEVEL + 3 * math.sqrt(LEVEL * (1 - LEVEL) / studies)


def test_intervals_are_simultaneous_over_the_factors():
    contrasts = {0: contrast(0, belief=0.5), 1: contrast(1, belief=0.5)}
    both = looked({0: STRONG, 1: WEAK}, contrasts=contrasts)
    alone = looked({0: STRONG}, contrasts={0: contrasts[0]})
    assert both.interval(0).width > alone.interval(0).width
    above = stats.ttest_1samp(STRONG, 0.0, alternative="greater").confidence_interval(1 - SPENT / 2)
    assert both.interval(0).low == pytest.approx(above.low)


@pytest.mark.parametrize("sign", [1, -1])
def test_the_interval_of_a_named_factor_is_on_its_side_of_zero(sign):
    units = [sign * (value + 3.0) for value in with_p_value(0.5)]
    naming = looked({0: units}, contrasts={0: contrast(0, sign=sign)})
    naming.units[0] += [-sign * 30.0] * 4
    naming.look(final=True)
    bounds = naming.interval(0)
    assert naming.named == [0]
    assert (bounds.low if sign > 0 else -bounds.high) >= 0


def test_the_widest_witness_is_the_longest_list_of_units():
    assert looked({0: STRONG, 1: WEAK * 2}).widest() == WEAK * 2
    assert Naming({}, LEVEL, False).widest() == []
