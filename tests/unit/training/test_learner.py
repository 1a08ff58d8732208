"""Learner beside the same training written by hand, and what a user may do wrong."""

import functools
import math
import random
import warnings

import numpy as np
import pytest
import torch
from tests.fixtures.small_training import CLASSES, SGD, data, images, net, same_weights
from torch.nn import functional

import whydrop
from whydrop.augment import HorizontalFlip, MixLoss, MixUp, Normalize, PadCrop, Pipeline
from whydrop.augment.accuracy import mixed_accuracy
from whydrop.augment.batch import Batch
from whydrop.core.errors import DataError, UsageError
from whydrop.training.callbacks.callback import Callback
from whydrop.training.callbacks.save import SaveCheckpoint
from whydrop.training.data import Data
from whydrop.training.learner import Learner
from whydrop.training.metrics.names import Measure
from whydrop.training.randomness import order, seeded
from whydrop.training.samples import Samples
from whydrop.training.schedules import Cosine

DATA = data()


def learner(model=None, *, data=DATA, batch_size=16, optimizer=SGD, **settings):
    return Learner(
        model or net(), data, batch_size=batch_size, optimizer=optimizer, accelerator="cpu",
        **settings,
    )  # fmt: skip


def augmentation(*ops):
    return Pipeline([PadCrop(1), HorizontalFlip(), *ops], classes=len(CLASSES), seed=5)


# -- the loop ----------------------------------------------------------------------------------


def test_sgd_gives_the_weights_of_a_plain_loop():
    ours = learner()
    ours.fit(2, quiet=True)

    model = net()
    optimizer = SGD(model.parameters())
    inputs, labels = map(torch.from_numpy, (DATA.train.inputs, DATA.train.labels))
    for epoch in range(2):
        for index in torch.from_numpy(order(70, seed=0, epoch=epoch)).split(16):
            optimizer.zero_grad()
            functional.cross_entropy(model(inputs[index] / 255), labels[index]).backward()
            optimizer.step()
    assert same_weights(ours.model, model)
    assert not same_weights(ours.model, net())


def test_adam_with_mixup_gives_the_weights_of_a_plain_loop():
    make = functools.partial(torch.optim.Adam, lr=0.01)
    ours = learner(optimizer=make, augment=augmentation(Normalize((0.5,), (0.25,)), MixUp(0.4)))
    history = ours.fit(2, quiet=True)

    model, augment = net(), augmentation(Normalize((0.5,), (0.25,)), MixUp(0.4))
    optimizer, loss_of, losses = make(model.parameters()), MixLoss(functional.cross_entropy), []
    inputs, labels = map(torch.from_numpy, (DATA.train.inputs, DATA.train.labels))
    for epoch in range(2):
        for index in torch.from_numpy(order(70, seed=0, epoch=epoch)).split(16):
            batch = augment(inputs[index], labels[index], epoch=epoch, index=index)
            loss = loss_of(model(batch.images), batch.targets)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(len(index) * loss.item())
    assert same_weights(ours.model, model)
    assert history["train_loss"][1] == pytest.approx(math.fsum(losses[5:]) / 70, rel=1e-12)


def test_adamw_with_schedule_dropout_and_no_short_batch_gives_the_weights_of_a_plain_loop():
    make, schedule = functools.partial(torch.optim.AdamW, lr=0.01), Cosine(epochs=3)
    settings = {"schedule": schedule, "drop_last": True, "seed": 3}
    ours = learner(net(dropout=0.3), optimizer=make, **settings)
    ours.fit(2, quiet=True)

    model = net(dropout=0.3)
    optimizer = make(model.parameters())
    rates = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: schedule.factor(step, 4))
    inputs, labels = map(torch.from_numpy, (DATA.train.inputs, DATA.train.labels))
    for epoch in range(2):
        with seeded(3, "dropout", epoch):
            for index in torch.from_numpy(order(70, seed=3, epoch=epoch)).split(16)[:4]:
                optimizer.zero_grad()
                functional.cross_entropy(model(inputs[index] / 255), labels[index]).backward()
                optimizer.step()
                rates.step()
    assert same_weights(ours.model, model)


def test_penalties_are_minimised_and_not_told():
    ours = learner(penalty=lambda model: 0.01 * model[0].weight.square().sum(), batch_size=70)
    told = ours.fit(1, quiet=True)["train_loss"]

    model = net()
    optimizer = SGD(model.parameters())
    index = torch.from_numpy(order(70, seed=0, epoch=0))
    inputs, labels = (torch.from_numpy(a)[index] for a in (DATA.train.inputs, DATA.train.labels))
    loss = functional.cross_entropy(model(inputs / 255), labels)
    (loss + 0.01 * model[0].weight.square().sum()).backward()
    optimizer.step()
    assert same_weights(ours.model, model)
    assert told == [loss.item()]


