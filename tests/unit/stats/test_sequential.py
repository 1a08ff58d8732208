"""Tests and intervals that are looked at again and again, against SciPy and by simulation."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

from whydrop.core.effect import UNKNOWN
from whydrop.core.errors import UsageError
from whydrop.stats.sequential import (
    Looks,
    anytime_interval,
    evidence,
    mean_and_sd,
    needed_differences,
    t_quantile,
    with_rounding,
)

ALPHA = 0.05
SERIES = 1200
LOOKS_AT = (3, 4, 5, 6, 8, 10, 13, 17, 22, 30)
# Three standard errors of a share that is ALPHA in truth.
TOLERANCE = 3 * math.sqrt(ALPHA * (1 - ALPHA) / SERIES)

VALUES = [3.1, 4.2, 3.6, 4.0, 3.3, 5.1]


def normal(rng, n):
    return rng.standard_normal(n)


def alternating(rng, n):
    return rng.standard_normal(n) * np.where(np.arange(n) % 2, math.sqrt(5), 1.0)


def heavy(rng, n):
    return rng.standard_t(3, n)


def counts(rng, n):
    return rng.choice([-1.0, 0.0, 1.0], n)


NOISES = pytest.mark.parametrize(
    ("noise", "step"), [(normal, 0.0), (alternating, 0.0), (heavy, 0.0), (counts, 1.0)]
)


def looked(values, planned, step=0.0) -> Looks:
    looks = Looks(planned)
    for n in LOOKS_AT:
        if n <= len(values):
            looks = looks.at(values[:n], step)
    return looks


@NOISES
@pytest.mark.parametrize("planned", [5.0, 12.0])
def test_a_mean_of_zero_is_called_positive_at_no_more_than_the_level(noise, step, planned):
    rng = np.random.default_rng(12)
    false = 0
    for _ in range(SERIES):
        values = noise(rng, LOOKS_AT[-1]).tolist()
        looks = Looks(planned)
        for n in LOOKS_AT:
            looks = looks.at(values[:n], step)
            if looks.lower(ALPHA) > 0:
                false += 1
                break
    assert false / SERIES <= ALPHA + TOLERANCE


@NOISES
def test_intervals_hold_the_true_mean_at_all_looks_at_once(noise, step):
    rng = np.random.default_rng(3)
    missed = sum(
        1.0
        not in looked((1.0 + noise(rng, LOOKS_AT[-1])).tolist(), 5.0, step).interval(
            ALPHA / 2, ALPHA / 2
        )
        for _ in range(SERIES)
    )
    assert missed / SERIES <= ALPHA + TOLERANCE


def test_anytime_intervals_hold_the_true_mean_at_every_size():
    rng = np.random.default_rng(5)
    missed = 0
    for _ in range(SERIES):
        values = (2.0 + rng.standard_normal(20)).tolist()
        missed += any(2.0 not in anytime_interval(values[:n], ALPHA) for n in range(2, 21))
    assert missed / SERIES <= ALPHA + TOLERANCE


@given(
    st.lists(st.integers(1, 40), min_size=1, max_size=20),
    st.floats(0.5, 50),
)
def test_shares_of_the_level_are_positive_and_add_up_to_less_than_one(steps, planned):
    looks = Looks(planned)
    for n in np.cumsum(steps):
        looks = looks.at([float(i % 3) for i in range(n)])
    shares = [looks.spent(look) for look in range(len(looks.taken))]
    assert all(share > 0 for share in shares)
    assert math.fsum(shares) < 1


def test_half_of_the_level_is_spent_by_the_planned_number():
    looks = Looks(6.0).at(VALUES[:3]).at(VALUES)
    assert looks.spent(0) + looks.spent(1) == pytest.approx(0.5)


def test_one_look_is_the_t_interval_of_its_share():
    looks = Looks(4.0).at(VALUES)
    level = 0.1 * looks.spent(0)
    above = stats.ttest_1samp(VALUES, 0.0, alternative="greater").confidence_interval(1 - level)
    below = stats.ttest_1samp(VALUES, 0.0, alternative="less").confidence_interval(1 - level)
    assert looks.lower(0.1) == pytest.approx(above.low)
    assert looks.upper(0.1) == pytest.approx(below.high)
    both = stats.ttest_1samp(VALUES, 0.0).confidence_interval(1 - level)
    assert (looks.interval(0.05, 0.05).low, looks.interval(0.05, 0.05).high) == pytest.approx(both)


def test_each_bound_has_its_own_level():
    looks = Looks(4.0).at(VALUES)
    bounds = looks.interval(0.08, 0.02)
    assert (bounds.low, bounds.high) == (looks.lower(0.08), looks.upper(0.02))


def test_the_interval_is_the_narrowest_of_all_looks():
    wild = [*VALUES, 100.0]
    looks = Looks(4.0).at(VALUES).at(wild)
    assert looks.interval(0.05, 0.05) == Looks(4.0).at(VALUES).interval(0.05, 0.05)
    assert looks.upper(0.1) > 20  # the bounds of the last look are its own


def test_a_look_without_news_is_none():
    looks = Looks(4.0).at(VALUES)
    assert looks.at(VALUES) is looks
    assert looks.at(VALUES[:4]) is looks
    assert Looks(4.0).at(VALUES[:2]).n == 0


def test_before_the_first_look_nothing_is_known():
    looks = Looks(4.0)
    assert (looks.lower(0.1), looks.upper(0.1), looks.interval(0.05, 0.05)) == (
        -math.inf, math.inf, UNKNOWN
    )  # fmt: skip


@pytest.mark.parametrize("upper", [1e-6, 0.01, 0.3])
@pytest.mark.parametrize("df", [1, 4, 60])
def test_quantiles_are_those_of_the_t_distribution(upper, df):
    assert t_quantile(upper, df) == pytest.approx(stats.t.isf(upper, df))


@pytest.mark.parametrize("values", [VALUES, [0.4, -0.3, 0.9], [-1.0, 0.2, -0.4, 0.1] * 3])
@pytest.mark.parametrize("variance", [1.0, 16.0])
def test_evidence_is_the_mixture_of_likelihood_ratios_of_t(values, variance):
    n = len(values)
    mean, sd = np.mean(values), np.std(values, ddof=1)
    t = math.sqrt(n) * mean / sd

    def ratio(effect):
        weight = stats.norm.pdf(effect, scale=math.sqrt(variance))
        return weight * stats.nct.pdf(t, n - 1, effect * math.sqrt(n)) / stats.t.pdf(t, n - 1)

    middle = mean / sd
    expected, _ = integrate.quad(ratio, middle - 9, middle + 9, points=[middle], limit=200)
    assert evidence(values, variance) == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("level", [0.01, 0.05, 0.3])
def test_a_mean_is_outside_the_interval_when_its_evidence_reaches_one_over_the_level(level):
    bounds = anytime_interval(VALUES, level)
    for edge in (bounds.low, bounds.high):
        assert evidence([v - edge for v in VALUES]) == pytest.approx(1 / level)
    assert evidence([v - bounds.low + 0.01 for v in VALUES]) > 1 / level


def test_two_values_or_fewer_prove_nothing():
    assert evidence([4.0]) == 1.0
    assert anytime_interval([4.0], 0.05) == UNKNOWN
    assert anytime_interval([4.0, 4.1], 0.05) == UNKNOWN


def test_equal_values_are_endless_evidence_unless_they_are_zero():
    assert evidence([1.0] * 4) == math.inf
    assert evidence([0.0] * 4) < 1


def test_rounding_widens_by_the_variance_of_a_uniform_number():
    assert with_rounding(0.5, 0.6) ** 2 == pytest.approx(0.25 + stats.uniform(scale=0.6).var())
    plain, rounded = Looks(4.0).at(VALUES), Looks(4.0).at(VALUES, 1.0)
    assert rounded.lower(0.1) < plain.lower(0.1)
    assert rounded.upper(0.1) > plain.upper(0.1)
    assert anytime_interval(VALUES, 0.1, 1.0).width > anytime_interval(VALUES, 0.1).width


def test_mean_and_sd_are_numpys():
    assert mean_and_sd(VALUES) == pytest.approx((np.mean(VALUES), np.std(VALUES, ddof=1)))
    assert math.isnan(mean_and_sd([1.0])[1])


@pytest.mark.parametrize("level", [0.0, 1.0, -0.1])
def test_a_level_outside_zero_to_one_is_refused(level):
    with pytest.raises(UsageError, match="between 0 and 1"):
        anytime_interval(VALUES, level)


def test_more_differences_are_needed_for_smaller_effects_more_noise_and_stricter_levels():
    base = needed_differences(2.0, 1.0, 0.05)
    assert needed_differences(1.0, 1.0, 0.05) > base
    assert needed_differences(2.0, 2.0, 0.05) > base
    assert needed_differences(2.0, 1.0, 0.01) > base
    assert needed_differences(-2.0, 1.0, 0.05) == base
