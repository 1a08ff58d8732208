"""Splits and subsets: by class, the same for ever, smaller ones inside larger ones."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from whydrop.core.errors import UsageError
from whydrop.training.samples import Samples
from whydrop.training.split import fraction, stratified

COUNTS = st.lists(st.integers(1, 40), min_size=1, max_size=8)
SHARES = st.floats(0.001, 0.999)
SEEDS = st.integers(0, 2**40)


def samples(counts, order_seed=0):
    """Return samples whose one input is their position, in mixed order of classes."""
    labels = np.repeat(np.arange(len(counts)), counts)
    np.random.default_rng(order_seed).shuffle(labels)
    inputs = np.arange(len(labels), dtype=np.float32)[:, None]
    return Samples(inputs, labels, tuple(f"c{i}" for i in range(len(counts))))


def positions(part):
    return part.inputs[:, 0].astype(int).tolist()


@given(COUNTS, SHARES, SEEDS)
def test_each_class_is_split_within_less_than_one_of_its_share(counts, share, seed):
    whole = samples(counts)
    try:
        rest, taken = stratified(whole, share, seed=seed)
    except UsageError:
        assert share * min(counts) < 1 or min(counts) == 1
        return
    assert (np.abs(taken.counts - share * np.array(counts)) < 1).all()
    assert (rest.counts >= 1).all()
    assert sorted(positions(rest) + positions(taken)) == list(range(len(whole)))
    assert positions(rest) == sorted(positions(rest))
    assert positions(taken) == sorted(positions(taken))


@given(COUNTS, SHARES, SEEDS)
def test_a_fraction_has_its_share_of_each_class_and_at_least_one(counts, share, seed):
    part = fraction(samples(counts), share, seed=seed)
    assert (np.abs(part.counts - share * np.array(counts)) < 1).all()
    assert (part.counts >= 1).all()


@given(COUNTS, SHARES, SHARES, SEEDS)
def test_a_smaller_fraction_is_contained_in_a_larger(counts, a, b, seed):
    whole = samples(counts)
    small, large = (positions(fraction(whole, s, seed=seed)) for s in sorted((a, b)))
    assert set(small) <= set(large)


def test_the_whole_is_the_largest_fraction():
    whole = samples([3, 9])
    assert positions(fraction(whole, 1.0, seed=5)) == list(range(12))


def test_equal_classes_add_up_to_the_share_of_all():
    # 200 classes of 30: a twentieth is 1.5 each, 300 in all.
    whole = samples([30] * 200)
    for seed in range(5):
        assert len(stratified(whole, 0.05, seed=seed)[1]) == 300
        assert len(fraction(whole, 0.05, seed=seed)) == 300


def test_shares_that_come_out_whole_are_exact_in_every_class():
    whole = samples([50, 20, 100])
    assert stratified(whole, 0.1, seed=3)[1].counts.tolist() == [5, 2, 10]
    assert stratified(whole, 0.3, seed=3)[1].counts.tolist() == [15, 6, 30]


def test_the_seed_alone_decides():
    whole = samples([50, 50])
    first = positions(stratified(whole, 0.2, seed=1)[1])
    assert first == positions(stratified(whole, 0.2, seed=1)[1])
    assert first != positions(stratified(whole, 0.2, seed=2)[1])


def test_every_sample_is_as_likely_to_be_taken():
    whole = samples([20])
    times = np.zeros(20)
    for seed in range(2000):
        times[positions(stratified(whole, 0.25, seed=seed)[1])] += 1
    # 500 expected; the standard deviation of a binomial is 19.4, and of 20 the largest is 3.5.
    assert np.abs(times - 500).max() < 90


def test_a_split_and_a_fraction_of_one_seed_are_drawn_apart():
    whole = samples([1000])
    taken = set(positions(stratified(whole, 0.5, seed=0)[1]))
    kept = set(positions(fraction(whole, 0.5, seed=0)))
    # Hypergeometric: 250 in common, standard deviation 7.9.
    assert abs(len(taken & kept) - 250) < 50


@pytest.mark.parametrize("share", [0.0, 1.0, -0.1, 1.1, float("nan")])
def test_a_share_outside_its_range_is_refused(share):
    with pytest.raises(UsageError, match=f"share is {share:g}"):
        stratified(samples([9]), share, seed=0)
    if share != 1.0:
        with pytest.raises(UsageError, match=f"share is {share:g}"):
            fraction(samples([9]), share, seed=0)


def test_a_share_too_small_for_one_sample_is_said():
    with pytest.raises(UsageError, match=r"a share of 0\.5 of 2 samples"):
        stratified(samples([1, 1]), 0.5, seed=0)