def test_inputs_that_are_no_images_go_in_as_they_are():
    rng = np.random.default_rng(0)
    skeletons = rng.standard_normal((40, 3, 5, 4, 2)).astype(np.float32)
    samples = Samples(skeletons, rng.integers(0, 3, 40), CLASSES)
    seen = []

    class Model(torch.nn.Linear):
        def forward(self, inputs):
            seen.append(inputs.clone())
            return super().forward(inputs.flatten(1))

    learner(Model(120, 3), data=Data(samples, samples), batch_size=40).fit(1, quiet=True)
    shuffled = order(40, seed=0, epoch=0)
    assert np.array_equal(seen[0].numpy(), skeletons[shuffled])
    assert np.array_equal(seen[1].numpy(), skeletons)


def test_whatever_is_called_like_a_pipeline_may_augment():
    def shifted(inputs, labels=None, *, epoch, index, view, out):
        return Batch(inputs.float() / 255 + 100 * epoch, labels)

    means = []

    class Model(torch.nn.Sequential):
        def forward(self, inputs):
            means.append(inputs.mean().item())
            return super().forward(inputs)

    ours = learner(Model(*net()), augment=shifted, batch_size=70)
    ours.fit(2, quiet=True)
    trained, looked, trained_again, looked_again = means
    assert trained_again - trained == pytest.approx(100, rel=1e-5)
    assert looked == looked_again < 1


# -- chance ------------------------------------------------------------------------------------


def test_the_global_generators_are_left_as_they_were():
    states = torch.get_rng_state(), np.random.get_state()[1].copy(), random.getstate()
    learner(net(dropout=0.5)).fit(1, quiet=True)
    assert torch.equal(torch.get_rng_state(), states[0])
    assert np.array_equal(np.random.get_state()[1], states[1])
    assert random.getstate() == states[2]


def test_what_is_drawn_elsewhere_does_not_change_a_training():
    one, other = learner(net(dropout=0.5)), learner(net(dropout=0.5))
    one.fit(1, quiet=True)
    torch.manual_seed(99)
    other.fit(1, quiet=True)
    assert same_weights(one.model, other.model)


def test_another_seed_is_another_training():
    one, other = learner(), learner(seed=1)
    one.fit(1, quiet=True)
    other.fit(1, quiet=True)
    assert not same_weights(one.model, other.model)


# -- history and evaluation --------------------------------------------------------------------


def test_a_row_holds_what_the_model_of_that_epoch_gets():
    ours = learner(metrics=["top1", "macro"])
    history = ours.fit(2, quiet=True)
    ours.model.eval()
    with torch.no_grad():
        logits = ours.model(torch.from_numpy(DATA.valid.inputs) / 255)
    labels = torch.from_numpy(DATA.valid.labels)
    assert list(history.rows[-1]) == [
        "epoch", "train_loss", "train_top1", "valid_loss", "top1", "macro", "seconds"
    ]  # fmt: skip
    assert history["epoch"] == [0, 1]
    expected = functional.cross_entropy(logits, labels).item()
    assert history["valid_loss"][-1] == pytest.approx(expected, rel=1e-6)
    assert history["top1"][-1] == pytest.approx((logits.argmax(1) == labels).double().mean().item())
    assert ours.evaluate(DATA.valid)["loss"] == history["valid_loss"][-1]
    np.testing.assert_allclose(ours.predict(DATA.valid), logits, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("classes", "message"),
    [
        (("circle", "square", "cross"), "class 1 of the samples is 'square', .* learner 'cross'"),
        (("circle", "cross", "square", "star"), "the samples have 4 classes, the learner 3"),
    ],
)
def test_samples_of_other_classes_are_not_judged(classes, message):
    other = Samples(DATA.valid.inputs, DATA.valid.labels, classes)
    for judged in (learner().evaluate, learner().predict):
        with pytest.raises(UsageError, match=message) as caught:
            judged(other)
        assert caught.value.do.startswith("read the samples with the classes")


@pytest.mark.parametrize("given", [DATA, None, [1, 2]])
def test_what_is_no_samples_is_not_judged(given):
    for judged in (learner().evaluate, learner().predict):
        with pytest.raises(UsageError, match=f"the samples are a {type(given).__name__}"):
            judged(given)


