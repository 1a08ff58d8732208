"""Networks by name: only from modules that were allowed, and from timm's own list."""

import importlib
import sys
from types import SimpleNamespace

import pytest
import torch

from whydrop.core.errors import MissingExtra, UsageError
from whydrop.training.models.named import from_module, from_timm


@pytest.fixture
def module(tmp_path, monkeypatch):
    text = """
from torch import nn
print("imported")
def net(width=2): return nn.Linear(4, width)
def text(): return "a net"
"""
    (tmp_path / "my_nets.py").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    yield "my_nets"
    sys.modules.pop("my_nets", None)


def test_a_module_that_is_not_allowed_is_not_even_imported(module, monkeypatch, capsys):
    monkeypatch.setenv("WHYDROP_ALLOW_MODULES", "my_nets_too, other")
    with pytest.raises(UsageError, match="would run code of the module 'my_nets'") as caught:
        from_module("my_nets:net", {})
    assert "WHYDROP_ALLOW_MODULES=my_nets" in caught.value.do
    assert "my_nets" not in sys.modules and not capsys.readouterr().out


def test_an_allowed_module_gives_its_network(module, monkeypatch):
    monkeypatch.setenv("WHYDROP_ALLOW_MODULES", "other, my_nets")
    assert from_module("my_nets:net", {"width": 7})(torch.zeros(1, 4)).shape == (1, 7)


@pytest.mark.parametrize(
    ("name", "options", "what"),
    [
        ("my_nets:nett", {}, "no callable 'nett'"),
        ("my_nets:net", {"with": 2}, "cannot be called"),
        ("my_nets:text", {}, "returned a str"),
        ("my_nets.deeper:net", {}, "cannot be imported"),
    ],
)
def test_what_is_no_network_is_refused(name, options, what, module, monkeypatch):
    monkeypatch.setenv("WHYDROP_ALLOW_MODULES", "my_nets")
    with pytest.raises(UsageError, match=what):
        from_module(name, options)


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("1 / 0", 1, "importing broken_nets raised ZeroDivisionError: division by zero"),
        ("import sys\nsys.exit(3)", 2, "importing broken_nets raised SystemExit: 3"),
        ("x = 1\nclass Net(", 2, "importing broken_nets raised SyntaxError: "),
        (
            "def Net(width):\n    raise ValueError(f'no\\nwidth {width}')",
            2,
            "Net with {'width': 3} raised ValueError: no\nwidth 3",
        ),
        ("def Net(width):\n    return {}[width]", 2, "Net with {'width': 3} raised KeyError: 3"),
    ],
)
def test_what_a_module_raises_is_one_error_with_its_line(text, line, what, tmp_path, monkeypatch):
    (tmp_path / "broken_nets.py").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("WHYDROP_ALLOW_MODULES", "broken_nets")
    sys.modules.pop("broken_nets", None)
    importlib.invalidate_caches()
    with pytest.raises(UsageError) as caught:
        from_module("broken_nets:Net", {"width": 3})
    sys.modules.pop("broken_nets", None)
    assert caught.value.what.startswith(what)
    assert caught.value.where.endswith(f"broken_nets.py:{line}")
    assert caught.value.__cause__ is not None


def test_timm_gives_only_models_of_its_list(monkeypatch):
    made = []

    def create_model(name, **options):
        made.append((name, options))
        return torch.nn.Identity()

    timm = SimpleNamespace(list_models=lambda: ["resnet18"], create_model=create_model)
    monkeypatch.setitem(sys.modules, "timm", timm)
    assert isinstance(from_timm("resnet18", 10), torch.nn.Identity)
    assert made == [("resnet18", {"pretrained": False, "num_classes": 10, "in_chans": 3})]
    with pytest.raises(UsageError, match="no model 'hf-hub:stranger/net'"):
        from_timm("hf-hub:stranger/net", 10)
    with pytest.raises(UsageError) as caught:
        from_timm("resnet19", 10)
    assert "resnet18" in caught.value.do


def test_without_timm_its_models_say_how_to_get_them(monkeypatch):
    monkeypatch.setitem(sys.modules, "timm", None)
    with pytest.raises(MissingExtra) as caught:
        from_timm("resnet18", 10)
    assert caught.value.do == "pip install timm"
