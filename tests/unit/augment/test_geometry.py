"""Geometry against torchvision, PIL's kind of arithmetic, and SciPy; compiled, NumPy, PyTorch."""

import numpy as np
import pytest
import tests.fixtures.torchvision_operators  # noqa: F401 - lets torchvision import
import torch
from scipy import stats
from scipy.ndimage import affine_transform
from torchvision.transforms.v2 import functional as reference

from whydrop.augment import (
    Affine,
    HorizontalFlip,
    PadCrop,
    Pipeline,
    ResizedCrop,
    Translate,
    VerticalFlip,
    compiled,
    device,
    host,
)
from whydrop.augment.geometry import fused
from whydrop.augment.op import Size

INDEX = np.arange(24)
SIZE = Size(20, 28)


def images(dtype=np.uint8, n=24, size=SIZE):
    pixels = np.random.default_rng(0).integers(0, 256, (n, 3, *size), dtype=np.uint8)
    return pixels if dtype == np.uint8 else (pixels / np.float32(255)).astype(np.float32)


@pytest.fixture(params=["best", "NumPy", "PyTorch"])
def run(request, monkeypatch):
    """A way to run a pipeline, by each implementation."""
    if request.param == "NumPy":
        monkeypatch.setattr(compiled, "available", lambda: False)
    if request.param == "PyTorch":
        monkeypatch.setattr("whydrop.augment.pipeline._in_memory", lambda images: False)
        return lambda pipeline, x: pipeline(torch.from_numpy(x), index=INDEX).images.numpy()
    return lambda pipeline, x: pipeline(x, index=INDEX).images


def drawn(pipeline, size=SIZE):
    return pipeline.draws(size, index=INDEX)


def test_flips_are_those_of_numpy(run):
    pipeline, x = Pipeline([HorizontalFlip(), VerticalFlip()]), images(np.float32)
    d = drawn(pipeline)
    for i, image in enumerate(run(pipeline, x)):
        expected = x[i, :, :, ::-1] if d["HorizontalFlip"]["applied"][i] else x[i]
        expected = expected[:, ::-1] if d["VerticalFlip"]["applied"][i] else expected
        np.testing.assert_array_equal(image, expected)
    assert 0 < d["HorizontalFlip"]["applied"].sum() < 24


@pytest.mark.parametrize("mode", ["constant", "reflect", "edge"])
def test_pad_crop_is_torchvisions_pad_and_crop(run, mode):
    pipeline, x = Pipeline([PadCrop(4, mode)]), images(np.float32)
    d = drawn(pipeline)["PadCrop"]
    for i, image in enumerate(run(pipeline, x)):
        padded = reference.pad(torch.from_numpy(x[i]), [4] * 4, padding_mode=mode)
        cut = reference.crop(padded, d["y"][i] + 4, d["x"][i] + 4, *SIZE)
        np.testing.assert_array_equal(image, cut.numpy())


def test_translate_is_torchvisions_affine_with_whole_pixels(run):
    pipeline, x = Pipeline([Translate(0.25, fill=0.5)]), images(np.float32)
    d = drawn(pipeline)["Translate"]
    for i, image in enumerate(run(pipeline, x)):
        move = [int(d["x"][i]), int(d["y"][i])]
        moved = reference.affine(torch.from_numpy(x[i]), 0.0, move, 1.0, [0.0, 0.0], fill=[0.5] * 3)
        np.testing.assert_array_equal(image, moved.numpy())


def test_whole_pixel_steps_in_one_pass_are_the_steps_one_by_one(run):
    steps = [PadCrop(3), HorizontalFlip(), Translate(0.2), VerticalFlip(), PadCrop(2)]
    x = images(np.float32)
    together = Pipeline(steps)
    d = drawn(together)
    assert (
        len(fused(24, SIZE, [op.step(v, SIZE) for op, v in zip(steps, d.values(), strict=True)]))
        == 1
    )
    expected = x
    for op, values in zip(steps, d.values(), strict=True):
        done = fused(24, SIZE, [op.step(values, SIZE)])[0]
        after = np.empty_like(expected)
        host.resample(expected, done, np.ones(3, np.float32), np.zeros(3, np.float32), after)
        expected = after
    np.testing.assert_array_equal(run(together, x), expected)


