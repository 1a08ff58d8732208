"""The sign-flip tests over several looks: by hand, against SciPy, and under their null."""

import numpy as np
import pytest
from scipy.stats import permutation_test

from whydrop.stats.sign_flip import FLIPS, proves_positive, sign_flips


@pytest.fixture(scope="module")
def signs():
    return sign_flips(np.random.default_rng(0), 40)


def test_the_first_flip_is_none(signs):
    assert signs.shape == (FLIPS + 1, 40)
    assert (signs[0] == 1).all()
    assert abs(signs[1:].mean()) < 0.01


@pytest.mark.parametrize("n", [6, 9, 12])
def test_one_look_agrees_with_scipys_exact_permutation_test(signs, n):
    values = np.random.default_rng(n).normal(0.6, 1.0, n)
    p = permutation_test(
        (values,), np.sum, permutation_type="samples", alternative="greater", n_resamples=np.inf
    ).pvalue
    assert proves_positive([values], [1.3 * p + 0.003], signs)
    assert not proves_positive([values], [0.7 * p - 0.003], signs)


def test_equal_differences_prove_as_much_as_their_coins(signs):
    # All of eight coins fall on one side with chance 1/256 = 0.39 %.
    assert proves_positive([[2.0] * 8], [0.008], signs)
    assert not proves_positive([[2.0] * 8], [0.002], signs)


def test_what_was_spent_at_an_earlier_look_is_gone(signs):
    first = -np.random.default_rng(0).normal(0, 1, 8)
    values = [*first, *(1.5 + 0.01 * i for i in range(10))]
    assert proves_positive([values], [0.05], signs)
    # The first look has spent all but one of 8192 courses.
    assert not proves_positive([values[:8], values], [0.05, 0.0501], signs)


def test_nothing_and_zeros_prove_nothing(signs):
    assert not proves_positive([], [], signs)
    assert not proves_positive([[0.0] * 12], [0.5], signs)
    assert not proves_positive([[1.0] * 12], [0.0], signs)


@pytest.mark.parametrize("shape", ["normal", "two points", "heavy", "changing"])
def test_a_fair_coin_is_called_positive_no_more_often_than_was_spent(shape):
    rng = np.random.default_rng(3)
    spent, n, false = [0.03, 0.07, 0.1], [8, 12, 16], 0
    for repetition in range(600):
        size = {
            "normal": rng.normal(0, 1, (3, 16)),
            "two points": rng.choice([1.0, 8.0], (3, 16)),
            "heavy": rng.standard_cauchy((3, 16)),
            "changing": rng.normal(1, 1, (3, 16)) * [[1], [4], [0.2]],
        }[shape]
        if shape != "changing":  # the sizes stay from look to look
            size[:] = size[0]
        coins = rng.choice([-1.0, 1.0], 16)
        looks = [(coins * size[j])[: n[j]] for j in range(3)]
        false += proves_positive(looks, spent, sign_flips(np.random.default_rng(repetition), 16))
    # 10 % of 600 with a margin of 2.5 standard errors; and the level is nearly used up.
    assert 35 <= false <= 78
