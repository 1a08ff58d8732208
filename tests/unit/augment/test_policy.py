"""What RandAugment and TrivialAugment do to images, against torchvision."""

import numpy as np
import pytest
from tests.fixtures.colour import apply, apply_to_tensors, byte_images, drawn_for
from tests.fixtures.torchvision_operators import functional, torch

from whydrop.augment import Pipeline, RandAugment, TrivialAugment
from whydrop.augment.op import Size, Stage
from whydrop.augment.ops.policy_space import GEOMETRY, NAMES, NUMBER, magnitudes
from whydrop.core.errors import UsageError

BILINEAR = functional.InterpolationMode.BILINEAR
NEAREST = functional.InterpolationMode.NEAREST
SIZE = Size(20, 27)
COLOURS = [name for name in NAMES if name not in GEOMETRY]
# Posterize as in Pillow, which torchvision's floats differ from by less than a level.
TOLERANCES = {"Posterize": 1 / 255, "Identity": 0, "Solarize": 0}
BOTH_WAYS = pytest.mark.parametrize("change", [apply, apply_to_tensors])
BOTH_CHANNELS = pytest.mark.parametrize("channels", [1, 3])


def reference(image, name, magnitude, interpolation=BILINEAR):
    """Return what torchvision's policies make of a tensor (c, h, w)."""
    factor, shear = 1 + magnitude, np.degrees(np.arctan(magnitude))
    resampling = {"interpolation": interpolation}
    affine = {"angle": 0.0, "scale": 1.0, **resampling}
    still = {"translate": [0, 0], "center": [0, 0]}
    level = {"shear": [0.0, 0.0]}
    return {
        "Identity": lambda: image,
        "ShearX": lambda: functional.affine(image, **affine, **still, shear=[shear, 0.0]),
        "ShearY": lambda: functional.affine(image, **affine, **still, shear=[0.0, shear]),
        "TranslateX": lambda: functional.affine(
            image, **affine, **level, translate=[int(magnitude), 0]
        ),
        "TranslateY": lambda: functional.affine(
            image, **affine, **level, translate=[0, int(magnitude)]
        ),
        "Rotate": lambda: functional.rotate(image, magnitude, **resampling),
        "Brightness": lambda: functional.adjust_brightness(image, factor),
        "Color": lambda: functional.adjust_saturation(image, factor),
        "Contrast": lambda: functional.adjust_contrast(image, factor),
        "Sharpness": lambda: functional.adjust_sharpness(image, factor),
        "Posterize": lambda: functional.posterize(image, int(magnitude)),
        "Solarize": lambda: functional.solarize(image, magnitude),
        "AutoContrast": lambda: functional.autocontrast(image),
        "Equalize": lambda: functional.equalize(image),
    }[name]()


def expected_of(images, *rounds, **options):
    """Return images after rounds of (op, magnitude), (n,) each, one image at a time."""
    images = [torch.from_numpy(image.copy()) for image in images]
    for ops, sizes in rounds:
        drawn = zip(images, ops.tolist(), sizes.tolist(), strict=True)
        images = [reference(image, NAMES[op], size, **options) for image, op, size in drawn]
    return np.stack([image.numpy() for image in images])


def drawn_as(*rounds):
    """Return draws of rounds of (op, magnitude), (n,) each."""
    op, magnitude = (np.stack(column, axis=1) for column in zip(*rounds, strict=True))
    return {"op": op, "magnitude": magnitude}


def one_round(name, n=8):
    """Return (op, magnitude): one operation, in strengths from the widest space, both ways."""
    table = magnitudes(31, shear=0.99, translate_px=(16, 16), degrees=135, enhance=0.99, bits=6)[
        NUMBER[name]
    ]
    sign = 1 if name in ("Posterize", "Solarize") else np.where(np.arange(n) % 2, -1, 1)
    return np.full(n, NUMBER[name]), sign * table[np.linspace(1, 30, n).astype(int)]


@BOTH_WAYS
@BOTH_CHANNELS
@pytest.mark.parametrize("name", COLOURS)
def test_a_drawn_colour_operation_is_torchvisions(name, channels, change, code):
    images, drawn = byte_images(channels), one_round(name)
    changed = change(TrivialAugment(), images, drawn_as(drawn))
    error = np.abs(changed - expected_of(images, drawn)).max()
    assert error <= TOLERANCES.get(name, 1e-6)


@BOTH_WAYS
@BOTH_CHANNELS
@pytest.mark.parametrize("name", ["TranslateX", "TranslateY"])
def test_translate_is_torchvisions_to_the_bit(name, channels, change, code):
    images, drawn = byte_images(channels), one_round(name)
    changed = change(TrivialAugment(), images, drawn_as(drawn))
    assert np.array_equal(changed, expected_of(images, drawn, interpolation=NEAREST))
    assert not np.array_equal(changed, images)


@BOTH_WAYS
@BOTH_CHANNELS
@pytest.mark.parametrize("name", ["ShearX", "ShearY", "Rotate"])
def test_a_warp_is_torchvisions_bilinear_one_inside_the_rim(name, channels, change, code):
    images, drawn = byte_images(channels), one_round(name)
    changed = change(TrivialAugment(), images, drawn_as(drawn))
    # Where every pixel that counts is the image's own: there a white image stays white.
    inside = expected_of(np.ones_like(images), drawn) > 0.999
    assert inside.mean() > 0.4
    assert np.abs(changed - expected_of(images, drawn))[inside].max() < 2e-4


