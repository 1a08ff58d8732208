"""A training in a folder of its own, gone on with."""

import json

import pytest

from whydrop.core.errors import DataError, Interrupted, UsageError
from whydrop.training.callbacks.callback import Callback
from whydrop.training.learner import Learner
from whydrop.training.recipes import run as module
from whydrop.training.recipes.load import checked
from whydrop.training.recipes.run import CHECKPOINT, HISTORY, RECIPE, run


def losses(history):
    return history["train_loss"], history["valid_loss"]


def test_a_folder_keeps_the_recipe_the_history_and_a_checkpoint(recipe, tmp_path):
    read = checked(recipe())
    history = run(read, 3, out=tmp_path / "run", quiet=True)
    kept = json.loads((tmp_path / "run" / HISTORY).read_text())
    assert kept["seed"] == 3 and kept["recipe"] == read.plain()
    assert [row["top1"] for row in kept["rows"]] == history["top1"]
    assert {file.name for file in (tmp_path / "run").iterdir()} == {RECIPE, HISTORY, CHECKPOINT}


def test_the_same_again_trains_nothing_more(recipe, tmp_path):
    read = checked(recipe())
    first = run(read, 0, out=tmp_path, quiet=True)
    before = (tmp_path / CHECKPOINT).stat().st_mtime_ns
    again = run(read, 0, out=tmp_path, quiet=True)
    assert losses(again) == losses(first)
    assert (tmp_path / CHECKPOINT).stat().st_mtime_ns == before


def test_more_epochs_go_on_as_if_there_had_been_no_break(recipe, tmp_path):
    half = checked(recipe(train={"epochs": 1, "batch_size": 16}))
    whole = checked(recipe(train={"epochs": 3, "batch_size": 16}))
    run(half, 0, out=tmp_path / "a", quiet=True)
    gone_on = run(whole, 0, out=tmp_path / "a", quiet=True)
    assert losses(gone_on) == losses(run(whole, 0, quiet=True))


@pytest.mark.parametrize(
    ("parts", "seed", "what"),
    [
        ({"optimizer": {"name": "sgd", "lr": 0.2}}, 0, "has optimizer.lr 0.1, not 0.2"),
        ({}, 1, "has seed 0, not 1"),
        ({"train": {"epochs": 1, "batch_size": 16}}, 0, "has train.epochs 2, not 1"),
    ],
)
def test_another_training_is_not_put_on_top(parts, seed, what, recipe, tmp_path):
    run(checked(recipe()), 0, out=tmp_path, quiet=True)
    with pytest.raises(UsageError) as caught:
        run(checked(recipe(**parts)), seed, out=tmp_path, quiet=True)
    assert what in caught.value.what


def test_a_falling_learning_rate_cannot_be_made_longer(recipe, tmp_path):
    settings = {"schedule": {"name": "cosine"}}
    run(checked(recipe(**settings)), 0, out=tmp_path, quiet=True)
    longer = checked(recipe(**settings, train={"epochs": 3, "batch_size": 16}))
    with pytest.raises(UsageError, match=r"train\.epochs 2, not 3"):
        run(longer, 0, out=tmp_path, quiet=True)


