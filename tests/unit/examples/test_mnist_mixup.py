"""The MNIST programs: fastai's net and mixup, the same training in every framework."""

import gzip
import json
import os
import re
import subprocess
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

torch = pytest.importorskip("torch")

from whydrop.augment import Mixed  # noqa: E402

FOLDER = Path(__file__).parents[3] / "examples" / "mnist_mixup"
MODULES = [path.stem for path in FOLDER.glob("*.py")]


@pytest.fixture
def example(monkeypatch):
    """Return a function that imports a program of the folder; all are forgotten afterwards."""
    monkeypatch.syspath_prepend(str(FOLDER))
    for name in MODULES:
        monkeypatch.delitem(sys.modules, name, raising=False)
    yield import_module
    for name in MODULES:
        sys.modules.pop(name, None)


def write(file: Path, array: np.ndarray) -> None:
    """Write a file in MNIST's format."""
    header = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes()
    file.write_bytes(gzip.compress(header + array.tobytes()))


@pytest.fixture(scope="module")
def mnist(tmp_path_factory) -> Path:
    """Return a folder like MNIST's: noise, brighter at the left for 3 and at the top for 7."""
    folder = tmp_path_factory.mktemp("mnist")
    random = np.random.default_rng(0)
    for part, n in (("train", 300), ("t10k", 90)):
        labels = np.resize(np.array([3, 1, 7], np.uint8), n)
        images = random.integers(0, 150, (n, 28, 28), dtype=np.uint8)
        images[labels == 3, :, :14] += 100
        images[labels == 7, :14] += 100
        write(folder / f"{part}-images-idx3-ubyte.gz", images)
        write(folder / f"{part}-labels-idx1-ubyte.gz", labels)
    return folder


@pytest.fixture
def digits(example, mnist):
    return [example("data").load(mnist, part) for part in ("train", "t10k")]


def curves(epochs) -> np.ndarray:
    return np.array([[e.train_loss, e.valid_loss, e.accuracy] for e in epochs])


def test_threes_and_sevens_are_read_with_three_equal_channels(digits):
    images, labels = digits[0]
    assert images.shape == (200, 3, 28, 28)
    assert (images[:, :1] == images).all()
    assert labels.tolist() == [0, 1] * 100
    assert images[0, 0, :, :14].mean() > images[0, 0, :, 14:].mean() + 50  # a three


@pytest.mark.skipif("WHYDROP_DATA" not in os.environ, reason="WHYDROP_DATA is not set")
def test_the_digits_are_those_of_mnist_sample(example):
    load, folder = example("data").load, Path(os.environ["WHYDROP_DATA"])
    sizes = [np.bincount(load(folder, part).labels).tolist() for part in ("train", "t10k")]
    assert sizes == [[6131, 6265], [1010, 1028]]  # as fastai's archive has them


def test_absent_and_broken_data_are_said(example, mnist, tmp_path):
    load = example("data").load
    with pytest.raises(SystemExit, match="no MNIST at"):
        load(tmp_path, "train")
    for kind in ("images-idx3", "labels-idx1"):
        whole = gzip.decompress((mnist / f"t10k-{kind}-ubyte.gz").read_bytes())
        (tmp_path / f"t10k-{kind}-ubyte.gz").write_bytes(gzip.compress(whole[:-1]))
    with pytest.raises(SystemExit, match="not whole"):
        load(tmp_path, "t10k")


def test_the_net_is_simple_cnn(example):
    settings = example("settings").Settings(seed=1)
    model = example("network").build(settings)
    assert [type(layer).__name__ for layer in model] == [
        *("Conv2d", "ReLU") * 3, "AdaptiveAvgPool2d", "Flatten",
    ]  # fmt: skip
    assert sum(p.numel() for p in model.parameters()) == (27 + 1) * 16 + (144 + 1) * (16 + 2)
    assert model(torch.rand(5, 3, 28, 28)).shape == (5, 2)
    kernel = model[2].weight  # of 2,304 values: their scale is known to 1.5 %
    other = torch.nn.init.kaiming_normal_(torch.empty_like(kernel))
    assert kernel.std().item() == pytest.approx(other.std().item(), rel=0.08)
    assert not any(layer.bias.any() for layer in model if hasattr(layer, "bias"))


def test_the_optimizer_is_fastais(example):
    settings = example("settings").Settings()
    (group,) = example("network").optimizer(torch.nn.Linear(2, 2), settings).param_groups
    assert len(group["params"]) == 2
    chosen = [group[name] for name in ("lr", "betas", "weight_decay")]
    assert chosen == [3e-3, (0.9, 0.99), 0.01]


