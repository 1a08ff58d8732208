"""GaussianBlur against torchvision and SciPy."""

import numpy as np
import pytest
from scipy import ndimage, stats
from tests.fixtures.colour import apply, apply_to_tensors, byte_images, drawn_for, one_by_one
from tests.fixtures.torchvision_operators import functional

from whydrop.augment import GaussianBlur
from whydrop.augment.op import Size
from whydrop.core.errors import UsageError


@pytest.mark.parametrize("change", [apply, apply_to_tensors])
@pytest.mark.parametrize("kernel", [1, 3, 5, 23])
@pytest.mark.parametrize("channels", [1, 3])
def test_it_is_torchvisions_blur(channels, kernel, change, code):
    op = GaussianBlur(kernel, (0.05, 5.0))
    images, drawn = byte_images(channels), drawn_for(op)
    expected = one_by_one(
        lambda image, applied, sigma: functional.gaussian_blur(image, [kernel, kernel], [sigma]),
        images,
        drawn,
    )
    assert np.abs(change(op, images, drawn) - expected).max() <= 1e-5


def test_it_is_scipys_gaussian_in_float64(code):
    op = GaussianBlur(9, 1.3)
    images = byte_images()
    expected = ndimage.gaussian_filter(
        images.astype(np.float64), (0, 0, 1.3, 1.3), mode="mirror", radius=(0, 0, 4, 4)
    )
    assert np.abs(apply(op, images, drawn_for(op)) - expected).max() <= 1e-6


def test_the_smallest_sigma_changes_nothing(code):
    op = GaussianBlur(5, 0.001)
    assert np.array_equal(apply(op, byte_images(), drawn_for(op)), byte_images())


def test_sigmas_are_uniform_between_the_ends():
    sigmas = drawn_for(GaussianBlur(3, (0.1, 2.0)), 5_000)["sigma"]
    assert stats.kstest(sigmas, stats.uniform(0.1, 1.9).cdf).pvalue > 1e-4


@pytest.mark.parametrize("kernel", [0, 2, -3, 3.0, True, (3, 3)], ids=str)
def test_a_kernel_that_is_no_odd_number_is_refused(kernel):
    with pytest.raises(UsageError, match="kernel is"):
        GaussianBlur(kernel)


@pytest.mark.parametrize("sigma", [0, -1.0, (0.0, 1.0), (2.0, 1.0), None], ids=str)
def test_a_bad_sigma_is_refused(sigma):
    with pytest.raises(UsageError, match="sigma is"):
        GaussianBlur(3, sigma)


def test_an_image_smaller_than_the_reach_is_refused_with_the_largest_kernel():
    assert drawn_for(GaussianBlur(7), size=Size(4, 9))
    with pytest.raises(UsageError, match="4 x 9 pixels") as refused:
        drawn_for(GaussianBlur(9), size=Size(4, 9))
    assert refused.value.do == "give a kernel of at most 7"
