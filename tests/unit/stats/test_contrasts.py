"""Limits of the factors not named, and differences of differences."""

import math

import numpy as np
import pytest
from scipy import stats

from whydrop.stats.contrasts import (
    interaction_differences,
    joint_differences,
    largest_drops,
)


def runs_of(seed: int, n: int = 24, k: int = 4):
    rng = np.random.default_rng(seed)
    arms = [int(a) for a in rng.integers(0, 1 << k, n)]
    return [(a, 80 - 5.0 * (a & 3 == 3) - 1.0 * (a >> 2 & 1) + rng.standard_normal()) for a in arms]


def upper_limits(runs, columns, first, alpha):
    """Return the upper limits of the drops of the columns from first on, by normal equations."""
    x = np.array([[1.0, *column] for column in zip(*columns, strict=True)])
    y = np.array([score for _, score in runs])
    gram = x.T @ x
    beta = np.linalg.solve(gram, x.T @ y)
    df = len(y) - x.shape[1]
    variance = float(y @ y - beta @ x.T @ y) / df
    bound = stats.t.isf(alpha / (len(columns) - first), df)
    cov = variance * np.linalg.inv(gram)
    return [max(0.0, -beta[c]) + bound * math.sqrt(cov[c, c]) for c in range(first + 1, len(beta))]


@pytest.mark.parametrize("any_of", [False, True])
def test_limits_are_those_of_least_squares_with_the_causes_as_columns(any_of):
    runs = runs_of(1)
    arms = [arm for arm, _ in runs]
    cause = [float(arm & 3 != 0 if any_of else arm & 3 == 3) for arm in arms]
    others = [[float(arm >> i & 1) for arm in arms] for i in (2, 3)]
    expected = upper_limits(runs, [cause, *others], 1, 0.05)
    found = largest_drops(runs, 4, [(3, any_of)], 0.05)
    assert list(found) == [2, 3]
    assert list(found.values()) == pytest.approx(expected)


def test_limits_without_a_cause_cover_every_factor():
    runs = runs_of(2)
    columns = [[float(arm >> i & 1) for arm, _ in runs] for i in range(4)]
    found = largest_drops(runs, 4, [], 0.1)
    assert [found[i] for i in range(4)] == pytest.approx(upper_limits(runs, columns, 0, 0.1))


def test_limits_hold_for_all_factors_at_once():
    rng = np.random.default_rng(8)
    true = [0.0, 1.0, 2.0]
    n, wrong = 400, 0
    for _ in range(n):
        arms = [int(a) for a in rng.integers(0, 8, 16)]
        runs = [
            (a, sum(-d for i, d in enumerate(true) if a >> i & 1) + rng.standard_normal())
            for a in arms
        ]
        found = largest_drops(runs, 3, [], 0.1)
        wrong += any(found[i] < true[i] for i in found)
    assert wrong / n <= 0.1 + 3 * math.sqrt(0.1 * 0.9 / n)


def test_luck_that_looks_like_help_does_not_make_a_limit_smaller():
    rng = np.random.default_rng(0)
    arms = [int(a) for a in rng.integers(0, 4, 40)]
    noise = rng.standard_normal(40)
    idle, helpful = (
        largest_drops(
            [(a, e + gain * (a & 1)) for a, e in zip(arms, noise, strict=True)], 2, [], 0.1
        )
        for gain in (0.0, 3.0)
    )
    assert helpful[0] > 0.2
    assert helpful[0] <= idle[0]


def test_factors_that_the_runs_cannot_tell_apart_are_each_fitted_alone():
    few = runs_of(1, n=8)
    found = largest_drops(few, 4, [], 0.05)
    for i in range(4):
        # alpha is still shared by all four
        expected = upper_limits(few, [[float(arm >> i & 1) for arm, _ in few]], 0, 0.05 / 4)
        assert found[i] == pytest.approx(expected[0])
    tied = [(arm, 1.5 * (n % 5)) for n, arm in enumerate([0, 3] * 8)]
    one, other = largest_drops(tied, 2, [], 0.05).values()
    assert one == pytest.approx(other)


def test_too_few_runs_or_no_other_factor_give_no_limit():
    assert largest_drops(runs_of(1, n=5), 4, [], 0.05) == {}
    assert largest_drops(runs_of(1, k=2), 2, [(3, False)], 0.05) == {}
    assert largest_drops([(0, float(n)) for n in range(9)], 2, [], 0.05) == {}


def test_a_group_is_switched_as_a_whole_in_each_context():
    rows = [
        {0b000: 80.0, 0b011: 74.0, 0b001: 79.0, 0b100: 78.0, 0b111: 70.0},
        {0b000: 81.0, 0b011: math.nan, 0b111: 71.0},
    ]
    assert joint_differences(rows, 0b011) == [6.0, 8.0]
    assert joint_differences(rows, 0b111) == [10.0, 10.0]


def test_an_interaction_is_what_two_factors_do_beyond_their_sum():
    row = {0b00: 80.0, 0b01: 79.0, 0b10: 78.0, 0b11: 70.0}
    assert interaction_differences([row], 0b11) == [70 - 79 - 78 + 80]
    assert interaction_differences([{**row, 0b01: math.nan}], 0b11) == []
    assert interaction_differences([{0: 80.0, 3: 70.0}], 0b11) == []


def test_an_interaction_is_found_in_every_context_of_the_other_factors():
    row = {0b0000: 1.0, 0b0001: 2.0, 0b0100: 4.0, 0b0101: 8.0}
    row |= {arm | 0b0010: 10 * score for arm, score in row.items()}
    assert interaction_differences([row], 0b0101) == [3.0, 30.0]
