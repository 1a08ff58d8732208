"""The sign-flip test against SciPy's permutation test and by hand."""

import numpy as np
import pytest
from scipy.stats import permutation_test

from whydrop.stats.sign_flip import sign_flip_p


@pytest.mark.parametrize("n", [3, 6, 9])
def test_the_p_value_is_scipys_exact_one(n):
    values = np.random.default_rng(n).normal(0.6, 1.0, n)
    exact = permutation_test(
        (values,), np.sum, permutation_type="samples", alternative="greater", n_resamples=np.inf
    )
    assert sign_flip_p(values) == pytest.approx(exact.pvalue)


def test_equal_signs_are_as_likely_as_coins_say():
    assert sign_flip_p([2.0] * 8) == 2**-8


def test_beyond_the_exact_range_it_is_close_to_many_random_signs():
    rng = np.random.default_rng(0)
    values = rng.normal(0.5, 1.0, 20)
    signs = rng.choice([-1.0, 1.0], (200_000, 20))
    simulated = np.mean(signs @ np.abs(values) >= values.sum())
    assert sign_flip_p(values) == pytest.approx(simulated, abs=0.004)
