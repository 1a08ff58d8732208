"""The weights of mixing are drawn from Beta(alpha, alpha)."""

import sys

import numpy as np
import pytest
from scipy import stats

from whydrop.augment.beta import symmetric_beta, symmetric_beta_by_newton
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


@pytest.mark.parametrize("alpha", [0.01, 0.1, 0.2, 0.4, 0.999, 1.001, 2.0, 7.5, 100.0])
def test_without_scipy_the_numbers_are_the_same(alpha):
    ends = [2.0**-54, 1e-12, 0.5, 1 - 1e-12, 1 - 2.0**-53]
    u = np.concatenate([ends, np.linspace(0.0005, 0.9995, 1001)])
    exact = stats.beta(alpha, alpha).ppf(u)
    assert np.abs(symmetric_beta_by_newton(u, alpha) - exact).max() < 1e-12


def test_numpy_alone_is_enough(monkeypatch):
    monkeypatch.setitem(sys.modules, "scipy.special", None)
    u = np.array([0.1, 0.6])
    assert np.array_equal(symmetric_beta(u, 0.4), symmetric_beta_by_newton(u, 0.4))


def test_the_shape_of_the_numbers_is_kept():
    assert symmetric_beta_by_newton(np.full((2, 3), 0.25), 0.3).shape == (2, 3)
