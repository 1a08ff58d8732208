"""One seed, split by purpose."""

import random

import numpy as np
import pytest
import torch

from whydrop.core.errors import UsageError
from whydrop.training.randomness import initialised, order, seed_for, seeded


def test_an_order_has_each_sample_once():
    assert sorted(order(1000, seed=1, epoch=2)) == list(range(1000))


def test_orders_differ_between_seeds_and_epochs():
    orders = {tuple(order(50, seed=s, epoch=e)) for s in range(5) for e in range(5)}
    assert len(orders) == 25


def test_an_order_is_uniform():
    """The place of sample 0 over 4,000 epochs, in ten bins of 400: chi-square, 9 degrees."""
    places = [int(np.flatnonzero(order(20, seed=0, epoch=e) == 0)[0]) for e in range(4000)]
    counts = np.bincount(np.array(places) // 2, minlength=10)
    assert ((counts - 400) ** 2 / 400).sum() < 27.9  # 0.1 % of uniform orders exceed this


def test_samples_stand_to_each_other_as_without_the_others():
    some, more = order(30, seed=0, epoch=0), order(40, seed=0, epoch=0)
    assert list(some) == [position for position in more if position < 30]


def test_seeds_of_purposes_are_apart_and_fit_every_generator():
    seeds = [seed_for(s, p, e) for s in range(20) for p in ("order", "dropout") for e in range(20)]
    assert len(set(seeds)) == 800
    assert all(0 <= seed < 2**63 for seed in seeds)


def test_weights_are_the_same_whatever_was_drawn_before():
    weights = []
    for before in (3, 4):
        torch.manual_seed(before)
        with initialised(7):
            weights.append(torch.nn.Linear(3, 3).weight)
    assert torch.equal(*weights)


def test_all_global_generators_are_seeded_and_put_back():
    def drawn():
        return torch.rand(1).item(), np.random.rand(), random.random()

    torch.manual_seed(0), np.random.seed(0), random.seed(0)
    expected = drawn()
    torch.manual_seed(0), np.random.seed(0), random.seed(0)
    with seeded(1, "dropout", 0):
        first = drawn()
    with pytest.raises(ZeroDivisionError), seeded(1, "dropout", 0):
        assert drawn() == first
        _ = 1 / 0
    assert drawn() == expected


@pytest.mark.parametrize("seed", [1.7, -1, "1", None])
def test_a_seed_that_is_no_whole_number_from_0_is_refused(seed):
    with pytest.raises(UsageError, match="seed is"), initialised(seed):
        pass


def test_a_seed_of_numpy_is_that_of_python():
    assert seed_for(np.int64(7), "order") == seed_for(7, "order")
