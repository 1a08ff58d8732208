"""The network of a recipe: first weights, constants, what is trained and what it returns."""

import importlib
import sys
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from whydrop.core.errors import UsageError
from whydrop.training.initialisers import glorot_limit
from whydrop.training.recipes.load import checked
from whydrop.training.recipes.model import make_model

SHAPE = (3, 16, 16)


def model_of(*, seed=0, shape=SHAPE, classes=4, data=None, **parts):
    values = {
        "schema": "whydrop.recipe/1",
        "data": data or {"name": "npz", "path": "x"},
        "model": {"name": "forum_cnn", "width": 0.125},
        "optimizer": {"name": "sgd"},
        "train": {"epochs": 1, **parts.pop("train", {})},
    }
    return make_model(checked({**values, **parts}), shape, classes, seed=seed)


def weights(model):
    return torch.cat([weight.detach().flatten() for weight in model.parameters()])


def test_weights_depend_on_the_seed_and_on_nothing_else():
    one = weights(model_of(seed=3))
    torch.rand(7)
    assert torch.equal(one, weights(model_of(seed=3, output="softmax", batchnorm={"eps": 1e-3})))
    assert not torch.equal(one, weights(model_of(seed=4)))


def test_keras_weights_are_drawn_within_keras_limits():
    model = model_of(initialisation="keras")
    for layer in (model.conv1, model.conv2, model.linear):
        assert 0.9 < layer.weight.abs().max() / glorot_limit(layer) <= 1
        assert (layer.bias == 0).all()


def test_softmax_at_the_end_returns_probabilities_of_the_same_network():
    images = torch.randn(2, *SHAPE, generator=torch.Generator().manual_seed(0))
    logits, shares = model_of().eval()(images), model_of(output="softmax").eval()(images)
    torch.testing.assert_close(shares, logits.softmax(1))


def test_batchnorm_is_set_as_the_recipe_says():
    model = model_of(batchnorm={"momentum": "cumulative", "eps": 1e-3, "frozen": True})
    assert model.bn1.momentum is None and model.bn1.eps == 1e-3
    model.train()(torch.randn(2, *SHAPE))
    assert int(model.bn1.num_batches_tracked) == 0


def test_only_the_layers_that_were_asked_for_are_trained():
    model = model_of(train={"layers": "from conv3"})
    trained = {name.split(".")[0] for name, w in model.named_parameters() if w.requires_grad}
    assert trained == {"conv3", "bn3", "linear"}


@pytest.mark.parametrize(
    ("section", "shape", "data"),
    [
        ({"name": "simple_cnn", "hidden": [4, 5, 6]}, SHAPE, None),
        ({"name": "mlp", "hidden": []}, (7,), None),
        ({"name": "keras_port_cnn", "filters": [4]}, SHAPE, None),
        ({"name": "efficientnet_lite0"}, SHAPE, None),
        (
            {"name": "skeleton_net", "norm": "joined"},
            (3, 8, 9, 2),
            {"name": "ntu", "path": "x"},
        ),
    ],
)
def test_each_network_returns_one_number_a_class(section, shape, data):
    model = model_of(model=section, shape=shape, data=data).eval()
    assert model(torch.zeros(3, *shape)).shape == (3, 4)


def test_pretrained_weights_are_loaded_under_the_new_last_layer(real_data, monkeypatch):
    monkeypatch.setenv("WHYDROP_DATA", str(real_data))
    section = {
        "name": "efficientnet_lite0",
        "weights": "efficientnet-lite0-imagenet.safetensors",
    }
    one, other = (model_of(model=section, seed=seed) for seed in (0, 1))
    assert torch.equal(one.stem_conv.weight, other.stem_conv.weight)
    assert not torch.equal(one.classifier.weight, other.classifier.weight)
    assert np.isfinite(one.eval()(torch.zeros(1, 3, 32, 32)).detach().numpy()).all()


OWN = """
from torch import nn
from torch.nn import Linear

class Viewed(nn.Module):
    def __init__(self):
        super().__init__()
        self.convolution = nn.Conv2d(3, 5, 3)
        self.linear = nn.Linear(5 * 14 * 14, 4)

    def forward(self, x):
        x = self.convolution(x)
        return self.linear(x.view(x.size(0), -1))
"""


@pytest.fixture
def own(tmp_path, monkeypatch):
    (tmp_path / "own_nets_of_a_test.py").write_text(OWN)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("WHYDROP_ALLOW_MODULES", "own_nets_of_a_test")
    yield lambda name, **options: {
        "name": "own",
        "callable": f"own_nets_of_a_test:{name}",
        "options": options,
    }
    sys.modules.pop("own_nets_of_a_test", None)


def test_a_network_of_ones_own_is_made_with_its_options(own):
    section = own("Linear", in_features=7, out_features=4)
    assert model_of(model=section, shape=(7,))(torch.zeros(1, 7)).shape == (1, 4)


def test_a_network_of_ones_own_may_view_its_images_as_rows(own):
    model = model_of(model=own("Viewed"))
    assert model(torch.zeros(2, *SHAPE)).shape == (2, 4)


def test_a_network_of_timm_may_view_its_images_as_rows(own, monkeypatch):
    timm = SimpleNamespace(
        list_models=lambda: ["viewed"],
        create_model=lambda *_, **__: importlib.import_module("own_nets_of_a_test").Viewed(),
    )
    monkeypatch.setitem(sys.modules, "timm", timm)
    model = model_of(model={"name": "timm", "architecture": "viewed"})
    assert model(torch.zeros(2, *SHAPE)).shape == (2, 4)


def test_networks_of_whydrop_have_their_channels_last():
    weight = model_of().conv1.weight
    assert weight.is_contiguous(memory_format=torch.channels_last) and not weight.is_contiguous()


@pytest.mark.parametrize(
    "section",
    [
        # Beyond any address space, so that no system begins to give it.
        {"name": "forum_cnn", "width": 1e12},
        {"name": "forum_cnn", "width": 1e15},
        {"name": "mlp", "hidden": [1_000_000]},
    ],
)
def test_weights_that_no_memory_holds_are_refused(section):
    with pytest.raises(UsageError, match="no memory for the weights") as caught:
        model_of(model=section, shape=(3, 10_000, 10_000))
    assert isinstance(caught.value.__cause__, RuntimeError)


@pytest.mark.parametrize(
    ("parts", "what"),
    [
        ({"shape": (7,)}, "forum_cnn wants images"),
        ({"model": {"name": "skeleton_net"}}, "skeleton_net wants skeletons"),
        ({"train": {"layers": "from conv9"}}, "layers to train are 'from conv9'"),
    ],
)
def test_samples_and_layers_that_do_not_fit_are_refused(parts, what):
    with pytest.raises(UsageError, match=what):
        model_of(**parts)
