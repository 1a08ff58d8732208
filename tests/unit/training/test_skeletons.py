"""A Learner on skeletons, beside the same training written by hand."""

import functools

import numpy as np
import pytest
import torch
from tests.fixtures.small_training import CLASSES, SGD, images, joint_net, same_weights, skeletons
from torch.nn import functional

from whydrop.augment import (
    HorizontalFlip,
    JointJitter,
    MixLoss,
    MixUp,
    Pipeline,
    SkeletonPipeline,
    TemporalCrop,
    TemporalResample,
    VerticalRotation,
)
from whydrop.core.errors import UsageError
from whydrop.training.data import Data
from whydrop.training.learner import Learner
from whydrop.training.randomness import order, seed_for
from whydrop.training.samples import Samples

DATA = Data(skeletons(70), skeletons(50, seed=1))
OPS = [TemporalCrop((0.5, 1.0)), TemporalResample(9), VerticalRotation(30), JointJitter(0.05)]
ADAM = functools.partial(torch.optim.Adam, lr=0.01)


def augmentation(*ops, **fields):
    return SkeletonPipeline([*OPS, *ops], **{"classes": len(CLASSES), "seed": 5, **fields})


def learner(augment=None, *, model=None, data=DATA, **settings):
    settings = {"batch_size": 16, "optimizer": SGD, "accelerator": "cpu", **settings}
    return Learner(model or joint_net(frames=9), data, augment=augment, **settings)


def by_hand(augment, *, frames=9, make=SGD, epochs=2):
    """Return a model that a plain loop trained, and the loss of the last epoch."""
    model, loss_of = joint_net(frames=frames), MixLoss(functional.cross_entropy)
    optimizer = make(model.parameters())
    inputs, labels = map(torch.from_numpy, (DATA.train.inputs, DATA.train.labels))
    for epoch in range(epochs):
        total = 0.0
        for index in torch.from_numpy(order(70, seed=0, epoch=epoch)).split(16):
            batch = augment(inputs[index], labels[index], epoch=epoch, index=index)
            loss = loss_of(model(batch.skeletons), batch.targets)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += len(index) * loss.item()
    return model, total / 70


@pytest.mark.parametrize("ops", [(), (MixUp(0.4),)], ids=["clean labels", "mixed labels"])
@pytest.mark.parametrize("make", [SGD, ADAM], ids=["SGD", "Adam"])
def test_every_operation_gives_the_weights_of_a_plain_loop(ops, make):
    ours = learner(augmentation(*ops), optimizer=make)
    history = ours.fit(2, quiet=True)
    model, loss = by_hand(augmentation(*ops), make=make)
    assert same_weights(ours.model, model)
    assert history["train_loss"][-1] == pytest.approx(loss, rel=1e-12)
    other = learner(augmentation(*ops, seed=6), optimizer=make)
    other.fit(2, quiet=True)
    assert not same_weights(ours.model, other.model)


def test_soft_targets_give_the_weights_of_a_plain_loop():
    fields = {"target": "soft", "smoothing": 0.1}
    ours = learner(augmentation(MixUp(0.4), **fields))
    ours.fit(2, quiet=True)
    assert same_weights(ours.model, by_hand(augmentation(MixUp(0.4), **fields))[0])


def test_mixup_adds_mixing_and_changes_nothing_else():
    fields = {"target": "soft", "smoothing": 0.1, "seed": 3}
    ours = learner(augmentation(**fields)).mixup(alpha=0.2, per="batch")
    assert isinstance(ours.augment, SkeletonPipeline)
    assert ours.augment.ops == (*OPS, MixUp(0.2, per="batch"))
    kept = {name: getattr(ours.augment, name) for name in (*fields, "classes", "order")}
    assert kept == {**fields, "classes": 3, "order": "safe"}
    ours.fit(2, quiet=True)
    expected = by_hand(augmentation(MixUp(0.2, per="batch"), **fields))[0]
    assert same_weights(ours.model, expected)
    assert learner(augmentation(MixUp(1.0))).mixup().augment.ops[-1] == MixUp(0.4)


def test_mixup_without_other_augmentation_mixes_skeletons():
    ours = learner(model=joint_net()).mixup(alpha=0.4)
    ours.fit(2, quiet=True)
    seed = seed_for(0, "augmentation")
    expected = by_hand(SkeletonPipeline([MixUp(0.4)], classes=3, seed=seed), frames=12)[0]
    assert same_weights(ours.model, expected)


