"""Second bodies: real sequences of the same class, and a stated share of empty ones."""

import numpy as np
import pytest
from tests.fixtures.data_files import real_data

from whydrop.core.errors import UsageError
from whydrop.training.readers import read_skeletons
from whydrop.training.samples import Samples
from whydrop.training.second_body import with_second_body

CLASSES = ("bow", "wave", "jump")


def singles(counts=(10, 20, 5)):
    """Return sequences of one body whose every coordinate is their position plus one."""
    labels = np.repeat(np.arange(len(counts)), counts)
    np.random.default_rng(0).shuffle(labels)
    values = np.arange(1, len(labels) + 1, dtype=np.float32)
    inputs = np.broadcast_to(values[:, None, None, None, None], (len(labels), 3, 4, 5, 1))
    return Samples(inputs, labels, CLASSES)


@pytest.mark.parametrize("share", [0.0, 0.2, 0.5, 0.8, 1.0])
def test_the_share_of_empty_second_bodies_is_that_of_each_class(share):
    one = singles()
    two = with_second_body(one, empty_share=share, seed=3)
    empty = ~two.inputs[..., 1].any(axis=(1, 2, 3))
    per_class = np.bincount(one.labels[empty], minlength=3)
    assert (np.abs(per_class - share * one.counts) < 1).all()


def test_the_first_body_and_the_labels_stay():
    one = singles()
    two = with_second_body(one, empty_share=0.5, seed=0)
    assert two.inputs.shape == (35, 3, 4, 5, 2)
    np.testing.assert_array_equal(two.inputs[..., :1], one.inputs)
    np.testing.assert_array_equal(two.labels, one.labels)
    assert two.classes == one.classes


def test_a_second_body_is_another_sequence_of_the_same_class():
    one = singles()
    for seed in range(20):
        two = with_second_body(one, empty_share=0.0, seed=seed)
        partner = two.inputs[:, 0, 0, 0, 1].astype(int) - 1
        assert (partner != np.arange(35)).all()
        np.testing.assert_array_equal(one.labels[partner], one.labels)


def test_every_other_sequence_of_the_class_is_as_likely():
    one = singles((5, 0, 0)).only(["bow"])
    pairs = np.zeros((5, 5))
    for seed in range(2000):
        two = with_second_body(one, empty_share=0.0, seed=seed)
        pairs[np.arange(5), two.inputs[:, 0, 0, 0, 1].astype(int) - 1] += 1
    # Each sequence has 4 others: 500 times expected, standard deviation 19.4.
    others = pairs[~np.eye(5, dtype=bool)]
    assert np.abs(others - 500).max() < 90


def test_the_seed_alone_decides_and_a_smaller_share_empties_a_part_of_the_same():
    one = singles()
    a, b = (with_second_body(one, empty_share=0.5, seed=1) for _ in range(2))
    np.testing.assert_array_equal(a.inputs, b.inputs)
    few = with_second_body(one, empty_share=0.2, seed=1)
    filled = a.inputs[..., 1].any(axis=(1, 2, 3))
    np.testing.assert_array_equal(few.inputs[filled], a.inputs[filled])


def test_real_sequences_get_real_second_bodies():
    one = read_skeletons(real_data("skeleton-utkinect.npz"), frames=30)
    two = with_second_body(one, empty_share=0.75, seed=0)
    filled = np.flatnonzero(two.inputs[..., 1].any(axis=(1, 2, 3)))
    assert abs(len(filled) - 0.25 * len(one)) < 5
    for i in filled[:10]:
        same = (one.inputs[..., 0] == two.inputs[i, ..., 1]).all(axis=(1, 2, 3))
        assert one.labels[np.flatnonzero(same)].tolist() == [one.labels[i]]


@pytest.mark.parametrize(
    ("samples", "share", "what"),
    [
        (Samples(np.zeros((2, 3, 4, 5, 2), np.float32), [0, 0], ("a",)), 0.5, r"\(3, 4, 5, 2\)"),
        (Samples(np.zeros((2, 3, 4, 5), np.float32), [0, 0], ("a",)), 0.5, r"\(3, 4, 5\)"),
        (singles(), 1.5, "empty_share is 1.5"),
        (singles(), float("nan"), "empty_share is nan"),
        (singles((2, 1, 2)), 0.0, "'wave' has one sequence"),
    ],
)
def test_what_cannot_be_composed_is_refused(samples, share, what):
    with pytest.raises(UsageError, match=what):
        with_second_body(samples, empty_share=share, seed=0)
