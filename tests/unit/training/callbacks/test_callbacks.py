"""Early stop, and checkpoints after epochs."""

import pytest
import torch
from tests.fixtures.small_training import SGD, data, net, same_weights

from whydrop.augment import HorizontalFlip, Pipeline
from whydrop.core.errors import UsageError
from whydrop.core.metric import Metric
from whydrop.training.callbacks.early_stop import EarlyStop
from whydrop.training.callbacks.save import SaveCheckpoint
from whydrop.training.history import History
from whydrop.training.learner import Learner

DATA = data()


class Watched:
    """As much of a learner as these callbacks look at."""

    def __init__(self, name, values, *, minimize):
        self.saved = []
        self.history = History((Metric(name, minimize=minimize, unit="raw"),))
        self.values = values

    @property
    def epoch(self):
        return len(self.history)

    def save(self, path):
        self.saved.append(path.name)

    def run(self, callback):
        """Return after how many epochs it was stopped, or None."""
        callback.on_fit_start(self, len(self.values))
        for epoch, value in enumerate(self.values):
            row = {"epoch": epoch, self.history.metrics[0].name: value}
            self.history = self.history.with_row(row)
            if callback.on_epoch_end(self, row):
                return epoch + 1
        return None


@pytest.mark.parametrize(
    ("values", "patience", "min_delta", "stops"),
    [
        ([5, 4, 3, 2], 1, 0, None),
        ([5, 4, 4, 3], 1, 0, 3),
        ([5, 4, 6, 3, 4, 5, 6], 2, 0, 6),
        ([5, 4.9, 4.8, 4.7], 2, 0.5, 3),
        ([5, float("nan"), float("nan")], 2, 0, 3),
    ],
)
def test_a_training_stops_after_as_many_epochs_without_a_new_best(
    values, patience, min_delta, stops
):
    stop = EarlyStop(patience=patience, min_delta=min_delta)
    assert Watched("valid_loss", values, minimize=True).run(stop) == stops
    up = [-value for value in values]
    stop = EarlyStop("top1", patience=patience, min_delta=min_delta)
    assert Watched("top1", up, minimize=False).run(stop) == stops


def test_a_resumed_training_stops_where_it_would_have_stopped():
    values = [5, 4, 6, 3, 4, 5, 6]
    watched = Watched("valid_loss", values[:5], minimize=True)
    assert watched.run(EarlyStop(patience=2)) is None
    watched.values = values[5:]
    assert watched.run(EarlyStop(patience=2)) == 1


def test_a_training_that_was_stopped_trains_nothing_more_and_says_why(capsys, tmp_path):
    class Frozen(torch.optim.SGD):
        def step(self, closure=None):
            return None

    def learner():
        return Learner(
            net(), DATA, accelerator="cpu", optimizer=lambda p: Frozen(p, lr=0.1),
            callbacks=[EarlyStop("train_loss", patience=1, min_delta=10.0)],
        )  # fmt: skip

    ours = learner()
    ours.fit(5, quiet=True)
    assert ours.epoch == 2
    ours.save(tmp_path / "run.safetensors")
    for each in (ours, learner().load(tmp_path / "run.safetensors")):
        before = each.model.state_dict()["0.weight"].clone()
        assert len(each.fit(5)) == 2
        assert each.stopped.startswith("train_loss has had no new best for 1 epoch, so nothing")
        assert each.stopped in capsys.readouterr().err
        assert torch.equal(each.model.state_dict()["0.weight"], before)
    ours.callbacks = ()
    assert len(ours.fit(1, quiet=True)) == 3


@pytest.mark.parametrize("callback", [EarlyStop("top5"), SaveCheckpoint("x", monitor="top5")])
def test_a_column_that_is_none_is_refused_when_the_learner_is_made(callback):
    with pytest.raises(UsageError, match="no column 'top5'") as caught:
        Learner(net(), DATA, callbacks=[callback], accelerator="cpu")
    assert caught.value.where == type(callback).__name__
    assert caught.value.do == "did you mean 'top1'?"


@pytest.mark.parametrize("augment", [None, Pipeline([HorizontalFlip()])])
def test_a_column_of_mixing_is_refused_where_nothing_is_mixed(augment, tmp_path):
    stop = EarlyStop("train_top1_clean", patience=1)
    save = SaveCheckpoint(tmp_path / "{epoch}", monitor="train_top1_highest")
    for callback in (stop, save):
        ours = Learner(net(), DATA, augment=augment, callbacks=[callback], accelerator="cpu")
        with pytest.raises(UsageError, match="only where training samples are mixed"):
            ours.fit(1, quiet=True)
    assert len(ours.mixup(probability=0.5).fit(1, quiet=True)) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["0"]


def test_epochs_without_the_column_are_not_waited_for():
    ours = Learner(
        net(), DATA, accelerator="cpu", callbacks=[EarlyStop("train_top1_highest", patience=2)]
    ).mixup(until=1)
    assert len(ours.fit(4, quiet=True)) == 4


@pytest.mark.parametrize("make", [lambda: EarlyStop(patience=0), lambda: EarlyStop(min_delta=-1.0)])
def test_values_outside_their_range_are_refused(make):
    with pytest.raises(UsageError, match="patience is"):
        make()


def test_each_epoch_has_a_file_from_which_training_goes_on(tmp_path):
    save = SaveCheckpoint(tmp_path / "run-{epoch}.safetensors")
    whole = Learner(net(), DATA, optimizer=SGD, callbacks=[save], accelerator="cpu")
    whole.fit(3, quiet=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        f"run-{epoch}.safetensors" for epoch in range(3)
    ]
    rest = Learner(net(), DATA, optimizer=SGD, accelerator="cpu")
    rest.load(tmp_path / "run-0.safetensors").fit(2, quiet=True)
    assert same_weights(whole.model, rest.model)


def test_only_some_epochs_are_saved_where_that_is_asked_for(tmp_path):
    watched = Watched("valid_loss", [5, 4, 6, 3, 4], minimize=True)
    watched.run(SaveCheckpoint(tmp_path / "{epoch}", every=2))
    assert watched.saved == ["1", "3"]
    watched = Watched("valid_loss", [5, 4, 6, 3, 4], minimize=True)
    watched.run(SaveCheckpoint(tmp_path / "{epoch}", monitor="valid_loss"))
    assert watched.saved == ["0", "1", "3"]
