"""Values that repeat because they are rounded or counted, and how many of them it takes."""

import pytest

from whydrop.stats.sequential import (
    anytime_interval,
    anytime_radius,
    observations_until,
    resolution,
)


def test_the_step_of_counts_is_one_item():
    assert resolution([98.2, 98.6, 98.2, 97.8]) == pytest.approx(0.4)


def test_equal_values_have_no_step():
    assert resolution([98.2, 98.2]) == 0.0
    assert resolution([]) == 0.0


def test_dust_of_floating_point_is_no_step():
    assert resolution([0.1 + 0.2, 0.3]) == 0.0


def test_rounding_widens_what_equal_values_would_prove():
    values = [0.0, 0.0, 0.0, 0.0]
    assert anytime_interval(values, 0.05).width == 0.0
    assert anytime_interval(values, 0.05, step=1.0).width > 1.0


@pytest.mark.parametrize("radius", [0.2, 0.5, 2.0, 50.0])
def test_the_forecast_is_the_first_size_that_is_narrow_enough(radius):
    n = observations_until(radius, 1.0, 0.05)
    assert anytime_radius(n, 1.0, 0.05) <= radius < anytime_radius(n - 1, 1.0, 0.05)


def test_no_number_of_values_reaches_a_radius_of_zero():
    assert observations_until(0.0, 1.0, 0.05, most=500) == 500