def test_a_folder_of_something_else_is_left_alone(recipe, tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(UsageError, match="holds something else"):
        run(checked(recipe()), 0, out=tmp_path, quiet=True)
    assert [file.name for file in tmp_path.iterdir()] == ["notes.txt"]


@pytest.mark.parametrize(
    "fails",
    [
        {"data": {"name": "npz", "path": "/nowhere/images.npz"}},
        {"optimizer": {"name": "sgd", "lr": 1e12}},  # a loss that is no number
    ],
)
def test_a_folder_in_which_nothing_was_trained_is_free_for_another_recipe(fails, recipe, tmp_path):
    with pytest.raises((DataError, UsageError)):
        run(checked(recipe(**fails)), 1, out=tmp_path, quiet=True)
    assert (tmp_path / RECIPE).exists()
    read = checked(recipe())
    assert losses(run(read, 0, out=tmp_path, quiet=True)) == losses(run(read, 0, quiet=True))
    kept = json.loads((tmp_path / RECIPE).read_text())
    assert kept == {"seed": 0, "recipe": read.plain()}


def test_a_history_without_its_checkpoint_is_not_overwritten_by_another_recipe(recipe, tmp_path):
    run(checked(recipe()), 0, out=tmp_path, quiet=True)
    (tmp_path / CHECKPOINT).unlink()
    with pytest.raises(UsageError, match="has seed 0, not 1"):
        run(checked(recipe()), 1, out=tmp_path, quiet=True)


def test_a_recipe_of_the_user_is_not_overwritten(recipe, tmp_path):
    read = checked(recipe())
    (tmp_path / RECIPE).write_text(json.dumps(read.plain()))
    with pytest.raises(DataError, match="not the recipe of a training"):
        run(read, 0, out=tmp_path, quiet=True)
    assert json.loads((tmp_path / RECIPE).read_text()) == read.plain()


@pytest.mark.parametrize("left", ["nothing", "an epoch less"])
def test_a_history_that_is_missing_or_behind_is_written_from_the_checkpoint(left, recipe, tmp_path):
    read = checked(recipe())
    run(read, 0, out=tmp_path, quiet=True)
    whole = (tmp_path / HISTORY).read_text()
    if left == "nothing":
        (tmp_path / HISTORY).unlink()
    else:
        behind = json.loads(whole)
        behind["rows"].pop()
        (tmp_path / HISTORY).write_text(json.dumps(behind))
    run(read, 0, out=tmp_path, quiet=True)
    assert (tmp_path / HISTORY).read_text() == whole


class StopsInTheSecondEpoch(Callback):
    def on_step_end(self, learner, step, steps, loss):
        if learner.epoch == 1:
            raise KeyboardInterrupt


def test_what_is_done_before_an_interruption_is_kept_and_said(recipe, tmp_path, monkeypatch):
    read, make = checked(recipe()), module.make_learner

    def interrupted(recipe, seed, callbacks=()):
        return make(recipe, seed, callbacks=[*callbacks, StopsInTheSecondEpoch()])

    monkeypatch.setattr(module, "make_learner", interrupted)
    with pytest.raises(Interrupted, match="after 1 of 2 epochs, of which nothing is kept") as lost:
        run(read, 0, quiet=True)
    assert "--out" in lost.value.do
    with pytest.raises(Interrupted, match=r"after 1 of 2 epochs\n") as kept:
        run(read, 0, out=tmp_path, quiet=True)
    assert kept.value.where == str(tmp_path) and kept.value.do == "go on by the same line again"
    assert len(json.loads((tmp_path / HISTORY).read_text())["rows"]) == 1
    monkeypatch.undo()
    assert losses(run(read, 0, out=tmp_path, quiet=True)) == losses(run(read, 0, quiet=True))


def test_an_epoch_that_ends_by_an_interruption_is_kept_too(recipe, tmp_path, monkeypatch):
    read, save = checked(recipe()), Learner.save

    def interrupted(learner, path):
        monkeypatch.undo()
        raise KeyboardInterrupt

    monkeypatch.setattr(Learner, "save", interrupted)
    with pytest.raises(Interrupted, match="after 1 of 2 epochs"):
        run(read, 0, out=tmp_path, quiet=True)
    assert Learner.save is save
    assert len(json.loads((tmp_path / HISTORY).read_text())["rows"]) == 1
    assert (tmp_path / CHECKPOINT).exists()


def test_a_damaged_recipe_in_a_folder_is_said(recipe, tmp_path):
    (tmp_path / RECIPE).write_text("{")
    with pytest.raises(DataError, match="not the recipe of a training"):
        run(checked(recipe()), 0, out=tmp_path, quiet=True)