def test_inputs_are_predicted_without_labels():
    ours = learner(augment=augmentation(Normalize((0.5,), (0.25,))))
    assert np.array_equal(ours.predict(DATA.valid.inputs), ours.predict(DATA.valid))
    for wrong in (np.zeros((2, 3, 8, 8)), np.zeros((0, 3, 8, 8), np.uint8), np.uint8(1)[()]):
        with pytest.raises(UsageError, match=r"^(inputs|the samples) "):
            ours.predict(wrong)
    with pytest.raises(UsageError, match="samples are a ndarray"):
        ours.evaluate(DATA.valid.inputs)


def test_an_evaluation_does_not_depend_on_how_it_is_cut():
    ours, other = learner(batch_size=16), learner(batch_size=50)
    one, all_at_once = ours.evaluate(DATA.valid), other.evaluate(DATA.valid)
    assert one == pytest.approx(all_at_once, rel=1e-5)


def test_an_evaluation_changes_nothing():
    ours, before = learner(), net().state_dict()
    ours.model.train()
    ours.model[1].eval()  # frozen by hand
    ours.evaluate(DATA.valid, transform="training")
    assert [layer.training for layer in ours.model] == [True, False, True, True, True, True, True]
    assert all(torch.equal(value, before[key]) for key, value in ours.model.state_dict().items())


def test_layers_keep_the_mode_that_a_callback_gave_them():
    class Freeze(Callback):
        def on_fit_start(self, learner, epochs):
            learner.model[1].eval()

    ours = learner(callbacks=[Freeze()])
    ours.fit(2, quiet=True)
    assert ours.model[1].num_batches_tracked == 0
    assert ours.model[1].training  # as before the fit


def test_a_model_left_in_evaluation_mode_is_trained_in_training_mode():
    model = net().eval()
    learner(model).fit(1, quiet=True)
    assert model[1].num_batches_tracked == 5
    assert not model[1].training


def test_validation_may_go_through_the_training_transform():
    clean = learner(augment=augmentation())
    training = learner(augment=augmentation(), valid_transform="training")
    rows = [each.fit(2, quiet=True).rows[-1] for each in (clean, training)]
    assert same_weights(clean.model, training.model)
    assert rows[0]["train_loss"] == rows[1]["train_loss"]
    assert rows[0]["valid_loss"] != rows[1]["valid_loss"]
    seen = clean.evaluate(DATA.valid, transform="training")
    assert seen["loss"] == rows[1]["valid_loss"]

    index = np.arange(50)
    views = [augmentation()(DATA.valid.inputs, epoch=1, index=index, view=v).images for v in (0, 1)]
    clean.model.eval()
    with torch.no_grad():
        losses = [
            functional.cross_entropy(
                clean.model(torch.from_numpy(view)), torch.from_numpy(DATA.valid.labels)
            ).item()
            for view in views
        ]
    assert seen["loss"] == pytest.approx(losses[1], rel=1e-5)
    assert seen["loss"] != pytest.approx(losses[0], rel=1e-3)


def test_mixed_samples_are_not_part_of_an_evaluation():
    ours = learner(augment=augmentation(MixUp(0.4)))
    assert len(ours.predict(DATA.valid, transform="training")) == 50


def test_training_accuracy_under_mixing_is_told_by_its_parts():
    ours = learner(augment=augmentation(MixUp(0.4, probability=0.6)), batch_size=70)
    index = order(70, seed=0, epoch=0)
    inputs, labels = (torch.from_numpy(a[index]) for a in (DATA.train.inputs, DATA.train.labels))
    batch = augmentation(MixUp(0.4, probability=0.6))(inputs, labels, index=index)
    logits = net()(batch.images).detach()
    row = ours.fit(1, quiet=True).rows[0]
    seen = mixed_accuracy(logits, batch.targets)
    assert 100 * row["train_top1"] == pytest.approx(seen.weighted_points)
    assert 100 * row["train_top1_highest"] == pytest.approx(seen.highest_points)
    assert 100 * row["train_top1_clean"] == pytest.approx(seen.clean_points)


def test_rows_of_classes_train_as_mixed_labels_do():
    ops, make = [MixUp(0.4)], functools.partial(Pipeline, classes=3, seed=1)
    pairs, rows = learner(augment=make(ops)), learner(augment=make(ops, target="soft"))
    seen = [each.fit(2, quiet=True).rows[-1] for each in (pairs, rows)]
    for name in ("train_loss", "train_top1", "train_top1_highest", "valid_loss", "top1"):
        assert seen[0][name] == pytest.approx(seen[1][name], rel=1e-4)


