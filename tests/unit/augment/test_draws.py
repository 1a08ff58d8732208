"""Draws: uniform, independent of one another, and of all that is not their own."""

import zlib

import numpy as np
import pytest
from scipy.stats import kstest

from whydrop.augment.draws import uniforms
from whydrop.core.errors import UsageError

MANY = np.arange(100_000)


def test_draws_are_uniform_and_apart_from_each_other():
    u = uniforms(["a", "b"], seed=7, epoch=0, index=MANY)
    later = uniforms(["a"], seed=7, epoch=1, index=MANY)[0]
    view = uniforms(["a"], seed=7, epoch=0, index=MANY, view=1)[0]
    other = uniforms(["a"], seed=8, epoch=0, index=MANY)[0]
    for row in (*u, later, view, other):
        assert row.min() > 0.0 and row.max() < 1.0
        assert kstest(row, "uniform").pvalue > 1e-4
    for row in (u[1], later, view, other, np.roll(u[0], 1)):
        assert abs(np.corrcoef(u[0], row)[0, 1]) < 4 / np.sqrt(len(MANY))
    assert len(np.unique(u[0])) == len(MANY)


def test_a_draw_depends_on_its_own_key_alone():
    whole = uniforms(["x", "y"], seed=0, epoch=3, index=np.arange(100))
    order = np.random.default_rng(0).permutation(100)
    np.testing.assert_array_equal(uniforms(["y"], seed=0, epoch=3, index=order)[0], whole[1][order])
    parts = [uniforms(["x"], seed=0, epoch=3, index=part)[0] for part in np.split(order, [7, 60])]
    np.testing.assert_array_equal(np.concatenate(parts), whole[0][order])


def test_draws_stay_the_same_from_release_to_release():
    u = uniforms(["PadCrop.y"], seed=1, epoch=2, index=[3, 4])
    np.testing.assert_allclose(u, PINNED, rtol=0, atol=0)


PINNED = [[0.578162523024346, 0.340598842969538]]


@pytest.mark.parametrize(
    "index", [[0.5, 1.0], [[0, 1]], np.array(["a"])], ids=["floats", "two axes", "words"]
)
def test_positions_must_be_whole_numbers(index):
    with pytest.raises(UsageError, match="index has shape"):
        uniforms(["a"], seed=0, epoch=0, index=index)


@pytest.mark.parametrize("name", ["seed", "epoch", "view"])
def test_keys_must_not_be_negative(name):
    with pytest.raises(UsageError, match=f"{name} is -1"):
        uniforms(["a"], **{"seed": 0, "epoch": 0, "index": [0], name: -1})


def test_copies_of_a_sample_draw_as_if_each_were_asked_for_alone():
    index, view = np.array([3, 3, 7, 3]), np.array([0, 1, 5, 2])
    together = uniforms(["a", "b"], seed=4, epoch=6, index=index, view=view)
    for at, (i, v) in enumerate(zip(index, view, strict=True)):
        alone = uniforms(["a", "b"], seed=4, epoch=6, index=[i], view=int(v))
        np.testing.assert_array_equal(together[:, at], alone[:, 0])


@pytest.mark.parametrize("view", [[0, 1, 2], [[0]], 0.5, [True], "a"])
def test_copies_are_one_whole_number_or_one_a_sample(view):
    with pytest.raises(UsageError, match="view has shape"):
        uniforms(["a"], seed=0, epoch=0, index=[0, 1], view=view)


def test_a_draw_is_the_hash_of_its_key_in_whole_numbers():
    golden, seed, epoch = 0x9E3779B97F4A7C15, 4, 6
    stream = mixed(zlib.crc32(b"a") * 0xA0761D6478BD642F + 1)
    found = uniforms(["a"], seed=seed, epoch=epoch, index=[3, 7, 3], view=[0, 5, 2])[0]
    for number, index, view in zip(found, [3, 7, 3], [0, 5, 2], strict=True):
        times = epoch * 0xD1342543DE82EF95 ^ view * 0xDA942042E4DD58B5
        base = mixed(mixed(seed + golden) ^ times % (1 << 64))
        word = mixed(mixed(index * golden + base) ^ stream)
        assert number == ((word >> 12) + 0.5) * 2.0**-52


def mixed(z: int) -> int:
    """Return the finaliser of splitmix64, as published."""
    z %= 1 << 64
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 % (1 << 64)
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB % (1 << 64)
    return z ^ (z >> 31)