def test_a_program_prints_a_line_an_epoch_and_repeats_itself(example, mnist, monkeypatch, capsys):
    flags = ("--alpha", "0.4", "--seed", "2", "--epochs", "2", "--data", str(mnist))
    monkeypatch.setattr(sys, "argv", ["plain.py", *flags])
    plain = example("plain")
    example("settings").run(plain.train)
    printed = capsys.readouterr().out
    line = r"epoch (\d) train_loss \d\.\d{4} valid_loss \d\.\d{4} accuracy [01]\.\d{4}"
    assert [re.fullmatch(line, row)[1] for row in printed.splitlines()] == ["1", "2"]
    example("settings").run(plain.train)
    assert capsys.readouterr().out == printed


def test_mixup_raises_the_training_loss(example, digits):
    settings, plain = example("settings"), example("plain")
    clean, mixed = (
        curves(plain.train(settings.Settings(alpha, epochs=25), *digits))[:, 0]
        for alpha in (0.0, 0.4)
    )
    assert mixed[-1] > clean[-1] + 0.1  # half of the pairs differ; their entropy is lost
    assert clean[-1] < clean[0]


@pytest.mark.filterwarnings("ignore:.*does not have many workers", "ignore:.*treespec, LeafSpec")
def test_lightning_trains_as_the_plain_loop(example, digits):
    import_module("tests.fixtures.torchvision_operators")
    pytest.importorskip("lightning")
    settings = example("settings").Settings(0.4, seed=3, epochs=2)
    expected = curves(example("plain").train(settings, *digits))
    seen = curves(example("with_lightning").train(settings, *digits))
    np.testing.assert_allclose(seen, expected, rtol=1e-5)


@pytest.mark.skipif(not find_spec("keras"), reason="needs Keras")
def test_keras_trains_as_the_plain_loop(example, digits, mnist, tmp_path):
    settings = example("settings").Settings(0.4, seed=3, epochs=2)
    expected = curves(example("plain").train(settings, *digits))
    flags = ("--alpha", "0.4", "--seed", "3", "--epochs", "2", "--data", str(mnist))
    done = subprocess.run(
        [sys.executable, str(FOLDER / "with_keras.py"), *flags],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"KERAS_BACKEND": "torch", "KERAS_HOME": str(tmp_path)},
    )
    seen = [list(map(float, re.findall(r"\d\.\d{4}", row))) for row in done.stdout.splitlines()]
    np.testing.assert_allclose(seen, expected, atol=1e-3)


def test_a_loss_averaged_first_gives_all_labels_the_mean_weight(example):
    logits = torch.tensor([[2.0, -1.0], [0.5, 1.0]], dtype=torch.float64)
    mixed = Mixed(torch.tensor([0, 1]), torch.tensor([1, 0]), torch.tensor([0.9, 0.6]))
    minus_log = np.log1p(np.exp([-3.0, 3.0, -0.5, 0.5]))  # of a: 1st, 3rd; of b: 2nd, 4th
    expected = 0.75 * minus_log[[0, 2]].mean() + 0.25 * minus_log[[1, 3]].mean()
    loss = example("averaged_first").loss
    assert loss(logits, mixed).item() == pytest.approx(expected)
    assert loss(logits, mixed.a).item() == pytest.approx(minus_log[[0, 2]].mean())


def test_a_repetition_goes_on_where_it_was(example, mnist, tmp_path, monkeypatch):
    file = tmp_path / "plain.json"
    flags = ("plain", "--epochs", "1", "--data", str(mnist), "--out", str(file), "--seeds")
    for seeds in ("1", "2"):
        monkeypatch.setattr(sys, "argv", ["repeat.py", *flags, seeds])
        before = json.loads(file.read_text())["trainings"] if file.exists() else []
        example("repeat").main()
        after = json.loads(file.read_text())["trainings"]
        assert after[: len(before)] == before
    trainings = [(one["alpha"], one["seed"]) for one in after]
    assert trainings == [(0.0, 0), (0.4, 0), (0.0, 1), (0.4, 1)]
    monkeypatch.setattr(sys, "argv", ["repeat.py", *flags, "2", "--epochs", "2"])
    with pytest.raises(SystemExit, match="other settings"):
        example("repeat").main()


def test_the_interval_is_students(example):
    values = np.random.default_rng(0).normal(size=10)
    low, high = stats.ttest_1samp(values, 0).confidence_interval(0.95)
    np.testing.assert_allclose(example("tables").mean(values), (values.mean(), low, high))


def test_the_page_shows_the_kept_results(example):
    tables = example("tables")
    page = (FOLDER / "README.md").read_text()
    assert f"```text\n{tables.text(tables.RESULTS)}```" in page
