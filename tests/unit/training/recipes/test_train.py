"""train(config, seed): the function that a study of recipes calls."""

import json
import subprocess
import sys

import pytest

from whydrop.core.errors import DataError
from whydrop.training.recipes.data import read_data
from whydrop.training.recipes.train import train


def test_it_returns_each_metric_over_the_epochs_and_the_reported_one(recipe, capsys):
    told = train(recipe(metrics={"report": "macro", "also": ["top1"]}), 3)
    assert set(told) == {"reported", "macro", "top1", "train_loss", "valid_loss"}
    assert told["reported"] == told["macro"]
    assert [len(values) for values in told.values()] == [2] * 5
    assert all(0 <= value <= 1 for value in told["top1"])
    json.dumps(told)
    assert capsys.readouterr().err.count("epoch") == 2


def test_the_same_seed_gives_the_same_numbers_and_another_others(recipe):
    assert train(recipe(), 1) == train(recipe(), 1) != train(recipe(), 2)


def test_a_wrong_recipe_is_refused_before_any_training(recipe):
    with pytest.raises(DataError, match=r"no key 'optimizer\.lrr'"):
        train(recipe(optimizer={"name": "sgd", "lrr": 1}), 0)


def test_what_is_imported_for_forked_trainings_starts_no_thread():
    code = (
        "import threading, whydrop.training.recipes.train, os\n"
        "print(len(os.listdir('/proc/self/task')), threading.active_count())"
    )
    if not sys.platform.startswith("linux"):
        pytest.skip("counts threads in /proc")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    tasks, threads = map(int, done.stdout.split())
    assert threads == 1
    assert tasks == 1


def test_data_are_read_once_for_all_trainings_that_have_been_prepared_for(recipe, monkeypatch):
    module = sys.modules[train.__module__]
    monkeypatch.setattr(module, "_read", {})
    once = train(recipe(), 1)
    sections = []

    def read(section):
        sections.append(section)
        return read_data(section)

    monkeypatch.setattr(module, "read_data", read)
    train.prepare(recipe())
    monkeypatch.setattr("whydrop.training.recipes.build.read_data", read)
    assert train(recipe(), 1) == once
    assert len(sections) == 1
    other = recipe(data={**recipe()["data"], "fraction": 0.5})
    assert train(other, 1) != once
    assert [section.fraction for section in sections] == [1.0, 0.5]