def test_a_loss_that_mixes_already_is_not_mixed_again():
    one = learner(augment=augmentation(MixUp(0.4)))
    other = learner(augment=augmentation(MixUp(0.4)), loss=MixLoss(torch.nn.CrossEntropyLoss()))
    one.fit(1, quiet=True)
    other.fit(1, quiet=True)
    assert same_weights(one.model, other.model)


def test_a_metric_may_be_a_function():
    def right(labels, logits):
        return (labels == logits.argmax(1)).mean()

    history = learner(metrics=["top1", right]).fit(1, quiet=True)
    assert history["right"] == history["top1"]


def error_rate(labels, logits):
    return (labels != logits.argmax(1)).mean()


def test_a_metric_of_which_less_is_better_is_best_where_it_is_smallest(tmp_path):
    error = Measure("error", error_rate, minimize=True)
    save = SaveCheckpoint(tmp_path / "{epoch}", monitor="error")
    ours = learner(metrics=["top1", error], callbacks=[save])
    history = ours.fit(4, quiet=True)
    assert history["error"] == pytest.approx([1 - share for share in history["top1"]])
    assert len(set(history["error"])) > 1
    first_of_least = history["error"].index(min(history["error"]))
    assert history.best("error")["epoch"] == history.best("top1")["epoch"] == first_of_least
    assert max(int(path.name) for path in tmp_path.iterdir()) == first_of_least


# -- mixup -------------------------------------------------------------------------------------


def test_mixup_adds_mixing_to_a_pipeline_and_changes_nothing_else():
    ours = learner(augment=augmentation()).mixup(alpha=0.2, per="batch")
    assert ours.augment.ops == (PadCrop(1), HorizontalFlip(), MixUp(0.2, per="batch"))
    assert (ours.augment.seed, ours.augment.classes) == (5, 3)
    assert learner(augment=augmentation(MixUp(1.0))).mixup().augment.ops[-1] == MixUp(0.4)


def test_mixup_without_other_augmentation_mixes():
    ours = learner().mixup()
    row = ours.fit(1, quiet=True).rows[0]
    assert row["train_top1_highest"] < 1


def test_samples_that_are_no_pictures_and_no_skeletons_are_not_mixed_by_a_pipeline():
    features = Samples(np.ones((6, 4), np.float32), np.arange(6) % 3, CLASSES)
    given = {"data": Data(features, features)}
    with pytest.raises(UsageError, match=r"float32 of shape \(4,\), neither an image") as caught:
        learner(torch.nn.Linear(4, 3), **given).mixup()
    assert caught.value.where == "Learner.mixup"
    with pytest.raises(UsageError, match=r"changes images, .* float32 of shape \(4,\)"):
        learner(torch.nn.Linear(4, 3), augment=augmentation(MixUp()), **given)


# -- ends --------------------------------------------------------------------------------------


class StopAt(Callback):
    """Raises something at a step of an epoch."""

    def __init__(self, error, epoch, step):
        self.error, self.at = error, (epoch, step)

    def on_step_end(self, learner, step, steps, loss):
        if (learner.epoch, step) == self.at:
            self.at = None
            raise self.error


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError])
def test_a_fit_that_is_broken_off_can_go_on_as_if_it_were_not(error):
    make = functools.partial(torch.optim.Adam, lr=0.01)
    broken = learner(optimizer=make, callbacks=[StopAt(error, epoch=1, step=2)])
    with pytest.raises(error) as caught:
        broken.fit(3, quiet=True)
    if error is KeyboardInterrupt:
        assert "epochs done: 1" in str(caught.value)
        assert "fit(2) goes on" in str(caught.value)
    assert broken.epoch == 1
    whole = learner(optimizer=make)
    whole.fit(1, quiet=True)
    assert same_weights(broken.model, whole.model)
    broken.fit(2, quiet=True)
    whole.fit(2, quiet=True)
    assert same_weights(broken.model, whole.model)
    assert broken.history["valid_loss"] == whole.history["valid_loss"]


def test_a_loss_that_is_no_number_stops_the_training_with_place_and_rate():
    ours = learner(optimizer=functools.partial(torch.optim.SGD, lr=1e30))
    with pytest.raises(DataError) as caught:
        ours.fit(1, quiet=True)
    assert "at learning rate 1e+30" in caught.value.what
    assert "epoch 0, step 1" in caught.value.where
    assert "learning rate" in caught.value.do
    assert same_weights(ours.model, net())


