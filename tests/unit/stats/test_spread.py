"""The spread of scores and its interval."""

import math

import pytest

from whydrop.stats.spread import sigma_interval, spread


def test_the_interval_of_sigma_is_the_tabled_one():
    # Chi-square with 9 degrees of freedom: 2.700 and 19.023 (any table, 2.5 % and 97.5 %).
    bounds = sigma_interval(1.0, 10, 0.05)
    assert bounds.low == pytest.approx(math.sqrt(9 / 19.023), rel=1e-4)
    assert bounds.high == pytest.approx(math.sqrt(9 / 2.700), rel=1e-4)


@pytest.mark.parametrize(("last", "flagged"), [(90.4, False), (60.0, True)])
def test_a_collapsed_run_is_flagged(last, flagged):
    values = [90.1, 89.8, 90.3, 90.0, 89.7, 90.2, 89.9, last]
    assert spread(list(enumerate(values))).outlier is flagged
