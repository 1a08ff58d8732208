"""Indexed: items with their positions."""

import pytest

torch = pytest.importorskip("torch")
from torch.utils.data import Subset  # noqa: E402

from whydrop.augment import Indexed  # noqa: E402
from whydrop.core.errors import UsageError  # noqa: E402

LETTERS = [(letter, number) for number, letter in enumerate("abcdef")]


def test_items_come_with_their_position():
    data = Indexed(LETTERS)
    assert len(data) == 6
    assert data[2] == ("c", 2, 2)
    assert data[-1] == ("f", 5, 5)
    assert next(iter(data)) == ("a", 0, 0)


def test_a_part_of_the_data_keeps_the_positions_of_the_whole():
    part = Subset(Indexed(LETTERS), [5, 1])
    assert [part[0], part[1]] == [("f", 5, 5), ("b", 1, 1)]
    assert part.__getitems__([1]) == [("b", 1, 1)]


def test_a_data_set_that_reads_many_items_at_once_is_asked_so():
    class Fast(list):
        def __getitems__(self, indices):
            return [("read", index) for index in indices]

    assert Indexed(Fast(LETTERS)).__getitems__([4, 0]) == [("read", 4, 4), ("read", 0, 0)]


def test_a_view_that_is_asked_for_comes_with_the_item():
    data = Indexed(LETTERS)
    assert data[4, 1] == ("e", 4, 4, 1)
    assert data.__getitems__([(0, 2), (5, 0)]) == [("a", 0, 0, 2), ("f", 5, 5, 0)]


def test_a_position_outside_the_data_ends_a_loop():
    with pytest.raises(IndexError, match="index 6 of 6"):
        Indexed(LETTERS)[6]


@pytest.mark.parametrize(
    ("data", "message"), [(["ab"], "item 0 is a str"), ([(1, 2, 3)], "tuple of 3 values")]
)
def test_items_that_are_no_pairs_are_refused(data, message):
    with pytest.raises(UsageError, match=message):
        Indexed(data)[0]


def test_a_stream_is_refused():
    with pytest.raises(UsageError, match="no length or no items"):
        Indexed(iter(LETTERS))