class WorseInEvaluation(torch.nn.Sequential):
    """Multiplies its outputs by a factor, in evaluation mode, from the second epoch on."""

    factor, calls = math.nan, 0

    def forward(self, inputs):
        self.calls += not self.training
        return super().forward(inputs) * (self.factor if self.calls > 4 else 1.0)


@pytest.mark.parametrize(("factor", "told"), [(math.nan, "nan"), (math.inf, "nan"), (1e38, "inf")])
def test_a_validation_loss_that_is_no_number_ends_the_fit_as_it_was_before_the_epoch(factor, told):
    model = WorseInEvaluation(*net())
    model.factor = factor
    ours = learner(model, metrics=["top1"])  # of four batches the validation is cut into
    with pytest.raises(DataError) as caught:
        ours.fit(3, quiet=True)
    assert caught.value.what == f"the validation loss is {told}"
    assert caught.value.where == "validation after epoch 1, from 0"
    assert "BatchNorm" in caught.value.do
    once = learner()
    once.fit(1, quiet=True)
    assert ours.epoch == 1
    assert same_weights(ours.model, once.model)


def test_a_callback_can_stop_a_fit_which_goes_on_when_called_again():
    class Stop(Callback):
        def on_epoch_end(self, learner, row):
            return "enough" if row["epoch"] == 1 else None

    ours = learner(callbacks=[Stop()])
    assert len(ours.fit(5, quiet=True)) == 2
    assert ours.stopped == "enough"
    assert len(ours.fit(1, quiet=True)) == 3
    assert ours.stopped == ""


def test_a_schedule_is_not_outlived():
    ours = learner(schedule=Cosine(epochs=3))
    ours.fit(2, quiet=True)
    with pytest.raises(UsageError, match="lasts 3 epochs, 2 are done, and 2 more"):
        ours.fit(2, quiet=True)
    ours.fit(1, quiet=True)


# -- what is refused ---------------------------------------------------------------------------


def samples(**changes):
    given = {"inputs": DATA.train.inputs, "labels": DATA.train.labels, "classes": CLASSES}
    return Samples(**(given | changes))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"model": lambda x: x}, "the model is a function"),
        ({"model": torch.nn.Sequential(torch.nn.Flatten())}, "no parameter of Sequential"),
        ({"data": (DATA.train, DATA.valid)}, "the data are a tuple"),
        ({"loss": "crossentropy"}, "no loss 'crossentropy'"),
        ({"metrics": ["top"]}, "no metric 'top'"),
        ({"metrics": ["top1", "top1"]}, "two columns 'top1'"),
        ({"metrics": ["top5"]}, "top5 of 3 classes would count every sample"),
        ({"metrics": [lambda labels, logits: 0.0]}, "is no metric"),
        ({"metrics": ["error", Measure("error", error_rate)]}, "no metric 'error'"),
        ({"metrics": ["top1", Measure("top1", error_rate)]}, "two columns 'top1'"),
        ({"optimizer": torch.optim.SGD(net().parameters())}, "makes no optimiser"),
        ({"optimizer": lambda _: SGD(net().parameters())}, "parameters of the optimiser are not"),
        ({"optimizer": torch.optim.LBFGS}, "several times a step"),
        ({"schedule": lambda step: 1.0}, "the schedule is a function"),
        ({"schedule": Cosine}, "the schedule is the class Cosine"),
        ({"callbacks": [Callback]}, "a callback is <class"),
        ({"batch_size": 0}, "batch_size is 0"),
        ({"batch_size": 16.0}, r"batch_size is 16\.0"),
        ({"batch_size": True}, "batch_size is True"),
        ({"seed": 1.7}, r"seed is 1\.7"),
        ({"seed": -1}, "seed is -1"),
        ({"seed": True}, "seed is True"),
        ({"batch_size": 128, "drop_last": True}, "70 samples are no batch of 128"),
        ({"valid_transform": "train"}, "valid_transform is 'train'"),
        ({"precision": "bf16"}, "precision is 'bf16'"),
        ({"devices": 0}, "devices is 0"),
    ],
)
def test_settings_that_cannot_be_used_are_refused_with_what_to_do(settings, message):
    with pytest.raises(UsageError, match=message) as caught:
        learner(**settings)
    assert caught.value.do


def test_outputs_for_too_few_classes_are_refused_at_the_first_step():
    model = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(192, 2))
    with pytest.raises(UsageError, match="2 logits for 3 classes"):
        learner(model).fit(1, quiet=True)


