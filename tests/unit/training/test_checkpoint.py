"""Checkpoints: a training goes on to the bit, and strangers' and damaged files are told apart."""

import functools
import json
import os
import pickletools

import numpy as np
import pytest
import torch
from tests.fixtures.small_training import CLASSES, SGD, data, images, net, same_weights
from torch.nn import functional

from whydrop.augment import HorizontalFlip, MixLoss, MixUp, PadCrop, Pipeline
from whydrop.augment.batch import Batch
from whydrop.core.errors import DataError, MissingExtra, UsageError
from whydrop.training.callbacks.callback import Callback
from whydrop.training.data import Data
from whydrop.training.learner import Learner
from whydrop.training.samples import Samples
from whydrop.training.schedules import OneCycle, Step, Warmup

DATA = data()
PLAIN = functools.partial(torch.optim.SGD, lr=0.05)
ADAM = functools.partial(torch.optim.Adam, lr=0.01, amsgrad=True)
OPTIMIZERS = {"momentum": SGD, "plain SGD": PLAIN, "Adam": ADAM}
SCHEDULES = {
    "one cycle": OneCycle(epochs=4),
    "steps after a rise": Warmup(1.5, then=Step(every=1)),
    "none": None,
}


def learner(model=None, *, data=DATA, optimizer=SGD, **settings):
    augment = Pipeline([PadCrop(1), HorizontalFlip(), MixUp(0.4)], classes=len(CLASSES), seed=2)
    settings = {"batch_size": 16, "augment": augment} | settings
    model = net(dropout=0.3) if model is None else model
    return Learner(model, data, optimizer=optimizer, accelerator="cpu", **settings)


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    path = tmp_path_factory.mktemp("checkpoint") / "run.safetensors"
    ours = learner()
    ours.fit(1, quiet=True)
    ours.save(path)
    return path