def test_affine_is_scipys_order_one_interpolation(run):
    pipeline = Pipeline([PadCrop(4), HorizontalFlip(), Affine(25, 0.1, (0.8, 1.3), 10)])
    x = images(np.float32)
    d = drawn(pipeline)
    matrices = Affine(25, 0.1, (0.8, 1.3), 10).step(d["Affine"], SIZE).matrix
    for i, image in enumerate(run(pipeline, x)):
        first, left = d["PadCrop"]["y"][i] + 4, d["PadCrop"]["x"][i] + 4
        before = np.pad(x[i], ((0, 0), (4, 4), (4, 4)))
        before = before[:, first : first + SIZE.height, left : left + SIZE.width]
        before = before[:, :, ::-1] if d["HorizontalFlip"]["applied"][i] else before
        (a, b, c), (e, f, g) = matrices[i]
        for channel in range(3):
            plane = before[channel].astype(np.float64)
            swapped = np.array([[f, e], [b, a]])  # SciPy's axes are y, x
            expected = affine_transform(
                plane, swapped, offset=[g, c], order=1, mode="grid-constant"
            )
            np.testing.assert_allclose(image[channel], expected, atol=2e-6)


def test_affine_means_what_torchvisions_parameters_mean():
    op = Affine(30, 0.1, (0.8, 1.2), 15)
    x = images(np.float32)
    d = drawn(Pipeline([op]))["Affine"]
    ours = Pipeline([op])(x, index=INDEX).images
    for i in range(24):
        theirs = reference.affine(
            torch.from_numpy(x[i]),
            float(d["angle"][i]),
            [float(d["x"][i]), float(d["y"][i])],
            float(d["scale"][i]),
            [float(d["shear"][i]), 0.0],
            interpolation=reference.InterpolationMode.BILINEAR,
        ).numpy()
        # At the rim torchvision mixes in its fill otherwise.
        inside = np.abs(ours[i] - theirs)[:, 7:-7, 10:-10]
        assert inside.max() < 1e-4


def test_resized_crop_is_torchvisions_without_smoothing(run):
    pipeline, x = Pipeline([ResizedCrop((16, 24), scale=(0.2, 1.0))]), images(np.float32)
    d = drawn(pipeline)["ResizedCrop"]
    for i, image in enumerate(run(pipeline, x)):
        box = (int(d[side][i]) for side in ("top", "left", "height", "width"))
        theirs = reference.resized_crop(torch.from_numpy(x[i]), *box, [16, 24], antialias=False)
        np.testing.assert_allclose(image, theirs.numpy(), atol=1e-5)


def test_resized_crops_have_the_shares_and_shapes_asked_for():
    op = ResizedCrop(scale=(0.25, 0.5), ratio=(0.8, 1.25))
    u = np.random.default_rng(0).random((4, 5000))
    d = op.draw(u, Size(200, 200))
    share = d["height"] * d["width"] / 200**2
    assert share.min() > 0.24 and share.max() < 0.51
    assert abs(share.mean() - 0.375) < 0.005
    ratio = np.log(d["width"] / d["height"])
    assert abs(ratio.mean()) < 0.01 and abs(ratio.std() - 2 * np.log(1.25) / np.sqrt(12)) < 0.005


@pytest.mark.parametrize(
    ("op", "shares"),
    [(PadCrop(4), [1 / 9] * 9), (Translate(0.125), [1 / 16, *[1 / 8] * 7, 1 / 16])],
    ids=repr,
)
def test_whole_moves_are_as_frequent_as_said(op, shares):
    u = np.random.default_rng(0).random((len(op.chance), 90_000))
    d = op.draw(u, Size(32, 32))
    for axis in ("y", "x"):
        counts = np.bincount(d[axis] + 4, minlength=9)
        assert stats.chisquare(counts, np.multiply(shares, 90_000)).pvalue > 1e-4


def test_an_affine_map_then_a_flip_needs_one_pass():
    op = Affine(20)
    values = drawn(Pipeline([op]))["Affine"]
    flip = HorizontalFlip(1.0)
    passes = fused(24, SIZE, [op.step(values, SIZE), flip.step({"applied": INDEX >= 0}, SIZE)])
    assert len(passes) == 1
    x = images(np.float32)
    both = Pipeline([op, flip])(x, index=INDEX).images
    np.testing.assert_array_equal(both, Pipeline([op])(x, index=INDEX).images[..., ::-1])


def test_uint8_and_its_floats_give_equal_pixels(run):
    pipeline = Pipeline([PadCrop(4, fill=1.0), Affine(15, fill=0.2)])
    np.testing.assert_allclose(
        run(pipeline, images()), run(pipeline, images(np.float32)), atol=1e-6
    )


def test_a_device_pass_keeps_gradients_out_of_the_source():
    x = torch.rand(24, 3, *SIZE)
    done = fused(24, SIZE, [PadCrop(2).step(drawn(Pipeline([PadCrop(2)]))["PadCrop"], SIZE)])[0]
    before = x.clone()
    device.resample(x, done, np.full(3, 2.0, np.float32), np.ones(3, np.float32))
    assert torch.equal(x, before)