def test_a_last_batch_of_one_sample_that_batchnorm_refuses_is_explained():
    model = torch.nn.Sequential(
        torch.nn.Flatten(), torch.nn.BatchNorm1d(192), torch.nn.Linear(192, 3)
    )
    seventeen = Data(DATA.train.part(np.arange(17)), DATA.valid)
    training = learner(model, data=seventeen)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    with pytest.raises(UsageError, match=r"(?s)one sample.*drop_last"):
        training.fit(1, quiet=True)
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert len(learner(model, data=seventeen, drop_last=True).fit(1, quiet=True)) == 1


def test_a_loss_of_each_sample_is_refused():
    loss = functools.partial(functional.cross_entropy, reduction="none")
    with pytest.raises(UsageError, match="shape \\(16,\\)"):
        learner(loss=loss).fit(1, quiet=True)


def cross_entropy_as_float(logits, labels):
    return functional.cross_entropy(logits.detach(), labels).item()


def cross_entropy_without_gradient(logits, labels):
    return functional.cross_entropy(logits, labels).detach()


@pytest.mark.parametrize(
    ("loss", "mixed", "message"),
    [
        (cross_entropy_as_float, False, "the loss returns a float"),
        (cross_entropy_as_float, True, "the criterion returns a float"),
        (lambda logits, labels: None, False, "the loss returns a NoneType"),
        (cross_entropy_without_gradient, False, "the loss has no gradient"),
        (cross_entropy_without_gradient, True, "the loss has no gradient"),
    ],
)
def test_a_loss_that_cannot_be_minimised_is_refused(loss, mixed, message):
    ours = learner(loss=loss)
    with pytest.raises(UsageError, match=message) as caught:
        (ours.mixup() if mixed else ours).fit(1, quiet=True)
    assert "without" in caught.value.do
    assert same_weights(ours.model, net())


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (np.zeros(3), r"the metric odd returns a ndarray of shape \(3,\)"),
        ([0.5], r"(?m)the metric odd returns a list$"),
        (None, "the metric odd returns a NoneType"),
        ("high", "the metric odd returns a str"),
    ],
)
def test_a_metric_that_is_no_number_ends_the_fit_with_the_model_as_it_was(value, message):
    def odd(labels, logits):
        return value

    ours = learner(metrics=["top1", odd])
    with pytest.raises(UsageError, match=message):
        ours.fit(1, quiet=True)
    assert ours.epoch == 0
    assert same_weights(ours.model, net())


@pytest.mark.parametrize("number", [0.5, np.float32(0.5), np.array(0.5), torch.tensor(0.5)])
def test_a_metric_may_return_any_one_number(number):
    assert learner(metrics=Measure("half", lambda *_: number)).evaluate(DATA.valid)["half"] == 0.5


@pytest.mark.parametrize("metrics", ["top1", error_rate])
def test_one_metric_needs_no_list(metrics):
    name = metrics if isinstance(metrics, str) else "error_rate"
    assert sorted(learner(metrics=metrics).evaluate(DATA.valid)) == sorted(["loss", name])


def test_whole_numbers_of_numpy_do():
    ours, usual = learner(batch_size=np.int64(16), seed=np.int32(3)), learner(seed=3)
    for each in (ours, usual):
        each.fit(np.int64(1), quiet=True)
    assert same_weights(ours.model, usual.model)
    assert (type(ours.batch_size), type(ours.seed)) == (int, int)


@pytest.mark.parametrize("epochs", [0, -1, 1.5, True])
def test_a_number_of_epochs_that_is_none_is_refused(epochs):
    with pytest.raises(UsageError, match="epochs is"):
        learner().fit(epochs)


@pytest.mark.parametrize("dtype", [np.uint8, np.int32])
def test_labels_may_be_of_any_whole_number_type(dtype):
    given = samples(labels=DATA.train.labels.astype(dtype))
    ours, usual = learner(data=Data(given, given)), learner(data=Data(DATA.train, DATA.train))
    rows = [each.fit(1, quiet=True).rows[0] for each in (ours, usual)]
    assert rows[0]["valid_loss"] == rows[1]["valid_loss"]


def test_read_only_arrays_are_no_reason_to_warn():
    inputs = DATA.train.inputs.copy()
    inputs.flags.writeable = False
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        learner(data=Data(samples(inputs=inputs), images(10))).fit(1, quiet=True)


def test_the_front_door_has_it():
    assert whydrop.Learner is Learner