def interpolated(sequence, frames):
    """Return (c, frames, v, m) of a sequence that begins at once: NumPy's interpolation."""
    length = int(np.flatnonzero(sequence.any(axis=(0, 2, 3)))[-1]) + 1
    at = np.linspace(0, length - 1, frames)
    rows = np.moveaxis(sequence.astype(np.float64), 1, -1)[..., :length]
    made = np.apply_along_axis(lambda row: np.interp(at, np.arange(length), row), -1, rows)
    return np.moveaxis(made, -1, 1)


def test_validation_is_resampled_and_has_no_chance():
    ours = learner(augmentation(MixUp(0.4)))
    ours.fit(1, quiet=True)
    clips = np.stack([interpolated(sequence, 9) for sequence in DATA.valid.inputs])
    ours.model.eval()
    with torch.no_grad():
        logits = ours.model(torch.from_numpy(clips).float())
    np.testing.assert_allclose(ours.predict(DATA.valid), logits, rtol=1e-4, atol=1e-5)
    expected = functional.cross_entropy(logits, torch.from_numpy(DATA.valid.labels)).item()
    assert ours.history["valid_loss"][-1] == pytest.approx(expected, rel=1e-5)


def test_validation_may_go_through_the_training_transform():
    clean = learner(augmentation(MixUp(0.4)))
    training = learner(augmentation(MixUp(0.4)), valid_transform="training")
    for each in (clean, training):
        each.fit(2, quiet=True)
    assert same_weights(clean.model, training.model)
    losses = []
    for view in (0, 1):
        made = augmentation()(DATA.valid.inputs, epoch=1, index=np.arange(50), view=view).skeletons
        training.model.eval()
        with torch.no_grad():
            logits = training.model(torch.from_numpy(made))
        losses.append(functional.cross_entropy(logits, torch.from_numpy(DATA.valid.labels)).item())
    told = training.history["valid_loss"][-1]
    assert told == pytest.approx(losses[1], rel=1e-5)
    assert told != pytest.approx(losses[0], rel=1e-4)
    assert told != clean.history["valid_loss"][-1]


def test_two_epochs_and_two_more_are_four(tmp_path):
    def made(seed=0):
        model = joint_net(frames=9, seed=seed, dropout=0.3)
        return learner(augmentation(MixUp(0.4)), model=model, optimizer=ADAM)

    whole, first = made(), made()
    whole.fit(4, quiet=True)
    first.fit(2, quiet=True)
    first.save(tmp_path / "run.safetensors")
    rest = made(seed=9).load(tmp_path / "run.safetensors")
    rest.fit(2, quiet=True)
    assert same_weights(whole.model, rest.model)
    assert whole.history["valid_loss"] == rest.history["valid_loss"]
    assert whole.history["train_loss"] == rest.history["train_loss"]


def test_what_is_called_like_a_pipeline_may_return_skeletons():
    inner = augmentation(MixUp(0.4))

    def augment(inputs, labels=None, *, epoch, index, view, out):
        return inner(inputs, labels, epoch=epoch, index=index, view=view)

    augment.evaluation = inner.evaluation
    ours, other = learner(augment), learner(inner)
    for each in (ours, other):
        each.fit(2, quiet=True)
    assert same_weights(ours.model, other.model)
    assert ours.history["valid_loss"] == other.history["valid_loss"]


VIDEO = Samples(np.zeros((4, 3, 5, 6, 7), np.uint8), [0, 1, 0, 1], ("a", "b"))


@pytest.mark.parametrize(
    ("samples", "augment", "message"),
    [
        (images(20), augmentation(), r"changes skeletons, and a sample is uint8 of .*\(3, 8, 8\)"),
        (skeletons(20), Pipeline([HorizontalFlip()]), r"changes images, .* float32 .*12, 4, 2\)"),
        (VIDEO, augmentation(), "changes skeletons, and a sample is uint8"),
    ],
    ids=["images", "skeletons", "bytes"],
)
def test_a_pipeline_of_other_samples_is_refused_before_training(samples, augment, message):
    with pytest.raises(UsageError, match=message) as caught:
        learner(augment, data=Data(samples, samples))
    assert "SkeletonPipeline for skeletons" in caught.value.do
