"""BrightnessContrast against albumentations' arithmetic and the ranges it promises."""

import numpy as np
import pytest
from scipy import stats
from tests.fixtures.colour import apply, apply_to_tensors, byte_images, drawn_for

from whydrop.augment import BrightnessContrast
from whydrop.core.errors import UsageError


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("change", [apply, apply_to_tensors])
def test_values_are_multiplied_then_added_to_then_cut(channels, change):
    op, images = BrightnessContrast(0.5, 0.9), byte_images(channels)
    drawn = drawn_for(op)
    gain, offset = (drawn[n][:, None, None, None] for n in ("contrast", "brightness"))
    expected = np.clip(images.astype(np.float64) * gain + offset, 0, 1)
    assert np.abs(change(op, images, drawn) - expected).max() <= 1e-6
    assert (expected == 0).any() and (expected == 1).any()


@pytest.mark.parametrize(
    ("name", "given", "low", "high"),
    [
        ("brightness", 0.4, -0.4, 0.4),
        ("brightness", (0.1, 0.3), 0.1, 0.3),
        ("contrast", 0.4, 0.6, 1.4),
        ("contrast", 1.5, 0.0, 2.5),
        ("contrast", (0.5, 0.7), 0.5, 0.7),
    ],
)
def test_draws_are_uniform_between_the_ends(name, given, low, high):
    values = drawn_for(BrightnessContrast(**{name: given}), 5_000)[name]
    assert low <= values.min() < values.max() <= high
    assert stats.kstest(values, stats.uniform(low, high - low).cdf).pvalue > 1e-4


@pytest.mark.parametrize(
    "given",
    [{"brightness": -0.1}, {"brightness": 51}, {"brightness": (0.2, 0.1)}, {"contrast": (-1, 1)}],
)
def test_values_out_of_range_are_refused(given):
    with pytest.raises(UsageError, match=f"{next(iter(given))} is"):
        BrightnessContrast(**given)
