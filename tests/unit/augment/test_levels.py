"""The levels of bytes against torchvision's."""

import numpy as np
from tests.fixtures.torchvision_operators import functional, torch

from whydrop.augment.levels import levels_of


def test_levels_are_those_of_torchvisions_conversion_to_bytes():
    values = np.random.default_rng(0).random((2, 3, 100, 100), np.float32)
    values[0, 0, 0, :2] = [0.0, 1.0]
    expected = functional.to_dtype(torch.from_numpy(values), torch.uint8, scale=True).numpy()
    assert np.array_equal(levels_of(values), expected)


def test_bytes_come_back_whichever_way_they_became_floats():
    levels = np.arange(256, dtype=np.float32)
    assert np.array_equal(levels_of(levels / np.float32(255)), levels)
    assert np.array_equal(levels_of(levels * np.float32(1 / 255)), levels)
