"""The orthogonal array with its mirror image, and the fit to it."""

import numpy as np
import pytest
from scipy import stats

from whydrop.explain import fold_over

KS = pytest.mark.parametrize("k", [1, 4, 7, 8, 15, 20])


def levels(k: int, seed: int = 0) -> np.ndarray:
    """Return the design as -1 and +1: a row an arm, a column a factor."""
    arms = fold_over.arms(k, np.random.default_rng(seed))
    return np.array([[1 if arm >> i & 1 else -1 for i in range(k)] for arm in arms])


@KS
def test_columns_are_balanced_and_orthogonal(k):
    x = levels(k)
    np.testing.assert_array_equal(x.sum(axis=0), 0)
    np.testing.assert_array_equal(x.T @ x, len(x) * np.eye(k))


@KS
def test_every_arm_comes_with_its_mirror_image(k):
    arms = sorted(fold_over.arms(k, np.random.default_rng(1)))
    assert arms == sorted((1 << k) - 1 - arm for arm in arms)


@pytest.mark.parametrize("k", [4, 7, 12])
def test_main_effects_are_free_of_two_factor_interactions(k):
    x = levels(k)
    for i in range(k):
        for j in range(i):
            np.testing.assert_array_equal(x.T @ (x[:, i] * x[:, j]), 0)


def runs_of(k: int, effects: dict[int, float], sd: float = 1.0, seed: int = 0):
    rng = np.random.default_rng(seed)
    return [
        (arm, 80 + sum(e for i, e in effects.items() if arm >> i & 1) + sd * rng.standard_normal())
        for arm in fold_over.arms(k, rng)
    ]


@pytest.mark.parametrize("k", [3, 6, 11])
def test_large_effects_are_those_of_ordinary_least_squares(k):
    runs = runs_of(k, {0: -4.0, 2: 3.0})
    x = np.array([[1.0] + [float(arm >> i & 1) for i in range(k)] for arm, _ in runs])
    y = np.array([score for _, score in runs])
    beta, rss, _, _ = np.linalg.lstsq(x, y, rcond=None)
    df = len(y) - k - 1
    # In a balanced orthogonal two-level design the variance of an effect is 4 s^2 / n.
    t = beta[1:] / np.sqrt(4 * rss[0] / df / len(y))
    expected = {i: t[i] for i in range(k) if 2 * stats.t.sf(abs(t[i]), df) < 0.05 / k}
    found = fold_over.large_effects(k, runs, 0.05)
    assert set(expected) >= {0, 2}
    assert found == pytest.approx(expected)


def test_too_few_runs_show_no_effect():
    runs = runs_of(6, {0: -40.0})
    assert fold_over.large_effects(6, runs[:8], 0.05) == {}
    assert fold_over.large_effects(2, [(0, 1.0), (3, 0.0)] * 5, 0.05) == {}


def test_suspects_are_the_largest_effects_of_either_sign():
    assert fold_over.suspects({0: 3.0, 4: -9.0, 2: 5.0}, 2) == 0b10100
    assert fold_over.suspects({}, 4) == 0
