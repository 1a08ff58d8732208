"""What affine maps show beyond the border, and nearest pixels, against SciPy and torchvision."""

import numpy as np
import pytest
import tests.fixtures.torchvision_operators  # noqa: F401 - lets torchvision import
import torch
from scipy.ndimage import affine_transform
from torchvision.transforms.v2 import functional as reference

from whydrop.augment import (
    Affine,
    HorizontalFlip,
    PadCrop,
    Pipeline,
    Translate,
    Zoom,
    compiled,
    visible_share,
)
from whydrop.augment.geometry import EDGES, fused
from whydrop.augment.op import Size
from whydrop.core.errors import UsageError

pytestmark = pytest.mark.filterwarnings("ignore::whydrop.augment.visible.VisibilityWarning")
INDEX = np.arange(24)
SIZE = Size(20, 28)
SCIPY = {
    "constant": "grid-constant",
    "reflect": "mirror",
    "symmetric": "reflect",
    "edge": "nearest",
}
IMAGES = np.random.default_rng(0).random((24, 3, *SIZE)).astype(np.float32)


@pytest.fixture(params=["best", "NumPy", "PyTorch"])
def run(request, monkeypatch):
    """A way to run a pipeline, by each implementation."""
    if request.param == "NumPy":
        monkeypatch.setattr(compiled, "available", lambda: False)
    if request.param == "PyTorch":
        monkeypatch.setattr("whydrop.augment.pipeline._in_memory", lambda images: False)
        return lambda pipeline, x: pipeline(torch.from_numpy(x), index=INDEX).images.numpy()
    return lambda pipeline, x: pipeline(x, index=INDEX).images


def by_scipy(image, matrix, mode, order=1):
    """Return an image (c, h, w) after a map from an output pixel (x, y, 1) to the source's."""
    (a, b, c), (e, f, g) = matrix
    swapped, offset = np.array([[f, e], [b, a]]), [g, c]  # SciPy's axes are y, x
    planes = (
        affine_transform(plane.astype(np.float64), swapped, offset, order=order, mode=SCIPY[mode])
        for plane in image
    )
    return np.stack(list(planes))


@pytest.mark.parametrize("mode", EDGES)
def test_an_affine_map_shows_beyond_the_border_what_scipy_shows(run, mode):
    # Far enough out to be reflected more than once.
    op = Affine(
        (-40, 70), (-0.6, 0.9, -0.8, 0.2), (0.2, 1.2, 0.4, 1.3), (-9, 20, -30, 5), mode=mode
    )
    drawn = Pipeline([op]).draws(SIZE, index=INDEX)["Affine"]
    matrices = op.step(drawn, SIZE).matrix
    for image, x, matrix in zip(run(Pipeline([op]), IMAGES), IMAGES, matrices, strict=True):
        np.testing.assert_allclose(image, by_scipy(x, matrix, mode), atol=3e-6)


@pytest.mark.parametrize("mode", EDGES)
def test_nearest_pixels_are_those_of_scipy(run, mode):
    op = Affine((-40, 70), 0.4, (0.5, 1.2), 9, mode=mode, interpolation="nearest")
    drawn = Pipeline([op]).draws(SIZE, index=INDEX)["Affine"]
    matrices = op.step(drawn, SIZE).matrix
    for image, x, matrix in zip(run(Pipeline([op]), IMAGES), IMAGES, matrices, strict=True):
        np.testing.assert_array_equal(image, by_scipy(x, matrix, mode, order=0).astype(np.float32))


def test_nearest_pixels_are_those_of_torchvision(run):
    op = Affine((-50, 20), 0.0, (0.8, 1.2), (-9, 15, -5, 12), interpolation="nearest")
    drawn = Pipeline([op]).draws(SIZE, index=INDEX)["Affine"]
    ours = run(Pipeline([op]), IMAGES)
    for i in INDEX:
        angle, scale, *shear = (float(drawn[n][i]) for n in ("angle", "scale", "shear", "shear_y"))
        theirs = reference.affine(torch.from_numpy(IMAGES[i]), angle, [0, 0], scale, shear)
        # A pixel whose place is half way between two may go either way.
        assert (ours[i] != theirs.numpy()).mean() < 0.01


