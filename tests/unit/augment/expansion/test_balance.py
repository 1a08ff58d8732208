"""Balance: each class gets its number of copies, and its samples take turns."""

from collections import Counter

import numpy as np
import pytest
import torch

from whydrop.augment.expansion.balance import balanced_copies, members_of
from whydrop.core.errors import UsageError

LABELS = np.repeat([4, 0, 7], [5, 30, 12])[np.random.default_rng(0).permutation(47)]


def copies(n, seed=0, epoch=0, larger="subset", among=None, labels=LABELS):
    return balanced_copies(members_of(labels, among), n, seed=seed, epoch=epoch, larger=larger)


@pytest.mark.parametrize("n", [1, 5, 12, 13, 64])
def test_each_class_gets_its_number_and_samples_of_a_class_differ_by_one_at_most(n):
    made = copies(n)
    assert Counter(LABELS[made.index].tolist()) == {0: n, 4: n, 7: n}
    for label in (0, 4, 7):
        uses = Counter(made.index[LABELS[made.index] == label].tolist())
        least, most = n // (label == LABELS).sum(), -(-n // (label == LABELS).sum())
        assert set(uses.values()) <= {least, most} - {0}


def test_the_copies_of_a_sample_are_numbered_from_0_without_a_gap():
    made = copies(64)
    for position in range(len(LABELS)):
        views = made.view[made.index == position].tolist()
        assert views == list(range(len(views)))


def test_copies_are_sorted_by_class_then_sample_then_copy():
    made = copies(20)
    keys = list(zip(LABELS[made.index].tolist(), *np.array(made.pairs()).T.tolist(), strict=True))
    assert keys == sorted(keys)


def test_a_larger_class_gives_a_drawn_subset_or_keeps_all():
    subset, other, kept = copies(8), copies(8, epoch=1), copies(8, larger="keep")
    of_0 = [set(made.index[LABELS[made.index] == 0].tolist()) for made in (subset, other)]
    assert [len(chosen) for chosen in of_0] == [8, 8] and of_0[0] != of_0[1]
    assert Counter(LABELS[kept.index].tolist()) == {0: 30, 4: 8, 7: 12}
    assert not kept.view[LABELS[kept.index] == 0].any()


def test_each_sample_of_a_larger_class_is_equally_likely():
    times = Counter()
    for epoch in range(900):
        made = copies(8, epoch=epoch)
        times.update(made.index[LABELS[made.index] == 0].tolist())
    expected = 900 * 8 / 30
    spread = np.sqrt(900 * (8 / 30) * (22 / 30))
    assert len(times) == 30
    assert max(abs(n - expected) for n in times.values()) < 4.5 * spread


def test_seed_and_epoch_choose_who_is_used_once_more():
    twice = [
        frozenset(i for i, v in copies(32, seed=s, epoch=e).pairs() if v == 1 and LABELS[i] == 0)
        for s, e in ((0, 0), (1, 0), (0, 1))
    ]
    assert all(len(chosen) == 2 for chosen in twice) and len(set(twice)) == 3
    assert copies(32).pairs() == copies(32).pairs()


def test_other_classes_do_not_change_what_a_class_gives():
    alone = copies(20, among=np.flatnonzero(LABELS == 7))
    together = copies(20)
    assert alone.pairs() == together[LABELS[together.index] == 7].pairs()


def test_only_positions_among_those_given_are_used():
    among = np.flatnonzero(np.arange(47) % 3)[::-1]
    made = copies(40, among=among)
    assert set(made.index.tolist()) == set(among.tolist())


def test_labels_may_be_lists_and_tensors():
    for labels in (LABELS.tolist(), torch.from_numpy(LABELS), LABELS.astype(np.uint8)):
        assert copies(9, labels=labels).pairs() == copies(9).pairs()


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"n": 0}, "n_per_class is 0"),
        ({"n": 2.5}, "n_per_class is 2.5"),
        ({"n": 4, "larger": "drop"}, "larger is 'drop'"),
        ({"n": 4, "labels": []}, "no samples"),
        ({"n": 4, "labels": [0, -1]}, "label -1"),
        ({"n": 4, "labels": [0.0, 1.0]}, "dtype float64"),
        ({"n": 4, "labels": np.eye(3, dtype=int)}, r"shape \(3, 3\)"),
        ({"n": 4, "among": [0, 47]}, "from 0 to 47"),
        ({"n": 4, "among": [-1, 3]}, "from -1 to 3"),
        ({"n": 4, "among": [3, 3]}, "more than once"),
        ({"n": 4, "among": []}, "no samples"),
        ({"n": 4, "among": np.ones(47, bool)}, "dtype bool"),
    ],
)
def test_what_cannot_be_balanced_is_refused(how, message):
    with pytest.raises(UsageError, match=message):
        copies(**how)
