"""Who is mixed with whom."""

import numpy as np
import pytest

from whydrop.augment.draws import uniforms
from whydrop.augment.pairing import PAIRINGS, partners


def drawn(index, epoch=0):
    return uniforms(["order", "partner"], seed=3, epoch=epoch, index=index)


@pytest.mark.parametrize("pairing", PAIRINGS)
@pytest.mark.parametrize("n", [1, 2, 3, 7, 64])
def test_each_sample_is_partner_once(pairing, n):
    partner = partners(pairing, *drawn(np.arange(n)))
    assert partner.dtype == np.int64
    assert sorted(partner.tolist()) == list(range(n))


@pytest.mark.parametrize("n", [2, 3, 8, 255, 256])
def test_nobody_in_a_cycle_meets_itself(n):
    for epoch in range(50):
        partner = partners("cycle", *drawn(np.arange(n), epoch))
        assert not np.any(partner == np.arange(n))


@pytest.mark.parametrize("n", [2, 7, 64])
def test_a_cycle_goes_through_all_samples(n):
    partner = partners("cycle", *drawn(np.arange(n)))
    at, steps = partner[0], 1
    while at != 0:
        at, steps = partner[at], steps + 1
    assert steps == n


@pytest.mark.parametrize("pairing", ["cycle", "permutation"])
def test_pairs_do_not_depend_on_the_order_of_the_batch(pairing):
    index = np.arange(100, 356)
    shuffled = np.random.default_rng(0).permutation(index)
    one, other = (i[partners(pairing, *drawn(i))] for i in (index, shuffled))
    assert dict(zip(index, one, strict=True)) == dict(zip(shuffled, other, strict=True))


def test_all_partners_are_equally_likely_in_a_cycle():
    epochs, n = 4000, 5
    count = np.zeros((n, n))
    for epoch in range(epochs):
        count[np.arange(n), partners("cycle", *drawn(np.arange(n), epoch))] += 1
    others = count[~np.eye(n, dtype=bool)]
    expected = epochs / (n - 1)
    assert np.abs(others - expected).max() < 5 * np.sqrt(expected * (1 - 1 / (n - 1)))


def test_a_random_permutation_has_one_self_pair_on_average():
    counts = [
        int(np.sum(partners("permutation", *drawn(np.arange(16), e)) == np.arange(16)))
        for e in range(2000)
    ]
    # fixed points of a random permutation have mean 1 and variance 1
    assert np.mean(counts) == pytest.approx(1, abs=5 / np.sqrt(2000))


def test_roll_and_flip_are_those_of_torchvision_and_timm():
    import torch

    batch = torch.arange(7)
    empty = np.zeros(7)
    assert np.array_equal(partners("roll", empty, empty), batch.roll(1, 0))
    assert np.array_equal(partners("flip", empty, empty), batch.flip(0))