def test_ends_that_are_equal_are_always_drawn():
    op = Affine((10, 10), (0.25, 0.25, -0.5, -0.5), (1.5, 1.5, 0.5, 0.5), (3, 3, -4, -4))
    drawn = Pipeline([op]).draws(SIZE, index=INDEX)["Affine"]
    expected = {"angle": 10, "x": 7, "y": -10, "scale": 1.5, "scale_y": 0.5, "shear": 3}
    for name, value in (expected | {"shear_y": -4}).items():
        np.testing.assert_allclose(drawn[name], value)


def test_two_shares_are_of_the_width_and_of_the_height():
    for op in (Affine(translate=(0.5, 0.1)), Translate((0.5, 0.1))):
        u = np.random.default_rng(0).random((len(op.chance), 20_000))
        drawn = op.draw(u, Size(100, 1000))
        for name, most in (("x", 500), ("y", 10)):
            assert 0.99 * most < np.abs(drawn[name]).max() <= most
            assert abs(drawn[name].mean()) < 4 * most / np.sqrt(3 * 20_000)


@pytest.mark.parametrize("op", [Translate(0.5, probability=0.25), Affine(90, probability=0.25)])
def test_images_are_moved_as_often_as_asked(op):
    u = np.random.default_rng(0).random((len(op.chance), 40_000))
    drawn = op.draw(u, Size(500, 500))
    still = np.all([drawn[n] == 0 for n in ("x", "y", "angle") if n in drawn], axis=0)
    assert abs(still.mean() - 0.75) < 4 * np.sqrt(0.25 * 0.75 / 40_000) + 1 / 500


@pytest.mark.parametrize("mode", EDGES)
@pytest.mark.parametrize("width", [None, (0.3, 3.0)])
def test_zoom_shows_the_share_that_was_drawn(run, mode, width):
    op = Zoom((0.4, 2.5), width, mode=mode)
    drawn = Pipeline([op]).draws(SIZE, index=INDEX)["Zoom"]
    for i, image in enumerate(run(Pipeline([op]), IMAGES)):
        across, down = drawn["width"][i], drawn["height"][i]
        assert (across == down) == (width is None)
        offset = [(1 - share) * (n - 1) / 2 for share, n in ((across, 28), (down, 20))]
        matrix = [[across, 0, offset[0]], [0, down, offset[1]]]
        np.testing.assert_allclose(image, by_scipy(IMAGES[i], matrix, mode), atol=3e-6)


@pytest.mark.parametrize("mode", ["reflect", "symmetric", "edge"])
def test_what_was_filled_is_a_part_of_the_image_that_is_repeated(run, mode):
    crop, turn = PadCrop(5), Affine((30, 30), mode=mode)
    both = Pipeline([crop, turn])
    apart = run(Pipeline([turn]), np.ascontiguousarray(run(Pipeline([crop]), IMAGES)))
    np.testing.assert_allclose(run(both, IMAGES), apart, atol=1e-6)


@pytest.mark.parametrize("mode", EDGES)
def test_maps_with_the_same_border_are_one_pass_that_reflects_once(run, mode):
    turn, zoom = Affine(40, mode=mode), Zoom((0.7, 1.5), mode=mode)
    pipeline = Pipeline([HorizontalFlip(), turn, zoom])
    drawn = pipeline.draws(SIZE, index=INDEX)
    steps = [op.step(d, SIZE) for op, d in zip(pipeline.ops, drawn.values(), strict=True)]
    assert len(fused(24, SIZE, steps)) == 1
    outer, inner = (step.matrix for step in steps[1:])
    for i, image in enumerate(run(pipeline, IMAGES)):
        x = IMAGES[i, :, :, ::-1] if drawn["HorizontalFlip"]["applied"][i] else IMAGES[i]
        whole = np.vstack([outer[i], [0, 0, 1]]) @ np.vstack([inner[i], [0, 0, 1]])
        np.testing.assert_allclose(image, by_scipy(x, whole[:2], mode), atol=3e-6)


