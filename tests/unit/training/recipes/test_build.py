"""A recipe made into a Learner, beside the one made by hand."""

import functools

import numpy as np
import pytest
import torch
from tests.fixtures.small_training import same_weights
from torch import nn

from whydrop.augment import (
    Cutout,
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
from whydrop.training import Learner, initialised
from whydrop.training.data import Data
from whydrop.training.models.probabilities import Probabilities
from whydrop.training.randomness import order, seed_for
from whydrop.training.recipes.build import make_learner, metric_names
from whydrop.training.recipes.data import read_data
from whydrop.training.recipes.load import checked
from whydrop.training.schedules import Constant, Cosine, OneCycle, Step, Warmup

OPS = [{"op": "HorizontalFlip"}, {"op": "Cutout", "size": 2}, {"op": "MixUp", "alpha": 0.4}]


SKELETON_OPS = [
    {"op": "TemporalCrop", "share": [0.6, 1.0]},
    {"op": "TemporalResample", "frames": 9},
    {"op": "VerticalRotation", "degrees": 20},
    {"op": "JointJitter", "sigma": 0.05},
    {"op": "MixUp", "alpha": 0.4},
]


def mlp(seed, inputs=192):
    with initialised(seed):
        return nn.Sequential(nn.Flatten(), nn.Linear(inputs, 8), nn.ReLU(), nn.Linear(8, 3))


def test_it_trains_to_the_bit_as_a_learner_that_says_the_same(recipe):
    read = checked(
        recipe(
            augment={"ops": OPS},
            loss={"label_smoothing": 0.1},
            penalty={"kind": "squares", "strength": 0.01},
            optimizer={"name": "sgd", "lr": 0.1, "momentum": 0.9, "weight_decay": 0.01},
            schedule={"name": "cosine"},
            output="softmax",
        )
    )
    ours = make_learner(read, 5)
    ops = [HorizontalFlip(), Cutout(2), MixUp(alpha=0.4)]
    theirs = Learner(
        Probabilities(mlp(5)),
        read_data(read.data),
        augment=Pipeline(ops, classes=3, seed=seed_for(5, "augmentation")),
        loss=functools.partial(nn.functional.cross_entropy, label_smoothing=0.1),
        optimizer=functools.partial(torch.optim.SGD, lr=0.1, momentum=0.9, weight_decay=0.01),
        schedule=Cosine(2),
        penalty=lambda m: 0.01 * sum(w.square().sum() for w in m.parameters() if w.ndim > 1),
        batch_size=16,
        seed=5,
    )
    for learner in (ours, theirs):
        learner.fit(2, quiet=True)
    states = [list(learner.model.state_dict().values()) for learner in (ours, theirs)]
    for one, other in zip(*states, strict=True):
        assert torch.equal(one, other)
    assert ours.history["valid_loss"] == theirs.history["valid_loss"]


@pytest.mark.parametrize("ops", [[], [{"op": "MixUp", "alpha": 0.4}]], ids=["plain", "mixed"])
@pytest.mark.parametrize("chosen", ["balanced", [0.5, 1.0, 3.0]])
def test_class_weights_train_to_the_bit_as_a_plain_loop_with_torchs_own(chosen, ops, recipe):
    data = recipe()["data"] | {"class_shares": [1.0, 0.5, 0.2]}
    smoothed = {"class_weights": chosen, "label_smoothing": 0.1}
    read = checked(recipe(data=data, loss=smoothed, augment={"ops": ops}))
    ours = make_learner(read, 5)
    ours.fit(2, quiet=True)

    train = ours.data.train
    inputs, labels = map(torch.from_numpy, (train.inputs, train.labels))
    weights = chosen
    if chosen == "balanced":  # as scikit-learn's compute_class_weight
        weights = [len(labels) / (3 * int((labels == k).sum())) for k in range(3)]
        assert max(weights) > 2
    weight = torch.tensor(weights)
    model, criterion = mlp(5), nn.CrossEntropyLoss(weight=weight, label_smoothing=0.1)
    mixed = Pipeline([MixUp(0.4)], classes=3, seed=seed_for(5, "augmentation"))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    loss_of = MixLoss(criterion)
    for epoch in range(2):
        for index in torch.from_numpy(order(len(train), seed=5, epoch=epoch)).split(16):
            images, targets = inputs[index] / 255, labels[index]
            if ops:
                batch = mixed(inputs[index], targets, epoch=epoch, index=index)
                images, targets = batch.images, batch.targets
            optimizer.zero_grad()
            loss_of(model(images), targets).backward()
            optimizer.step()
    for one, other in zip(ours.model.parameters(), model.parameters(), strict=True):
        assert torch.equal(one, other)
    valid = ours.data.valid
    logits = model(torch.from_numpy(valid.inputs).float() / 255).detach().double()
    label = torch.from_numpy(valid.labels)
    each = 0.9 * weight[label] * -logits.log_softmax(1).gather(1, label[:, None])[:, 0]
    each = each - 0.1 / 3 * (weight * logits.log_softmax(1)).sum(1)
    expected = float(each.sum() / weight[label].sum())
    assert ours.history["valid_loss"][1] == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(
    ("weights", "what"),
    [
        ([1.0, 2.0], "2 class_weights for 3 classes"),
        ("balanced", "no sample .* is of class 'cross'"),
    ],
)
def test_class_weights_that_do_not_fit_the_data_are_refused(weights, what, recipe):
    read = checked(recipe(loss={"class_weights": weights}))
    whole = read_data(read.data)
    data = Data(whole.train.part(whole.train.labels != 1), whole.valid)
    with pytest.raises(UsageError, match=what) as caught:
        make_learner(read, data=data)
    assert caught.value.where == "loss.class_weights"


@pytest.mark.parametrize("dtype", ["float64", "bfloat16"])
def test_class_weights_go_with_every_precision(dtype, recipe):
    train = {"epochs": 1, "dtype": dtype}
    read = checked(recipe(loss={"class_weights": "balanced"}, train=train))
    assert np.isfinite(make_learner(read).fit(1, quiet=True)["valid_loss"]).all()


def test_clipping_trains_to_the_bit_as_a_plain_loop_that_clips(recipe):
    train = {"epochs": 2, "batch_size": 16, "clip_norm": 0.5}
    ours = make_learner(checked(recipe(train=train)), 5)
    ours.fit(2, quiet=True)

    model, samples, lengths = mlp(5), ours.data.train, []
    inputs, labels = map(torch.from_numpy, (samples.inputs, samples.labels))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    for epoch in range(2):
        for index in torch.from_numpy(order(len(samples), seed=5, epoch=epoch)).split(16):
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(inputs[index] / 255), labels[index]).backward()
            lengths.append(float(nn.utils.clip_grad_norm_(model.parameters(), 0.5)))
            optimizer.step()
    assert max(lengths) > 0.5
    for one, other in zip(ours.model.parameters(), model.parameters(), strict=True):
        assert torch.equal(one, other)


