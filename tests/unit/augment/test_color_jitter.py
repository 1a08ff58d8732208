"""ColorJitter against torchvision, the standard library and the ranges it promises."""

import colorsys

import numpy as np
import pytest
from scipy import stats
from tests.fixtures.colour import apply, apply_to_tensors, byte_images, drawn_for, one_by_one
from tests.fixtures.torchvision_operators import functional

from whydrop.augment import ColorJitter
from whydrop.core.errors import UsageError

STRONG = ColorJitter(0.9, 0.9, (0.0, 3.0))


def in_order(image, *, brightness, contrast, saturation, hue):
    image = functional.adjust_brightness(image, brightness)
    image = functional.adjust_contrast(image, contrast)
    return functional.adjust_saturation(image, saturation)


@pytest.mark.parametrize("op", [ColorJitter(0.2, 0.2, 0.2), STRONG], ids=repr)
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("change", [apply, apply_to_tensors])
def test_brightness_contrast_and_saturation_are_torchvisions(op, channels, change, code):
    images, drawn = byte_images(channels), drawn_for(op)
    expected = one_by_one(in_order, images, drawn)
    assert np.abs(change(op, images, drawn) - expected).max() <= 1e-6


@pytest.mark.parametrize("change", [apply, apply_to_tensors])
def test_values_outside_0_to_1_are_cut_as_torchvision_cuts_them(change, code):
    images, drawn = 3 * byte_images() - 1, drawn_for(STRONG)  # as after Normalize
    expected = one_by_one(in_order, images, drawn)
    assert np.abs(change(STRONG, images, drawn) - expected).max() <= 1e-5


def test_a_large_image_has_the_mean_of_all_its_pixels(code):
    # 1300 x 3 pixels are more than one tile of the compiled code, and no whole number of them.
    images = np.random.default_rng(1).random((2, 3, 1300, 3), np.float32)
    images[:, :, 1000:] *= 0.1
    drawn = drawn_for(STRONG, 2)
    expected = one_by_one(in_order, images, drawn)
    assert np.abs(apply(STRONG, images, drawn) - expected).max() <= 1e-6


@pytest.mark.parametrize("change", [apply, apply_to_tensors])
def test_hue_is_that_of_the_standard_library(change, code):
    images, op = byte_images(), ColorJitter(hue=0.5)
    drawn = drawn_for(op)
    changed = change(op, images, drawn)
    for image, out, turn in zip(images, changed, drawn["hue"], strict=True):
        pixels = image.astype(np.float64).reshape(3, -1).T
        for pixel, got in zip(pixels, out.reshape(3, -1).T, strict=True):
            h, s, v = colorsys.rgb_to_hsv(*pixel)
            expected = colorsys.hsv_to_rgb((h + turn) % 1, s, v)
            assert got == pytest.approx(expected, abs=1e-6)


def test_hue_is_torchvisions_and_comes_last(code):
    images, op = byte_images(), ColorJitter(0.4, 0.4, 0.4, 0.5)
    drawn = drawn_for(op)
    expected = one_by_one(
        lambda image, hue, **others: functional.adjust_hue(in_order(image, hue=hue, **others), hue),
        images,
        drawn,
    )
    # torchvision's own hue is off by up to 1e-6: it goes from 0 to 1 and is multiplied by 6.
    assert np.abs(apply(op, images, drawn) - expected).max() <= 3e-6


def test_saturation_and_hue_leave_one_channel_as_it_is(code):
    op, images = ColorJitter(saturation=0.9, hue=0.5), byte_images(1)
    assert np.array_equal(apply(op, images, drawn_for(op)), images)


def test_without_ranges_nothing_changes_to_the_bit(code):
    images = byte_images()
    assert np.array_equal(apply(ColorJitter(), images, drawn_for(ColorJitter())), images)


@pytest.mark.parametrize(
    ("name", "given", "low", "high"),
    [
        ("brightness", 0.4, 0.6, 1.4),
        ("contrast", 1.5, 0.0, 2.5),
        ("saturation", (0.5, 0.7), 0.5, 0.7),
        ("hue", 0.1, -0.1, 0.1),
        ("hue", (0.0, 0.3), 0.0, 0.3),
    ],
)
def test_draws_are_uniform_between_the_ends(name, given, low, high):
    drawn = drawn_for(ColorJitter(**{name: given}), 5_000)
    values = drawn.pop(name)
    assert low <= values.min() < values.max() <= high
    assert stats.kstest(values, stats.uniform(low, high - low).cdf).pvalue > 1e-4
    neutral = {"brightness": 1, "contrast": 1, "saturation": 1, "hue": 0}
    assert all((others == neutral[other]).all() for other, others in drawn.items())


def test_the_four_are_drawn_independently():
    drawn = drawn_for(ColorJitter(0.4, 0.4, 0.4, 0.1), 10_000)
    correlation = np.corrcoef(np.stack(list(drawn.values()))) - np.eye(4)
    assert np.abs(correlation).max() < 5 / np.sqrt(10_000)


@pytest.mark.parametrize(
    "given",
    [
        {"brightness": -0.1},
        {"contrast": (1.2, 0.8)},
        {"saturation": (0.5, 1.0, 1.5)},
        {"saturation": (-0.5, 1.0)},
        {"hue": 0.6},
        {"hue": -0.1},
        {"hue": (-0.6, 0.1)},
        {"brightness": float("nan")},
        {"brightness": float("inf")},
        {"contrast": "0.4"},
        {"contrast": True},
    ],
    ids=str,
)
def test_values_out_of_range_are_refused(given):
    with pytest.raises(UsageError, match=f"{next(iter(given))} is") as refused:
        ColorJitter(**given)
    assert refused.value.where == "ColorJitter"


def test_images_without_a_known_grey_are_refused(code):
    op = ColorJitter(contrast=0.4)
    with pytest.raises(UsageError, match="4 channels"):
        apply(op, byte_images(4), drawn_for(op))


@pytest.mark.parametrize("change", [apply, apply_to_tensors])
def test_images_that_chance_leaves_out_stay_to_the_bit(change, code):
    op, images = ColorJitter(0.4, 0.4, 0.4, 0.5, probability=0.5), byte_images()
    drawn = drawn_for(op)
    out = drawn["hue"] == 0
    assert 0 < out.sum() < len(images)
    changed, always = change(op, images, drawn), ColorJitter(0.4, 0.4, 0.4, 0.5)
    assert np.array_equal(changed[out], images[out])
    assert np.array_equal(changed[~out], change(always, images, drawn_for(always))[~out])
    hits = int((drawn_for(op, 20_000)["hue"] != 0).sum())
    assert stats.binomtest(hits, 20_000, 0.5).pvalue > 1e-4
