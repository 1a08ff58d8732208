"""Posterize against Pillow, on every byte, and torchvision."""

import numpy as np
import pytest
from PIL import Image, ImageOps
from scipy import stats
from tests.fixtures.colour import apply, apply_to_tensors, as_bytes, byte_images, drawn_for
from tests.fixtures.torchvision_operators import functional, torch

from whydrop.augment import Posterize
from whydrop.core.errors import UsageError


@pytest.mark.parametrize("change", [apply, apply_to_tensors])
@pytest.mark.parametrize("bits", range(9))
def test_bytes_become_what_pillow_makes_of_them(bits, change):
    levels = np.arange(256, dtype=np.uint8).reshape(16, 16)
    op = Posterize(bits, 1.0)
    image = (levels / np.float32(255)).astype(np.float32)[None, None]
    changed = change(op, image, drawn_for(op, 1))
    # Pillow refuses 0 bits, which would leave nothing.
    expected = np.asarray(ImageOps.posterize(Image.fromarray(levels), bits)) if bits else 0
    assert np.array_equal(as_bytes(changed)[0, 0], expected + 0 * levels)


def test_it_is_within_a_level_of_torchvisions_floats():
    op = Posterize((1, 8), 1.0)
    images, drawn = byte_images(), drawn_for(op)
    changed = apply(op, images, drawn)
    for image, out, bits in zip(images, changed, drawn["bits"].tolist(), strict=True):
        expected = functional.posterize(torch.from_numpy(image), bits).numpy()
        assert np.abs(out - expected).max() <= 1 / 255


def test_all_numbers_of_bits_are_equally_likely():
    bits = drawn_for(Posterize((3, 7)), 10_000)["bits"]
    values, counts = np.unique(bits, return_counts=True)
    assert values.tolist() == [3, 4, 5, 6, 7]
    assert stats.chisquare(counts).pvalue > 1e-4
    assert (drawn_for(Posterize(4))["bits"] == 4).all()


@pytest.mark.parametrize("bits", [-1, 9, 2.0, (2, 3.5), (5, 4), None], ids=str)
def test_bad_bits_are_refused(bits):
    with pytest.raises(UsageError, match="bits is"):
        Posterize(bits)