@pytest.mark.parametrize("fill", [0.0, 0.25, 1.0])
@pytest.mark.parametrize("name", GEOMETRY)
def test_what_comes_in_is_fill(name, fill, code):
    blank = np.full((8, 3, *SIZE), fill, np.float32)
    drawn = drawn_as(one_round(name))
    np.testing.assert_allclose(apply(TrivialAugment(fill=fill), blank, drawn), blank, atol=1e-6)
    seen = apply(TrivialAugment(fill=fill), 1 - 0 * blank, drawn)
    assert seen.min() == pytest.approx(fill, abs=1e-6)


def test_rounds_follow_one_another_on_each_sample(code):
    # Other orders give other pixels.
    names = [["Solarize", "Equalize", "TranslateX"], ["TranslateX", "Solarize", "Brightness"]]
    amounts = np.array([[0.5, 0.0, 6.0], [-5.0, 0.45, 0.7]])
    numbers = np.vectorize(NUMBER.get)(names)
    images = byte_images()[[0, 7]] * np.float32(0.8)
    rounds = [(numbers[:, k], amounts[:, k]) for k in range(3)]
    changed = apply(RandAugment(3), images, drawn_as(*rounds))
    expected = expected_of(images, *rounds, interpolation=NEAREST)
    assert np.abs(changed - expected).max() <= 1e-6
    back = expected_of(images, *reversed(rounds), interpolation=NEAREST)
    assert (np.abs(back - expected).max(axis=(1, 2, 3)) > 0.1).all()


@BOTH_WAYS
def test_each_sample_goes_through_its_own_operation(change, code):
    images = np.concatenate([byte_images()[[0, 7]]] * 7) * np.float32(0.8)  # below 1
    order = np.random.default_rng(2).permutation(14)
    rows = [one_round(NAMES[number]) for number in order]
    drawn = np.array([op[3] for op, _ in rows]), np.array([size[3] for _, size in rows])
    changed = change(RandAugment(1), images, drawn_as(drawn))
    for i in range(14):
        alone = change(RandAugment(1), images[i : i + 1], drawn_as([v[i : i + 1] for v in drawn]))
        assert np.array_equal(changed[i], alone[0])
        assert np.array_equal(changed[i], images[i]) == (NAMES[order[i]] == "Identity")


@BOTH_CHANNELS
@pytest.mark.parametrize("op", [RandAugment(3, 20), TrivialAugment()], ids=repr)
@pytest.mark.parametrize("at_once", [1, 7])
def test_a_sample_is_the_same_in_any_batch(op, channels, at_once, code):
    augment, index = Pipeline([op], seed=4), np.random.default_rng(1).permutation(500)[:41]
    images = np.random.default_rng(0).integers(0, 256, (41, channels, 12, 17), dtype=np.uint8)
    whole = augment(images, epoch=2, index=index).images
    assert (whole != Pipeline([])(images).images).any(axis=(1, 2, 3)).sum() > 20
    order = np.random.default_rng(3).permutation(41)
    for part in np.array_split(order, np.arange(at_once, 41, at_once)):
        alone = augment(images[part], epoch=2, index=index[part]).images
        np.testing.assert_array_equal(alone, whole[part])


@pytest.mark.parametrize("op", [RandAugment(2, 20), TrivialAugment()], ids=repr)
def test_tensors_and_devices_give_the_same(op, monkeypatch):
    images = np.random.default_rng(0).integers(0, 256, (60, 3, 12, 17), dtype=np.uint8)
    augment, index = Pipeline([op]), np.arange(60)
    expected = augment(images, index=index).images
    tensors = torch.from_numpy(images)
    np.testing.assert_array_equal(augment(tensors, index=index).images.numpy(), expected)
    monkeypatch.setattr("whydrop.augment.pipeline._in_memory", lambda images: False)
    device = augment(tensors, index=index).images
    assert device.dtype == torch.float32
    # A level may be the next one where rounding decides before Equalize, Posterize or Solarize.
    apart = np.abs(device.numpy() - expected) > 2e-6
    assert apart.mean() < 1e-3


@pytest.mark.parametrize("op", [RandAugment(3, 30), TrivialAugment()], ids=repr)
def test_values_stay_from_0_to_1_and_half_precision_stays_so(op):
    images, drawn = byte_images(), drawn_for(op)
    changed = apply(op, images, drawn)
    assert changed.min() >= 0 and changed.max() <= 1
    tensors = {name: torch.from_numpy(values) for name, values in drawn.items()}
    half = op.apply(torch.from_numpy(images).half(), tensors)
    assert half.dtype == torch.float16


def test_no_rounds_and_no_images_change_nothing(code):
    images = byte_images()
    assert np.array_equal(apply(RandAugment(0), images, drawn_for(RandAugment(0))), images)
    empty = apply(RandAugment(), images[:0], drawn_for(RandAugment(), 0))
    assert empty.shape == images[:0].shape
    assert RandAugment().stage is TrivialAugment().stage is Stage.COLOUR


@pytest.mark.parametrize("op", [RandAugment(0), RandAugment(), TrivialAugment()], ids=repr)
def test_images_without_a_known_grey_are_refused_whatever_is_drawn(op):
    with pytest.raises(UsageError, match="2 channels"):
        apply(op, byte_images(2), drawn_for(op))
