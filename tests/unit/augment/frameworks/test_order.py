"""EpochOrder: a permutation for each (seed, epoch), from any point of it."""

import numpy as np
import pytest

from whydrop.augment import EpochOrder
from whydrop.core.errors import UsageError


def test_every_epoch_shows_every_sample_once_in_an_order_of_its_own():
    orders = []
    for seed, epoch in ((0, 0), (0, 1), (1, 0)):
        order = EpochOrder(100, seed=seed)
        order.set_epoch(epoch)
        orders.append(list(order))
        assert sorted(orders[-1]) == list(range(100))
        assert list(order) == orders[-1]
    assert orders[0] != orders[1] != orders[2] != orders[0]


def test_all_orders_are_equally_likely():
    order = EpochOrder(4)
    seen = np.zeros(256)
    for epoch in range(4800):
        order.set_epoch(epoch)
        seen[order.positions() @ [64, 16, 4, 1]] += 1
    counts = seen[seen > 0]
    assert len(counts) == 24
    # chi-squared with 23 degrees of freedom: 49.7 is passed once in a thousand
    assert ((counts - 200) ** 2 / 200).sum() < 49.7


def test_an_epoch_goes_on_where_it_was_interrupted_and_the_next_is_whole():
    order = EpochOrder(10, seed=2)
    order.set_epoch(4)
    whole = list(order)
    order.set_epoch(4, start=7)
    assert (list(order), len(order)) == (whole[7:], 3)
    order.set_epoch(5)
    assert len(order) == 10


@pytest.mark.parametrize("call", [{"epoch": -1}, {"epoch": 0, "start": 11}])
def test_an_impossible_epoch_or_start_is_refused(call):
    with pytest.raises(UsageError, match=r"epoch is"):
        EpochOrder(10).set_epoch(**call)
