"""Where a training runs: other precisions, and what is loaded for it."""

import sys

import numpy as np
import pytest
import torch
from tests.fixtures.small_training import SGD, data, net, same_weights

from whydrop.core.errors import MissingExtra, UsageError
from whydrop.training.devices import PlainCpu, devices_for
from whydrop.training.learner import Learner

DATA = data()


def learner(**settings):
    return Learner(net(), DATA, batch_size=16, optimizer=SGD, accelerator="cpu", **settings)


def test_one_process_on_the_cpu_is_pytorch_alone(monkeypatch):
    for name in ("lightning_fabric", "safetensors"):
        monkeypatch.setitem(sys.modules, name, None)  # an import would fail
    assert isinstance(devices_for("cpu", 1, "32-true"), PlainCpu)
    assert len(learner().fit(1, quiet=True)) == 1


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")
def test_auto_is_the_cpu_where_there_is_no_cuda_device():
    assert isinstance(devices_for("auto", 1, "32-true"), PlainCpu)
    with pytest.raises(UsageError, match="1 CUDA devices are asked for, there are 0"):
        devices_for("cuda", 1, "32-true")


def test_half_precision_is_near_to_single_and_goes_on_from_a_file(tmp_path):
    half, single = learner(precision="bf16-mixed"), learner()
    losses = [each.fit(2, quiet=True)["valid_loss"] for each in (half, single)]
    assert losses[0] == pytest.approx(losses[1], rel=0.05)
    assert losses[0] != losses[1]
    assert half.predict(DATA.valid).dtype == np.float32
    half.save(tmp_path / "run.safetensors")
    other = learner(precision="bf16-mixed").load(tmp_path / "run.safetensors")
    other.fit(1, quiet=True)
    half.fit(1, quiet=True)
    assert same_weights(half.model, other.model)


def test_double_precision_is_near_to_single_too():
    double, single = learner(precision="64-true"), learner()
    losses = [each.fit(1, quiet=True)["valid_loss"] for each in (double, single)]
    assert double.model[0].weight.dtype == torch.float64
    assert losses[0] == pytest.approx(losses[1], rel=1e-4)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (("tpu", 1, "32-true"), "accelerator is 'tpu'"),
        (("cpu", "2", "32-true"), "devices is '2'"),
        (("cpu", 1, "16"), "precision is '16'"),
    ],
)
def test_places_that_there_are_not_are_refused(settings, message):
    with pytest.raises(UsageError, match=message):
        devices_for(*settings)


@pytest.mark.parametrize("devices", [1, 2])
def test_float16_on_a_cpu_is_refused_since_it_would_be_bfloat16(devices):
    with pytest.raises(UsageError, match="and this is a CPU") as caught:
        learner(precision="16-mixed", devices=devices)
    assert "bf16-mixed" in caught.value.do


def test_without_fabric_the_error_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "lightning_fabric", None)
    with pytest.raises(MissingExtra, match="needs Lightning Fabric") as caught:
        devices_for("cpu", 1, "bf16-mixed")
    assert "whydrop[torch]" in caught.value.do
