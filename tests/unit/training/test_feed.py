"""Batches, cut and shared."""

import numpy as np
import pytest
import torch
from tests.fixtures.small_training import images

from whydrop.augment import MixUp, Normalize, PadCrop, Pipeline
from whydrop.augment.batch import Batch
from whydrop.augment.targets import Mixed
from whydrop.training.feed import (
    EVALUATION_VIEW,
    TRAINING_VIEW,
    Feed,
    batches,
    clean,
    share_of,
    unaugmented,
    unmixed,
)

SAMPLES = images(30)
CPU = torch.device("cpu")


def feed(transform, *, epoch=2, view=TRAINING_VIEW):
    return Feed(SAMPLES, transform, CPU, epoch=epoch, view=view)


def test_every_sample_is_in_one_batch_but_those_of_a_short_last_one_that_is_dropped():
    order = np.random.default_rng(0).permutation(30)
    assert np.array_equal(np.concatenate(batches(order, 8)), order)
    assert np.array_equal(np.concatenate(batches(order, 8, drop_last=True)), order[:24])


def test_bytes_become_shares_and_floats_stay():
    index = np.array([4, 2])
    batch = feed(unaugmented).labelled(index)
    assert torch.equal(batch.images, torch.from_numpy(SAMPLES.inputs[index]) / 255)
    assert torch.equal(batch.targets, torch.from_numpy(SAMPLES.labels[index]))
    floats = torch.rand(3, 7, dtype=torch.float64)
    assert torch.equal(unaugmented(floats).images, floats.float())


def test_a_batch_is_what_the_pipeline_makes_of_its_samples_in_that_epoch():
    pipeline = Pipeline([PadCrop(2), Normalize((0.5,), (0.2,))], seed=1)
    source = feed(pipeline)
    for index in (np.arange(0, 12), np.arange(12, 24), np.arange(24, 30)):
        expected = pipeline(SAMPLES.inputs[index], epoch=2, index=index).images
        assert np.array_equal(source.labelled(index).images.numpy(), expected)
    expected = pipeline(SAMPLES.inputs[:5], epoch=2, index=np.arange(5), view=1).images
    made = feed(pipeline, view=EVALUATION_VIEW).inputs(np.arange(5))
    assert np.array_equal(made.numpy(), expected)


@pytest.mark.parametrize("transform", [unaugmented, Pipeline([PadCrop(1)])])
def test_batches_share_one_buffer(transform):
    source = feed(transform)
    places = {source.labelled(np.arange(n)).images.data_ptr() for n in (8, 8, 3)}
    assert len(places) == 1


def test_a_larger_batch_than_before_is_right_too():
    source = feed(unaugmented)
    source.inputs(np.arange(3))
    expected = torch.from_numpy(SAMPLES.inputs[:9]) / 255
    assert torch.equal(source.inputs(np.arange(9)), expected)


def test_a_clean_transform_has_no_chance_and_an_unmixed_one_no_mixing():
    pipeline = Pipeline([PadCrop(2), Normalize((0.5,), (0.2,)), MixUp(0.4)], classes=3, seed=4)
    assert clean(pipeline).ops == (Normalize((0.5,), (0.2,)),)
    assert unmixed(pipeline).ops == pipeline.ops[:2]
    assert unmixed(pipeline).seed == 4
    softened = Pipeline([PadCrop(2), MixUp()], classes=3, least_visible=0.6, soften=2.0)
    assert (unmixed(softened).least_visible, unmixed(softened).soften) == (0.6, 2.0)
    assert clean(unaugmented) is unaugmented


def test_a_callable_may_bring_its_own_evaluation():
    def augment(inputs, labels=None, **when):
        return Batch(inputs, labels)

    assert clean(augment) is unaugmented
    augment.evaluation = pipeline = Pipeline([])
    assert clean(augment) is pipeline


@pytest.mark.parametrize(("n", "count"), [(8, 2), (7, 3), (2, 3), (1, 2)])
def test_the_shares_of_a_batch_are_all_of_it_and_weigh_as_much(n, count):
    targets = Mixed(torch.arange(n), torch.arange(n), torch.ones(n))
    batch = Batch(torch.arange(n).float()[:, None], targets)
    parts = [share_of(batch, rank=rank, count=count) for rank in range(count)]
    kept = [part.images[:, 0] for part, weight in parts if weight]
    assert torch.equal(torch.cat(kept), torch.arange(n).float())
    assert torch.equal(torch.cat([p.targets.a for p, weight in parts if weight]), torch.arange(n))
    # the mean over processes of weight * mean over rows is the mean over the batch
    means = [weight * part.images.mean().item() for part, weight in parts]
    assert sum(means) / count == pytest.approx(batch.images.mean().item())
    assert all(len(part.images) for part, _ in parts)
