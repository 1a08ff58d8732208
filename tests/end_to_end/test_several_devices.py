"""Training on several devices: two processes of one machine, by Lightning Fabric."""

import json
import os
import socket
import subprocess
import sys

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("lightning_fabric")

SHARED = """
import json, sys
import torch
from tests.fixtures.small_training import CLASSES, SGD, data
from whydrop.augment import HorizontalFlip, MixUp, Pipeline
from whydrop.training.learner import Learner
from whydrop.training.randomness import initialised

def learner(devices):
    with initialised(0):
        model = torch.nn.Sequential(
            torch.nn.Flatten(), torch.nn.Linear(192, 8), torch.nn.ReLU(), torch.nn.Linear(8, 3)
        )
    augment = Pipeline([HorizontalFlip(), MixUp(0.4)], classes=len(CLASSES))
    return Learner(
        model, data(train=65), augment=augment, batch_size=16, optimizer=SGD, devices=devices,
        accelerator="cpu",
    )

if __name__ == "__main__":
    ours = learner(2)
    ours.fit(2)
    ours.save(sys.argv[1] + ".safetensors")
    if ours._devices.rank == 0:
        rows = [dict(row) for row in ours.history.rows]
        open(sys.argv[1] + ".json", "w").write(json.dumps(rows))
"""


def test_two_processes_train_as_one_does(tmp_path):
    """65 samples in batches of 16: the last batch has one sample, for one of the two alone."""
    script = tmp_path / "script.py"
    script.write_text(SHARED)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    paths = os.pathsep.join(sys.path)
    environment = {**os.environ, "PYTHONPATH": paths, "MASTER_PORT": port, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, str(script), str(tmp_path / "two")],
        env=environment, capture_output=True, text=True, timeout=100,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("epoch 1: ") == 1  # shown once
    rows = json.loads((tmp_path / "two.json").read_text())

    namespace: dict[str, object] = {"__name__": "script"}
    exec(SHARED, namespace)  # the same learner, in this process
    one = namespace["learner"](1)
    one.fit(2, quiet=True)
    two = namespace["learner"](1).load(tmp_path / "two.safetensors")
    for key, value in one.model.state_dict().items():
        torch.testing.assert_close(two.model.state_dict()[key], value, rtol=1e-4, atol=1e-6)
    for expected, row in zip(one.history.rows, rows, strict=True):
        del expected["seconds"], row["seconds"]
        assert row == pytest.approx(expected, rel=1e-4)