@pytest.mark.parametrize("schedule", SCHEDULES.values(), ids=SCHEDULES)
@pytest.mark.parametrize("optimizer", OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_two_epochs_and_two_more_are_four(optimizer, schedule, tmp_path):
    settings = {"optimizer": optimizer, "schedule": schedule}
    whole = learner(**settings)
    whole.fit(4, quiet=True)
    first = learner(**settings)
    first.fit(2, quiet=True)
    first.save(tmp_path / "run.safetensors")
    rest = learner(net(seed=9, dropout=0.3), **settings).load(tmp_path / "run.safetensors")
    rest.fit(2, quiet=True)
    assert same_weights(whole.model, rest.model)
    for name in ("train_loss", "valid_loss", "top1", "train_top1"):
        assert whole.history[name] == rest.history[name]
    states = [each.optimizer.state_dict()["state"] for each in (whole, rest)]
    assert states[0].keys() == states[1].keys()
    for index, values in states[0].items():
        for name, value in values.items():
            assert torch.equal(torch.as_tensor(value), torch.as_tensor(states[1][index][name]))


def test_the_weights_are_there_for_any_reader_of_the_format(saved):
    from safetensors.torch import load_file

    tensors = load_file(saved)
    ours = learner().load(saved)
    for key, value in ours.model.state_dict().items():
        assert torch.equal(tensors[f"model/{key}"], value)


def test_nothing_in_a_file_is_pickled(saved):
    header_bytes = int.from_bytes(saved.read_bytes()[:8], "little")
    header = json.loads(saved.read_bytes()[8 : 8 + header_bytes])
    values = json.loads(header["__metadata__"]["whydrop"])
    assert values["versions"]["torch"] == torch.__version__
    with pytest.raises(ValueError, match="at position"):
        list(pickletools.genops(saved.read_bytes()))


def test_a_file_is_replaced_at_once_and_leaves_no_other(saved, tmp_path):
    path = tmp_path / "run.safetensors"
    ours = learner()
    ours.save(path)
    with path.open("rb") as before:
        size = path.stat().st_size
        ours.fit(1, quiet=True)
        ours.save(path)
        assert len(before.read()) == size  # a reader keeps the file it opened
        assert os.fstat(before.fileno()).st_ino != path.stat().st_ino
    assert list(tmp_path.iterdir()) == [path]
    assert learner().load(path).epoch == 1


def test_a_write_that_fails_leaves_the_file_that_was_there(saved, tmp_path, monkeypatch):
    import safetensors.torch

    path = tmp_path / "run.safetensors"
    path.write_bytes(saved.read_bytes())

    def half(tensors, filename, metadata):
        filename.write_bytes(b"half of it")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(safetensors.torch, "save_file", half)
    with pytest.raises(UsageError, match="No space left"):
        learner().save(path)
    assert path.read_bytes() == saved.read_bytes()
    assert list(tmp_path.iterdir()) == [path]


def test_any_changed_byte_is_found(saved, tmp_path):
    whole = bytearray(saved.read_bytes())
    path = tmp_path / "damaged.safetensors"
    for at in {0, 3, 9, 200, len(whole) // 2, len(whole) - 1, *range(0, len(whole), 997)}:
        changed = whole.copy()
        changed[at] ^= 0x10
        path.write_bytes(changed)
        with pytest.raises(DataError):
            learner().load(path)


@pytest.mark.parametrize("size", [0, 7, 100, -1])
def test_a_file_that_was_cut_off_is_damaged(saved, tmp_path, size):
    path = tmp_path / "cut.safetensors"
    path.write_bytes(saved.read_bytes()[:size])
    with pytest.raises(DataError, match="damaged"):
        learner().load(path)


def test_a_file_of_tensors_alone_is_no_training(tmp_path):
    from safetensors.torch import save_file

    save_file(net().state_dict(), tmp_path / "weights.safetensors")
    with pytest.raises(DataError, match="no training"):
        learner().load(tmp_path / "weights.safetensors")


def test_a_file_that_is_not_there_is_said_so(tmp_path):
    with pytest.raises(UsageError, match="no such file"):
        learner().load(tmp_path / "run.safetensors")


def wider():
    model = net(dropout=0.3)
    model[6] = torch.nn.Linear(16, 4)
    return model


def longer():
    return torch.nn.Sequential(*net(dropout=0.3), torch.nn.Linear(3, 3))


def decay(model):
    return 0.01 * model[0].weight.square().sum()


def shifted(inputs, labels=None, *, epoch, index, view, out):
    return Batch(inputs.float() / 255, labels)


def renamed(samples):
    return Samples(samples.inputs, samples.labels, CLASSES[::-1])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: learner(wider()), r"'6.weight' is float32 \(3, 16\) in .*, float32 \(4, 16\) in"),
        (lambda: learner(longer()), "the checkpoint has no '7.weight'"),
        (lambda: learner(net()[:6]), "the model has no '6.weight'"),
        (lambda: learner(optimizer=ADAM), "optimizer.kind is 'SGD' in the checkpoint, 'Adam' here"),
        (
            lambda: learner(optimizer=functools.partial(SGD, lr=0.01)),
            r"optimizer.groups\[0\].lr is 0.05 in the checkpoint, 0.01 here",
        ),
        (
            lambda: learner(optimizer=functools.partial(SGD, weight_decay=0.0)),
            r"optimizer.groups\[0\].weight_decay is 0.0005 in the checkpoint, 0.0 here",
        ),
        (lambda: learner(loss="mse"), r"loss is \{'kind': 'CrossEntropyLoss'.*, 'mse' here"),
        (
            lambda: learner(loss=torch.nn.CrossEntropyLoss(label_smoothing=0.1)),
            "loss.label_smoothing is 0.0 in the checkpoint, 0.1 here",
        ),
        (
            lambda: learner(loss=torch.nn.CrossEntropyLoss(weight=torch.ones(3))),
            r"loss.weight is None in the checkpoint, \[1.0, 1.0, 1.0\] here",
        ),
        (lambda: learner(penalty=decay), "penalty is None in the checkpoint, 'decay' here"),
        (lambda: learner(augment=None), "in the checkpoint, 'unaugmented' here"),
        (lambda: learner(augment=shifted), "in the checkpoint, 'shifted' here"),
        (
            lambda: learner().mixup(0.2),
            r"augment.ops\[2\].alpha is 0.4 in the checkpoint, 0.2 here",
        ),
        (
            lambda: learner(augment=Pipeline([PadCrop(1), HorizontalFlip()], classes=3, seed=2)),
            r"augment.ops\[2\] is \{'op': 'MixUp'.* in the checkpoint, absent here",
        ),
        (
            lambda: learner(schedule=Step(every=2)),
            r"schedule is None in the checkpoint, 'Step\(every=2, gamma=0.1\)' here",
        ),
        (
            lambda: learner(net(dropout=0.3), precision="bf16-mixed"),
            "precision is '32-true' in the checkpoint, 'bf16-mixed' here",
        ),
        (
            lambda: learner(data=Data(renamed(DATA.train), renamed(DATA.valid))),
            r"classes\[0\] is 'circle' in the checkpoint, 'square' here",
        ),
        (
            lambda: learner(optimizer=lambda p: SGD([{"params": [x]} for x in p])),
            r"groups of \[6\] parameters, that of the learner \[1, 1, 1, 1, 1, 1\]",
        ),
        (lambda: learner(seed=1), "seed is 0 in the checkpoint, 1 here"),
        (lambda: learner(batch_size=17), "batch_size is 16 in the checkpoint, 17 here"),
    ],
)
def test_a_checkpoint_of_another_training_is_refused_by_its_first_difference(saved, make, message):
    ours = make()
    before = {key: value.clone() for key, value in ours.model.state_dict().items()}
    with pytest.raises(DataError, match=message) as caught:
        ours.load(saved)
    assert caught.value.where == str(saved)
    assert all(torch.equal(value, before[key]) for key, value in ours.model.state_dict().items())
    assert ours.epoch == 0