def test_skeletons_train_to_the_bit_as_a_learner_that_says_the_same(recipe, skeletons_file):
    data = {"name": "skeletons", "path": str(skeletons_file), "frames": 7}
    for transform in ("clean", "training"):
        values = data | {"valid_share": 0.25, "valid_transform": transform}
        read = checked(recipe(data=values, augment={"ops": SKELETON_OPS}))
        ours = make_learner(read, 5)
        ops = [
            TemporalCrop((0.6, 1.0)),
            TemporalResample(9),
            VerticalRotation(20),
            JointJitter(0.05),
            MixUp(0.4),
        ]
        theirs = Learner(
            mlp(5, inputs=3 * 9 * 8 * 2),  # what TemporalResample leaves
            read_data(read.data),
            augment=SkeletonPipeline(ops, classes=3, seed=seed_for(5, "augmentation")),
            optimizer=functools.partial(torch.optim.SGD, lr=0.1, momentum=0.9),
            batch_size=16,
            seed=5,
            valid_transform=transform,
        )
        for learner in (ours, theirs):
            learner.fit(2, quiet=True)
        states = [list(learner.model.state_dict().values()) for learner in (ours, theirs)]
        assert all(map(torch.equal, *states))
        assert ours.history["valid_loss"] == theirs.history["valid_loss"]


