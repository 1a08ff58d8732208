"""Noise against splitmix64 and quantiles in plain Python, and SciPy's tests."""

from statistics import NormalDist

import numpy as np
import pytest
import torch
from scipy import stats

from whydrop.augment import Normalize, Pipeline, RandomErasing, compiled, from_json, to_json
from whydrop.augment.noise import normal
from whydrop.augment.op import Size
from whydrop.core.errors import UsageError

# A hole may be the whole image here.
pytestmark = pytest.mark.filterwarnings("ignore::whydrop.augment.VisibilityWarning")

SIZE = Size(13, 18)
N = 60
INDEX = np.random.default_rng(1).permutation(1000)[:N]
NOISE = RandomErasing(0.7, (0.02, 0.6), fill="noise")


def splitmix64(state):
    """Return the output of splitmix64 for a state, as its authors' C code says."""
    z = state % 2**64
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB % 2**64
    return z ^ (z >> 31)


def expected_normal(key, place):
    start = splitmix64(key)
    word = splitmix64(start + (place + 1) * 0x9E3779B97F4A7C15)
    return NormalDist().inv_cdf(((word >> 32) + 0.5) / 2**32)


@pytest.fixture(params=["best", "NumPy", "PyTorch"])
def run(request, monkeypatch):
    """A way to run a pipeline on arrays, by each implementation."""
    if request.param == "NumPy":
        monkeypatch.setattr(compiled, "available", lambda: False)
    if request.param == "PyTorch":
        monkeypatch.setattr("whydrop.augment.pipeline._in_memory", lambda images: False)
        return lambda pipeline, x, **key: pipeline(torch.from_numpy(x), **key).images.numpy()
    return lambda pipeline, x, **key: pipeline(x, **key).images


def images(channels=3, size=SIZE, n=N):
    return np.random.default_rng(0).integers(0, 256, (n, channels, *size), dtype=np.uint8)


def test_a_number_is_the_quantile_of_its_hash():
    keys, places = np.array([0, 1, 4711, 2**52 - 1]), np.array([0, 1, 2, 150_527, 2**31])
    expected = [[expected_normal(int(key), int(place)) for place in places] for key in keys]
    made = normal(keys[:, None], places)
    assert made.dtype == np.float32
    np.testing.assert_allclose(made, expected, rtol=2e-7)
    tensors = normal(torch.from_numpy(keys[:, None]), torch.from_numpy(places))
    np.testing.assert_allclose(tensors.numpy(), expected, rtol=2e-7)


@pytest.mark.parametrize("channels", [1, 3])
def test_holes_hold_the_noise_of_their_places_and_nothing_else_changes(run, channels):
    x = images(channels)
    norm = Normalize(0.5, 0.25) if channels == 1 else Normalize((0.5, 0.4, 0.3), (0.2, 0.3, 0.4))
    augment = Pipeline([norm, NOISE], seed=2)
    drawn = augment.draws(SIZE, index=INDEX, epoch=3)["RandomErasing"]
    made = run(augment, x, index=INDEX, epoch=3)
    expected = run(Pipeline([norm]), x).astype(np.float64)
    touched = 0
    for i in range(N):
        sides = (int(drawn[side][i, 0]) for side in ("top", "bottom", "left", "right"))
        top, bottom, left, right = sides
        touched += bottom > top
        for c in range(channels):
            for row in range(top, bottom):
                for column in range(left, right):
                    place = (c * SIZE.height + row) * SIZE.width + column
                    value = expected_normal(int(drawn["noise"][i]), place)
                    expected[i, c, row, column] = value
    assert 0.5 * N < touched < 0.9 * N
    np.testing.assert_allclose(made, expected, rtol=3e-7, atol=3e-7)


@pytest.mark.parametrize("at_once", [1, 7])
def test_the_noise_of_a_sample_is_the_same_in_any_batch(run, at_once):
    augment, x = Pipeline([NOISE], seed=3), images()
    whole = run(augment, x, index=INDEX, epoch=2)
    order = np.random.default_rng(1).permutation(N)
    for part in np.array_split(order, np.arange(at_once, N, at_once)):
        alone = run(augment, x[part], index=INDEX[part], epoch=2)
        np.testing.assert_array_equal(alone, whole[part])


def test_seed_epoch_view_and_sample_give_other_noise():
    all_of_it = RandomErasing(1.0, (1.0, 1.0), (1.0, 1.0), fill="noise")
    square = images(size=Size(16, 16))

    def made(seed=0, **key):
        return Pipeline([all_of_it], seed=seed)(square, **{"index": INDEX, **key}).images.ravel()

    first = made()
    others = made(1), made(epoch=1), made(view=1), made(index=INDEX + 1000)
    for other in others:
        assert abs(np.corrcoef(first, other)[0, 1]) < 4 / np.sqrt(first.size)
    np.testing.assert_array_equal(made(), first)


def test_noise_is_normal_and_apart_from_place_to_place(run):
    all_of_it = RandomErasing(1.0, (1.0, 1.0), (1.0, 1.0), fill="noise")
    made = run(Pipeline([all_of_it]), images(size=Size(32, 32)), index=INDEX)
    values = made.ravel().astype(np.float64)
    assert stats.kstest(values, "norm").pvalue > 1e-4
    assert np.abs(values).max() > 4  # the tails are there: 0.006 % of 184,320 are beyond 4
    limit = 4 / np.sqrt(values.size)
    for axis in range(4):
        neighbours = np.roll(made, 1, axis).ravel()
        assert abs(np.corrcoef(values, neighbours)[0, 1]) < limit


def test_where_the_holes_are_does_not_depend_on_the_fill():
    plain, noisy = RandomErasing(0.7, (0.02, 0.6)), NOISE
    one, other = (Pipeline([op]).draws(SIZE, index=INDEX)["RandomErasing"] for op in (plain, noisy))
    assert "noise" not in one
    for side, values in one.items():
        np.testing.assert_array_equal(values, other[side])


def test_noise_survives_json_and_other_words_are_refused():
    pipeline = Pipeline([NOISE])
    assert from_json(to_json(pipeline)).ops == (NOISE,)
    for fill in ("pixel", None, float("nan"), True):
        with pytest.raises(UsageError, match="fill is") as refused:
            RandomErasing(fill=fill)
        assert refused.value.where == "RandomErasing"
