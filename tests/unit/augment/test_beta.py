"""The weights of mixing are drawn from Beta(alpha, alpha)."""

import numpy as np
import pytest
from scipy import stats

from whydrop.augment.beta import symmetric_beta
from whydrop.augment.draws import uniforms

ALPHAS = (0.05, 0.2, 0.4, 1.0, 3.0)
DRAWS = 100_000


def draws() -> np.ndarray:
    return uniforms(["lam"], seed=5, epoch=0, index=np.arange(DRAWS))[0]


# Below .2 a visible share of the numbers is closer to 1 than float64 can tell.
@pytest.mark.parametrize("alpha", [alpha for alpha in ALPHAS if alpha >= 0.2])
def test_draws_have_the_distribution(alpha):
    drawn = symmetric_beta(draws(), alpha)
    assert stats.kstest(drawn, stats.beta(alpha, alpha).cdf).pvalue > 1e-4


@pytest.mark.parametrize("alpha", ALPHAS)
def test_draws_have_the_variance_of_the_formula(alpha):
    drawn = symmetric_beta(draws(), alpha)
    # (x - 1/2)^2 is at most 1/4, so its mean over n has a standard error of at most 1/8 / sqrt(n)
    error = 5 * 0.125 / np.sqrt(DRAWS)
    assert np.var(drawn) == pytest.approx(1 / (4 * (2 * alpha + 1)), abs=error)


def test_alpha_1_gives_the_uniform_numbers_themselves():
    u = draws()
    assert np.array_equal(symmetric_beta(u, 1.0), u)


@pytest.mark.parametrize("alpha", [0.01, 0.1, 0.2, 0.4, 0.999, 1.001, 2.0, 7.5, 100.0, 1000.0])
def test_the_table_is_as_exact_as_it_says(alpha):
    lower = np.concatenate(
        [np.geomspace(2.0**-54, 0.5, 3000), 0.5 - np.geomspace(1e-12, 0.1, 3000)]
    )
    u = np.concatenate([lower, 1 - lower[lower > 1e-15]])
    exact = stats.beta(alpha, alpha).ppf(u)
    assert np.abs(symmetric_beta(u, alpha) - exact).max() < 1e-10


def test_the_ends_of_the_draws_are_numbers():
    drawn = symmetric_beta(np.array([2.0**-54, 1 - 2.0**-53, 1.0]), 0.2)
    assert np.all((drawn >= 0) & (drawn <= 1))


def test_larger_numbers_give_larger_weights():
    drawn = symmetric_beta(np.linspace(1e-6, 1 - 1e-6, 100_001), 0.4)
    assert np.all(np.diff(drawn) > 0)


def test_the_shape_of_the_numbers_is_kept():
    assert symmetric_beta(np.full((2, 3), 0.25), 0.3).shape == (2, 3)
