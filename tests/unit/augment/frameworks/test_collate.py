"""Collate: the same bytes for a sample with any workers, batches, order and point of resume."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from torch.utils.data import DataLoader, TensorDataset  # noqa: E402

from whydrop.augment import (  # noqa: E402
    BalancedSampler,
    Collate,
    Cutout,
    EpochOrder,
    HorizontalFlip,
    Indexed,
    MixUp,
    Normalize,
    PadCrop,
    Pipeline,
)
from whydrop.core.errors import UsageError  # noqa: E402

# A machine with fewer cores than workers is slower, and as right.
pytestmark = pytest.mark.filterwarnings("ignore:This DataLoader will create")

N = 260
IMAGES = np.random.default_rng(0).integers(0, 256, (N, 3, 6, 6), dtype=np.uint8)
POSITIONS = np.arange(N)
DATA = Indexed(TensorDataset(torch.from_numpy(IMAGES), torch.arange(N)))  # labels: positions
ALONE = [PadCrop(1), HorizontalFlip(), Normalize((0.5,) * 3, (0.2,) * 3), Cutout(2)]
WORKERS = [(0, False), (1, False), (1, True), (4, False), (4, True)]


def loader(collate: Collate, size: int, workers: int = 0, persistent: bool = False, **options):
    alive = {"persistent_workers": persistent} if workers else {}
    return DataLoader(
        DATA, batch_size=size, num_workers=workers, collate_fn=collate, **alive, **options
    )


@pytest.mark.parametrize(("workers", "persistent"), WORKERS)
@pytest.mark.parametrize("size", [1, 7, 256])
def test_a_sample_has_the_same_bytes_in_any_worker_batch_and_order(size, workers, persistent):
    collate = Collate(Pipeline(ALONE, seed=3))
    batches = loader(collate, size, workers, persistent, shuffle=True)
    for epoch in (2, 5):
        expected = Pipeline(ALONE, seed=3)(IMAGES, epoch=epoch, index=POSITIONS).images
        collate.set_epoch(epoch)
        made = torch.full((N, 3, 6, 6), torch.nan)
        for images, labels in batches:
            made[labels] = images
        assert made.numpy().tobytes() == expected.tobytes()


@pytest.mark.parametrize(("workers", "persistent"), WORKERS)
def test_an_epoch_goes_on_in_the_middle_with_the_batches_it_would_have_had(workers, persistent):
    augment = Pipeline([*ALONE, MixUp(0.4)], classes=N, seed=1)
    collate, order = Collate(augment), EpochOrder(N, seed=1)

    def batches(epoch, start):
        collate.set_epoch(epoch)
        order.set_epoch(epoch, start=start)
        return list(loader(collate, 64, workers, persistent, sampler=order))

    whole, rest = batches(1, 0), batches(1, 128)
    order.set_epoch(1)
    parts = np.split(order.positions(), range(64, N, 64))
    assert (len(whole), len(rest)) == (5, 3)
    for number, (images, targets) in [*enumerate(whole), *enumerate(rest, 2)]:
        part = parts[number]
        expected = augment(IMAGES[part], part, epoch=1, index=part)
        assert images.numpy().tobytes() == expected.images.tobytes()
        for name in ("a", "b", "lam"):
            np.testing.assert_array_equal(getattr(targets, name), getattr(expected.targets, name))


def test_copies_of_a_sample_have_draws_of_their_own():
    sampler = BalancedSampler(POSITIONS % 2, 200, seed=1)
    sampler.set_epoch(3)
    collate = Collate(Pipeline(ALONE))
    collate.set_epoch(3)
    batches = list(loader(collate, 64, 1, sampler=sampler))
    for copies, (images, labels) in zip(sampler.batches(64, epoch=3), batches, strict=True):
        assert labels.tolist() == copies.index.tolist()
        expected = Pipeline(ALONE)(
            IMAGES[copies.index], epoch=3, index=copies.index, view=copies.view
        )
        np.testing.assert_array_equal(images, expected.images)


def test_a_pass_that_is_broken_off_leaves_nothing_to_the_next():
    collate = Collate(Pipeline(ALONE))
    batches = loader(collate, 7, 1, True)
    collate.set_epoch(0)
    next(iter(batches))
    collate.set_epoch(1)
    made = torch.cat([images for images, _ in batches]).numpy()
    np.testing.assert_array_equal(made, Pipeline(ALONE)(IMAGES, epoch=1, index=POSITIONS).images)


def test_workers_that_are_started_anew_see_the_epoch_too():
    collate = Collate(Pipeline(ALONE))
    batches = loader(collate, 130, 1, True, multiprocessing_context="spawn")
    for epoch in (0, 1):
        collate.set_epoch(epoch)
        made = torch.cat([images for images, _ in batches]).numpy()
        expected = Pipeline(ALONE)(IMAGES, epoch=epoch, index=POSITIONS).images
        np.testing.assert_array_equal(made, expected)


def test_tensors_arrays_and_pictures_are_taken_alike():
    image = pytest.importorskip("PIL.Image")
    grey = Pipeline([PadCrop(1), Normalize.preset("mnist")])
    colour = Pipeline(ALONE)
    for augment, some in ((colour, IMAGES[:2]), (grey, IMAGES[:2, :1])):
        expected = augment(some, index=[4, 9]).images
        pictures = [image.fromarray(pixels.transpose(1, 2, 0).squeeze()) for pixels in some]
        for kind in (list(torch.from_numpy(some)), list(some), pictures):
            collate = Collate(augment)
            collate.set_epoch(0)
            images, labels = collate([(kind[0], 3, 4), (kind[1], np.int64(5), 9)])
            np.testing.assert_array_equal(images, expected)
            assert labels.tolist() == [3, 5]


def test_rows_of_labels_stay_rows():
    collate = Collate(Pipeline(ALONE))
    collate.set_epoch(0)
    row = torch.tensor([0.25, 0.75])
    assert collate([(IMAGES[0], row, 0), (IMAGES[1], row, 1)])[1].tolist() == [[0.25, 0.75]] * 2


def test_evaluation_needs_neither_an_epoch_nor_an_index():
    evaluation = Pipeline(ALONE).evaluation
    images, labels = Collate(evaluation)([(pixels, 1) for pixels in IMAGES[:3]])
    np.testing.assert_array_equal(images, evaluation(IMAGES[:3]).images)
    assert labels.tolist() == [1, 1, 1]


def test_an_epoch_that_nobody_set_is_refused_and_not_repeated_without_end():
    with pytest.raises(UsageError, match="the epoch is not set"):
        next(iter(loader(Collate(Pipeline(ALONE)), 7)))
    with pytest.raises(UsageError, match="epoch is -1"):
        Collate(Pipeline(ALONE)).set_epoch(-1)


def test_an_error_in_a_worker_says_what_to_do():
    with pytest.raises(UsageError, match=r"call set_epoch\(epoch\) before each pass"):
        next(iter(loader(Collate(Pipeline(ALONE)), 7, 1)))


def palette():
    return pytest.importorskip("PIL.Image").new("P", (6, 6))


@pytest.mark.parametrize(
    ("items", "message"),
    [
        ([(IMAGES[0], 1)], "items have 2 values"),
        ([(IMAGES[0], 1, 0), (IMAGES[0], 1)], "items have 2 or 3 values"),
        ([IMAGES[0]], "items have 0 values"),
        ([(IMAGES[0], 1, 0), (IMAGES[1, :, :5], 1, 1)], r"\(3, 6, 6\) and uint8 \(3, 5, 6\)"),
        ([(IMAGES[0], 1, 0), (IMAGES[1] / 255, 1, 1)], "images of one batch are uint8"),
        ([(palette, 1, 0)], "mode 'P'"),
    ],
)
def test_items_that_cannot_be_a_batch_are_refused(items, message):
    items = [(item[0](), *item[1:]) if callable(item[0]) else item for item in items]
    collate = Collate(Pipeline(ALONE))
    collate.set_epoch(0)
    with pytest.raises(UsageError, match=message):
        collate(items)
