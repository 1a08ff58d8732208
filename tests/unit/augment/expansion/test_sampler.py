"""The online equivalent of an expansion, in PyTorch and in a plain loop."""

import subprocess
import sys
from collections import Counter

import numpy as np
import pytest
import torch
from torch.utils.data import BatchSampler, DataLoader, Dataset

from whydrop.augment import (
    BalancedSampler,
    ColorJitter,
    HorizontalFlip,
    Normalize,
    PadCrop,
    Pipeline,
    expand_to,
)
from whydrop.core.errors import UsageError

RNG = np.random.default_rng(0)
LABELS = np.repeat([0, 1, 2], [5, 11, 30])[RNG.permutation(46)]
IMAGES = RNG.integers(0, 256, (46, 3, 12, 12), dtype=np.uint8)
OPS = [PadCrop(2), HorizontalFlip(), ColorJitter(0.3, 0.3, 0.3)]


class Samples(Dataset):
    """What a data set does with the keys of the sampler."""

    def __len__(self):
        return len(IMAGES)

    def __getitem__(self, key):
        index, view = key
        return torch.from_numpy(IMAGES[index]), int(LABELS[index]), index, view


@pytest.mark.parametrize("epoch", [0, 3])
def test_an_epoch_has_each_class_equally_often(epoch):
    sampler = BalancedSampler(LABELS, 16)
    sampler.set_epoch(epoch)
    pairs = list(sampler)
    assert len(pairs) == len(sampler) == 48 == len(set(pairs))
    assert Counter(int(LABELS[index]) for index, _ in pairs) == {0: 16, 1: 16, 2: 16}


@pytest.mark.parametrize("larger", ["subset", "keep"])
def test_offline_and_online_give_the_same_copies_and_the_same_pixels_in_epoch_0(larger):
    augment = Pipeline(OPS, seed=7)
    offline = {}
    for made in expand_to(IMAGES, LABELS, 16, pipeline=augment, larger=larger).batches(10):
        for image, label, index, view in zip(
            made.images, made.labels, made.index, made.view, strict=True
        ):
            offline[int(index), int(view)] = (image, int(label))
    sampler = BalancedSampler(LABELS, 16, seed=7, larger=larger)
    assert set(sampler) == set(offline)
    for copies in sampler.batches(13, epoch=0):
        online = augment(IMAGES[copies.index], index=copies.index, view=copies.view).images
        for image, pair in zip(online, copies.pairs(), strict=True):
            stored, label = offline[pair]
            assert label == LABELS[pair[0]]
            # Offline pixels are rounded to whole levels: half of one is lost at most.
            assert abs(stored / 255 - image).max() <= 0.5 / 255 + 1e-6


def test_a_normalising_pipeline_differs_by_half_a_level_over_the_deviation():
    mean, std = (0.5, 0.4, 0.3), (0.2, 0.25, 0.3)
    made = next(expand_to(IMAGES, LABELS, 16, pipeline=Pipeline(OPS, seed=7)).batches(48))
    online = Pipeline([*OPS, Normalize(mean, std)], seed=7)(
        IMAGES[made.index], index=made.index, view=made.view
    )
    later = Pipeline([Normalize(mean, std)])(made.images)
    assert abs(online.images - later.images).max() <= 0.5 / 255 / min(std) + 1e-5


def test_every_epoch_has_another_order_and_other_extra_copies():
    sampler = BalancedSampler(LABELS, 16, seed=1)
    orders = [sampler.copies(epoch).pairs() for epoch in range(4)]
    assert len({tuple(order) for order in orders}) == 4
    assert len({frozenset(order) for order in orders}) == 4
    assert BalancedSampler(LABELS, 16, seed=1).copies(2).pairs() == orders[2]
    assert BalancedSampler(LABELS, 16, seed=2).copies(2).pairs() != orders[2]


def test_batches_hold_all_classes_in_a_random_order():
    runs = [LABELS[copies.index] for copies in BalancedSampler(LABELS, 400).batches(40, epoch=0)]
    counts = np.array([np.bincount(labels, minlength=3) for labels in runs])
    # Hypergeometric: 40 of 1,200 of which 400 are of a class.
    spread = np.sqrt(40 * (1 / 3) * (2 / 3) * (1160 / 1199))
    assert abs(counts - 40 / 3).max() < 4 * spread


@pytest.mark.parametrize("workers", [0, 2])
def test_pytorch_takes_it_as_a_sampler(workers):
    sampler = BalancedSampler(LABELS, 16, seed=3)
    loader = DataLoader(Samples(), batch_size=20, sampler=sampler, num_workers=workers)
    assert len(loader) == 3
    for epoch in (0, 1):
        sampler.set_epoch(epoch)
        batches = list(loader)
        pairs = [
            pair
            for *_, index, view in batches
            for pair in zip(index.tolist(), view.tolist(), strict=True)
        ]
        assert pairs == sampler.copies(epoch).pairs()
    images, labels, index, view = batches[0]
    made = Pipeline(OPS)(images, labels, epoch=1, index=index, view=view)
    alone = Pipeline(OPS)(images[4:5], epoch=1, index=index[4:5], view=int(view[4]))
    assert torch.equal(made.images[4:5], alone.images)


@pytest.mark.parametrize("drop_last", [False, True])
def test_pytorch_takes_its_batches_which_are_those_of_pytorch_s_own(drop_last):
    sampler = BalancedSampler(LABELS, 16, seed=3)
    batches = sampler.batch_sampler(20, drop_last=drop_last)
    batches.set_epoch(2)
    theirs = BatchSampler(sampler, 20, drop_last)
    assert list(batches) == list(theirs)
    loader = DataLoader(Samples(), batch_sampler=batches)
    assert len(loader) == len(theirs) == len(list(loader))
    plain = [copies.pairs() for copies in sampler.batches(20, epoch=2, drop_last=drop_last)]
    assert plain == list(theirs)


def test_positions_left_out_are_never_yielded():
    among = np.flatnonzero(np.arange(46) % 2)
    sampler = BalancedSampler(LABELS, 16, among=among)
    for epoch in range(5):
        assert set(sampler.copies(epoch).index.tolist()) <= set(among.tolist())


def test_it_works_without_pytorch():
    code = (
        "import sys; from whydrop.augment import BalancedSampler;"
        "list(BalancedSampler([0, 1, 1], 4)); assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_bad_values_are_refused():
    sampler = BalancedSampler(LABELS, 16)
    with pytest.raises(UsageError, match="epoch is -1"):
        sampler.set_epoch(-1)
    with pytest.raises(UsageError, match="batch_size is 0"):
        next(sampler.batches(0, epoch=0))
    with pytest.raises(UsageError, match="batch_size is 0"):
        sampler.batch_sampler(0)
    with pytest.raises(UsageError, match="n_per_class is 0"):
        BalancedSampler(LABELS, 0)