def test_maps_with_other_borders_or_pixels_are_passes_of_their_own():
    for other in (Affine(9, mode="edge"), Affine(9, interpolation="nearest")):
        pipeline = Pipeline([Affine(9), other])
        drawn = pipeline.draws(SIZE, index=INDEX).values()
        steps = [op.step(d, SIZE) for op, d in zip(pipeline.ops, drawn, strict=True)]
        assert len(fused(24, SIZE, steps)) == 2


@pytest.mark.parametrize("mode", EDGES)
def test_what_is_repeated_at_a_border_counts_as_visible_and_a_fill_does_not(mode):
    pipeline = Pipeline([Affine(40, 0.5, mode=mode), Zoom((1.0, 2.0), mode=mode)])
    share = visible_share(pipeline, SIZE).mean
    assert share < 0.7 if mode == "constant" else share == 1.0


@pytest.mark.parametrize("size", [(16, 30), 12])
@pytest.mark.parametrize("mode", EDGES)
def test_a_window_of_any_size_is_cut_out_of_the_padded_image(run, mode, size):
    pipeline = Pipeline([PadCrop(4, mode, size=size)])
    height, width = (size, size) if isinstance(size, int) else size
    drawn = pipeline.draws(SIZE, index=INDEX)["PadCrop"]
    padding = [(0, 0), (4, 4), (4, 4)]
    for i, image in enumerate(run(pipeline, IMAGES)):
        padded = np.pad(IMAGES[i], padding, mode=mode)
        top, left = drawn["y"][i] + 4, drawn["x"][i] + 4
        np.testing.assert_array_equal(image, padded[:, top : top + height, left : left + width])


def test_all_places_of_a_window_are_equally_likely():
    op = PadCrop(1, size=(28, 30))
    drawn = op.draw(np.random.default_rng(0).random((2, 70_000)), Size(32, 32))
    for axis, places in (("y", 7), ("x", 5)):
        counts = np.bincount(drawn[axis] + 1, minlength=places)
        assert len(counts) == places
        assert np.abs(counts - 70_000 / places).max() < 5 * np.sqrt(70_000 / places)


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (lambda: Affine(degrees=(20, 10)), "degrees is"),
        (lambda: Affine(translate=(0.1, -0.1)), "translate is"),
        (lambda: Affine(translate=(0.1, 0.2, 0.3)), "translate is"),
        (lambda: Affine(translate=(0.2, 0.1, 0.0, 0.0)), "translate is"),
        (lambda: Affine(scale=1.1), "scale is"),
        (lambda: Affine(scale=(0.9, 1.1, 1.2, 1.1)), "scale is"),
        (lambda: Affine(shear=90), "shear is"),
        (lambda: Affine(mode="wrap"), "mode is"),
        (lambda: Affine(interpolation="bicubic"), "interpolation is"),
        (lambda: Zoom((0, 1)), "height is"),
        (lambda: Zoom((1, 1), 2), "width is"),
        (lambda: Translate((0.1, 0.1, 0.1, 0.1)), "share is"),
        (lambda: PadCrop(1, size=0), "size is"),
        (lambda: PadCrop(1, size=(3, 4, 5)), "size is"),
        (lambda: Pipeline([PadCrop(1, size=40)])(IMAGES, index=INDEX), "40 x 40 .* does not fit"),
        (lambda: Pipeline([PadCrop(20, "reflect")])(IMAGES, index=INDEX), "cannot reflect 20"),
        (lambda: Pipeline([PadCrop(21, "symmetric")])(IMAGES, index=INDEX), "cannot reflect 21"),
    ],
)
def test_numbers_that_mean_nothing_are_refused(made, message):
    with pytest.raises(UsageError, match=message):
        made()