@pytest.mark.parametrize(
    "settings",
    [
        {"loss": functools.partial(functional.cross_entropy, label_smoothing=0.1)},
        {"loss": MixLoss(torch.nn.CrossEntropyLoss(weight=torch.rand(3)))},
        {"penalty": decay, "augment": None},
        {"augment": shifted, "schedule": Warmup(1, then=Step([2]))},
        {"precision": "bf16-mixed"},
    ],
    ids=["partial", "weights", "penalty", "callable", "bfloat16"],
)
def test_a_learner_made_alike_goes_on(settings, tmp_path):
    first = learner(net(), **settings)
    first.fit(1, quiet=True)
    first.save(tmp_path / "run.safetensors")
    assert learner(net(), **settings).load(tmp_path / "run.safetensors").epoch == 1


def test_a_learning_rate_that_a_callback_lowered_is_gone_on_with(tmp_path):
    class Halve(Callback):
        def on_epoch_end(self, learner, row):
            learner.optimizer.param_groups[0]["lr"] /= 2

    first = learner(callbacks=[Halve()])
    first.fit(1, quiet=True)
    first.save(tmp_path / "run.safetensors")
    rest = learner(callbacks=[Halve()]).load(tmp_path / "run.safetensors")
    assert rest.optimizer.param_groups[0]["lr"] == 0.025


def test_the_weights_alone_fit_a_learner_of_another_training(saved):
    whole = learner().load(saved)
    other = Data(images(20, seed=3), images(10, seed=4))
    tuned = learner(data=other, optimizer=functools.partial(SGD, lr=0.001), loss="mse", seed=5)
    assert tuned.load_weights(saved) is tuned
    assert same_weights(tuned.model, whole.model)
    assert (tuned.epoch, tuned.optimizer.param_groups[0]["lr"]) == (0, 0.001)
    assert np.array_equal(tuned.predict(other.valid), whole.predict(other.valid))


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (wider, r"'6.weight' is \(3, 16\) in the checkpoint, \(4, 16\) in the model"),
        (longer, "the checkpoint has no '7.weight', which the model has"),
        (lambda: net()[:6], "the model has no '6.weight', which the checkpoint has"),
    ],
)
def test_weights_of_another_model_are_refused_and_change_nothing(saved, model, message):
    ours = learner(model())
    before = {key: value.clone() for key, value in ours.model.state_dict().items()}
    with pytest.raises(DataError, match=message) as caught:
        ours.load_weights(saved)
    assert caught.value.where == str(saved)
    assert all(torch.equal(value, before[key]) for key, value in ours.model.state_dict().items())


def test_tied_weights_stay_tied(tmp_path):
    class Tied(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.one = torch.nn.Linear(192, 3)
            self.other = torch.nn.Linear(192, 3)
            self.other.weight = self.one.weight

        def forward(self, inputs):
            return self.one(inputs.flatten(1)) + self.other(inputs.flatten(1))

    ours = learner(Tied())
    ours.fit(1, quiet=True)
    ours.save(tmp_path / "run.safetensors")
    loaded = learner(Tied()).load(tmp_path / "run.safetensors")
    loaded.fit(1, quiet=True)
    ours.fit(1, quiet=True)
    assert same_weights(ours.model, loaded.model)
    assert loaded.model.one.weight is loaded.model.other.weight


class Fading(torch.optim.SGD):
    """SGD whose steps get smaller, by a count that is no tensor."""

    def step(self, closure=None):
        for parameter in self.param_groups[0]["params"]:
            count = self.state[parameter]["count"] = self.state[parameter].get("count", 0) + 1
            parameter.grad.div_(count)
        return super().step(closure)


def test_what_an_optimiser_counts_is_kept(tmp_path):
    make = functools.partial(Fading, lr=0.05)
    whole = learner(optimizer=make)
    whole.fit(1, quiet=True)
    whole.save(tmp_path / "run.safetensors")
    rest = learner(optimizer=make).load(tmp_path / "run.safetensors")
    for each in (whole, rest):
        each.fit(1, quiet=True)
    assert same_weights(whole.model, rest.model)


def test_an_option_that_is_a_tensor_is_refused(tmp_path):
    make = functools.partial(torch.optim.Adam, lr=torch.tensor(0.01), capturable=False)
    with pytest.raises(UsageError, match="an option of the optimiser"):
        learner(optimizer=make).save(tmp_path / "run.safetensors")


def test_without_safetensors_the_error_says_how_to_install_it(monkeypatch, tmp_path):
    import sys

    monkeypatch.setitem(sys.modules, "safetensors", None)
    with pytest.raises(MissingExtra, match="need safetensors") as caught:
        learner().save(tmp_path / "run.safetensors")
    assert "whydrop[torch]" in caught.value.do