def test_the_network_of_skeletons_is_made_for_the_frames_that_it_gets(recipe, skeletons_file):
    read = checked(
        recipe(
            data={"name": "skeletons", "path": str(skeletons_file), "frames": 7, "persons": 1},
            model={"name": "skeleton_net"},
            augment={"ops": [{"op": "TemporalResample", "frames": 16}]},
        )
    )
    learner = make_learner(read)
    assert learner.model.hidden.in_features == 128 * (16 // 8) * (8 // 8)
    assert learner.predict(learner.data.valid).shape == (len(learner.data.valid), 3)


def test_arrays_may_be_skeletons_and_then_take_their_operations_alone(recipe, tmp_path):
    file = tmp_path / "arrays.npz"
    inputs = np.random.default_rng(0).standard_normal((30, 3, 7, 8, 2)).astype(np.float32)
    np.savez(file, images=inputs, labels=np.arange(30) % 3)
    data = {"name": "npz", "path": str(file)}
    for ops in (SKELETON_OPS, SKELETON_OPS[-1:]):
        learner = make_learner(checked(recipe(data=data, augment={"ops": ops})))
        assert isinstance(learner.augment, SkeletonPipeline)
        learner.fit(1, quiet=True)
    for ops in ([{"op": "HorizontalFlip"}], [{"op": "HorizontalFlip"}, *SKELETON_OPS]):
        with pytest.raises(UsageError, match="HorizontalFlip changes images, and") as caught:
            make_learner(checked(recipe(data=data, augment={"ops": ops})))
        assert caught.value.where == "augment.ops" and "JointJitter" in caught.value.do
    with pytest.raises(UsageError, match="JointJitter changes skeletons, and"):
        make_learner(checked(recipe(augment={"ops": [{"op": "JointJitter"}]})))


def test_the_seed_is_the_recipes_unless_another_is_given(recipe):
    read = checked(recipe(train={"epochs": 1, "seed": 4}))
    own, given, zero = make_learner(read), make_learner(read, 4), make_learner(read, 0)
    assert same_weights(own.model, given.model) and not same_weights(own.model, zero.model)
    assert (own.seed, zero.seed) == (4, 0)


def test_leaving_one_operation_out_leaves_the_draws_of_the_others(recipe):
    whole = make_learner(checked(recipe(augment={"ops": OPS}))).augment
    less = make_learner(checked(recipe(augment={"ops": OPS[1:]}))).augment
    draws = [each.draws((8, 8), index=range(5))["Cutout"]["top"].tolist() for each in (whole, less)]
    assert draws[0] == draws[1]


@pytest.mark.parametrize(
    ("section", "schedule"),
    [
        ({"name": "constant"}, Constant()),
        ({"name": "step", "every": 2, "gamma": 0.5}, Step(2, 0.5)),
        ({"name": "step", "every": [1, 3]}, Step((1, 3), 0.1)),
        ({"name": "cosine", "end": 0.1}, Cosine(4, 0.1)),
        ({"name": "cosine", "warmup": 1}, Warmup(1.0, Cosine(3))),
        ({"name": "one_cycle", "rises": 0.4}, OneCycle(4, 0.4)),
    ],
)
def test_a_schedule_lasts_as_long_as_the_training(section, schedule, recipe):
    read = checked(recipe(schedule=section, train={"epochs": 4}))
    assert make_learner(read).schedule == schedule


@pytest.mark.parametrize(
    ("section", "kind", "group"),
    [
        ({"name": "sgd", "nesterov": True, "momentum": 0.5}, torch.optim.SGD, {"nesterov": True}),
        ({"name": "adam", "betas": [0.8, 0.9]}, torch.optim.Adam, {"betas": (0.8, 0.9)}),
        ({"name": "adamw"}, torch.optim.Adam, {"weight_decay": 0, "decoupled_decay": 0.01}),
        ({"name": "rmsprop", "alpha": 0.9}, torch.optim.RMSprop, {"alpha": 0.9}),
        ({"name": "adagrad", "lr_decay": 0.1}, torch.optim.Adagrad, {"lr_decay": 0.1}),
    ],
)
def test_each_optimiser_gets_its_constants(section, kind, group, recipe):
    optimizer = make_learner(checked(recipe(optimizer=section))).optimizer
    assert type(optimizer) is kind
    assert optimizer.param_groups[0].items() >= group.items()


def test_the_reported_metric_comes_first_and_each_once(recipe):
    read = checked(recipe(metrics={"report": "macro", "also": ["top1", "macro", "ece"]}))
    assert metric_names(read) == ["macro", "top1", "ece"]


def test_calibration_of_probabilities_is_that_of_their_logits(recipe):
    told = []
    for output in ("logits", "softmax"):
        read = checked(recipe(output=output, metrics={"also": ["nll", "ece"]}))
        learner = make_learner(read)
        seen = learner.evaluate(read_data(read.data).valid)
        told.append([seen["nll"], seen["ece"], seen["top1"]])
        assert all(learner.history.metric(name).minimize for name in ("nll", "ece"))
    assert told[0] == pytest.approx(told[1], rel=1e-5)


def test_soft_targets_need_no_operation(recipe):
    read = checked(recipe(augment={"target": "soft", "smoothing": 0.1}))
    smoothed = checked(recipe(loss={"label_smoothing": 0.1}))
    losses = [make_learner(each).fit(1, quiet=True)["train_loss"][0] for each in (read, smoothed)]
    assert losses[0] == pytest.approx(losses[1], rel=1e-5)


def test_averages_taken_anew_are_those_of_torchs_own_update(recipe):
    settings = {
        "model": {"name": "forum_cnn", "width": 0.1},
        "batchnorm": {"momentum": 0.01, "evaluation": "reestimated"},
    }
    plain = make_learner(checked(recipe(**{**settings, "batchnorm": {"momentum": 0.01}})))
    anew = make_learner(checked(recipe(**settings)))
    for learner in (plain, anew):
        learner.fit(2, quiet=True)
    for name, weight in plain.model.named_parameters():
        assert torch.equal(weight, anew.model.get_parameter(name)), name
    inputs = torch.from_numpy(plain.data.train.inputs).float() / 255
    torch.optim.swa_utils.update_bn(inputs.split(16), plain.model)
    for name, buffer in plain.model.named_buffers():
        torch.testing.assert_close(anew.model.get_buffer(name), buffer)
    assert anew.model.bn1.momentum == 0.01
