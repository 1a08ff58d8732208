"""The CIFAR-10 program: each flag does what the question describes, and nothing else."""

import argparse
import io
import re
import sys
import zipfile
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

torch = pytest.importorskip("torch")

FOLDER = Path(__file__).parents[3] / "examples" / "cifar_augmentation"


@pytest.fixture
def program(monkeypatch) -> ModuleType:
    """Return train.py as a module; it and its data.py are forgotten afterwards."""
    monkeypatch.syspath_prepend(str(FOLDER))
    for name in ("train", "data"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    import train

    yield train
    for name in ("train", "data"):
        sys.modules.pop(name, None)


@pytest.fixture
def options(program, monkeypatch):
    def read(*flags: str) -> argparse.Namespace:
        monkeypatch.setattr(sys, "argv", ["train.py", *flags])
        return program.parse_arguments()

    return read


@pytest.fixture(scope="module")
def batches(tmp_path_factory) -> Path:
    """Return a folder of binary batches with 40 images in each."""
    folder = tmp_path_factory.mktemp("cifar") / "cifar-10-batches-bin"
    folder.mkdir()
    random = np.random.default_rng(0)
    for name in (*(f"data_batch_{i}.bin" for i in range(1, 6)), "test_batch.bin"):
        records = random.integers(0, 256, (40, 3073), np.uint8)
        records[:, 0] = np.arange(40) % 10
        records.tofile(folder / name)
    return folder.parent


def images(n: int) -> np.ndarray:
    return np.random.default_rng(1).integers(1, 256, (n, 3, 32, 32), np.uint8)


def test_a_crop_is_a_window_of_the_image_with_a_black_border(program):
    raw = torch.from_numpy(images(2))
    moved = program.shifted(raw, np.array([[4, 4], [0, 7]]), pad=4)
    assert torch.equal(moved[0], raw[0])
    # four pixels of black above; three pixels of the image are lost at the left
    assert torch.equal(moved[1][:, 4:, :29], raw[1][:, :28, 3:])
    assert not moved[1][:, :4].any()
    assert not moved[1][:, :, 29:].any()


def test_a_hole_is_centred_and_clipped_at_the_border(program):
    holes = program.holes(np.array([[16, 16], [0, 0], [31, 16]]), side=16)
    assert holes.flatten(1).sum(1).tolist() == [16 * 16, 8 * 8, 9 * 16]
    assert holes[1, 0, 0, 0]
    assert not holes[0, 0, 0, 0]


def test_cutout_leaves_the_mean_and_not_black(program, options):
    changed = program.Augmentation(options("--cutout", "16", "--no-flip"), stream=0)(images(8))
    clean = program.to_float(torch.from_numpy(images(8)), normalise=True)
    hole = changed != clean
    assert hole.any()
    assert not changed[hole].any()


def test_switching_one_augmentation_on_does_not_move_the_draws_of_another(program, options):
    raw = images(64)
    alone = program.Augmentation(options("--cutout", "16"), stream=0)(raw)
    beside = program.Augmentation(options("--cutout", "16", "--crop", "4"), stream=0)(raw)
    assert torch.equal((alone == 0).all(1), (beside == 0).all(1))


def test_validation_draws_are_not_those_of_the_training(program, options):
    chosen = options("--crop", "4")
    raw = images(16)
    first, second = (program.Augmentation(chosen, stream=stream)(raw) for stream in (0, 1))
    assert not torch.equal(first, second)


@pytest.mark.parametrize(
    ("scope", "decayed"), [("all", 14), ("kernels", 4), ("none", 0)]
)  # 4 layers with weight and bias, 3 BatchNorms with two parameters: 14 in all
def test_decay_reaches_the_parameters_of_its_scope(program, options, scope, decayed):
    chosen = options("--decay", scope, "--width", "0.05")
    optimizer = program.build_optimizer(program.build(chosen), chosen)
    reached = [len(g["params"]) for g in optimizer.param_groups if g["weight_decay"] == 0.0005]
    assert sum(reached) == decayed
    assert sum(len(g["params"]) for g in optimizer.param_groups) == 14


def test_the_square_pulls_a_kernel_twice_as_hard_as_weight_decay(program, options):
    model = program.build(options("--width", "0.05"))
    program.penalty(model, "square").backward()
    torch.testing.assert_close(model.conv2.weight.grad, 2 * 0.0005 * model.conv2.weight)
    assert model.conv2.bias.grad is None


def test_the_norm_pulls_a_layer_with_the_same_force_however_large_it_is(program, options):
    model = program.build(options("--width", "0.05"))
    with torch.no_grad():
        model.conv2.weight *= 100
    program.penalty(model, "norm").backward()
    for layer in (model.conv1, model.conv2):
        pull = torch.cat([p.grad.flatten() for p in layer.parameters()]).norm()
        assert pull.item() == pytest.approx(0.0005, rel=1e-4)


def test_softmax_inside_gives_probabilities(program, options):
    batch = torch.from_numpy(images(4)).float()
    inside = program.build(options("--softmax", "--width", "0.05"))(batch)
    torch.testing.assert_close(inside.sum(1), torch.ones(4))


def test_the_keras_initialisation_is_glorot_uniform_with_zero_biases(program, options):
    model = program.build(options("--init", "keras"))
    bound = (6 / (9 * 64 + 9 * 128)) ** 0.5  # Glorot and Bengio (2010), equation 16
    assert model.conv2.weight.abs().max().item() == pytest.approx(bound, rel=0.01)
    assert not model.linear.bias.any()


def test_a_fraction_takes_from_the_training_images_and_never_the_held_out_tenth(program):
    labels = np.arange(100)
    samples = program.Samples(np.zeros((100, 3, 32, 32), np.uint8), labels)
    few, held_out = program.split(samples, 0.2)
    most, same = program.split(samples, 1.0)
    assert (len(few.labels), len(most.labels), len(held_out.labels)) == (18, 90, 10)
    assert set(few.labels) < set(most.labels)
    assert set(most.labels) == set(range(100)) - set(held_out.labels)
    assert np.array_equal(held_out.labels, same.labels)


def test_an_archive_is_decoded_once_and_then_read_from_the_cache(program, tmp_path, monkeypatch):
    image = pytest.importorskip("PIL.Image")
    jpegs = []
    for shade in (10, 200):
        file = io.BytesIO()
        image.new("RGB", (32, 32), (shade, shade, shade)).save(file, "JPEG")
        jpegs.append(file.getvalue())
    header = jpegs[0][:20]
    bodies = [jpeg[20:] for jpeg in jpegs]
    with zipfile.ZipFile(tmp_path / "cifar10-jpeg.zip", "w") as archive:
        archive.writestr("header.bin", header)
        archive.writestr("train/body.bin", b"".join(bodies))
        ends = np.cumsum([0, *map(len, bodies)]).astype("<u4")
        archive.writestr("train/offsets.u4", ends.tobytes())
        archive.writestr("train/labels.u1", bytes([3, 7]))
    first = program.load(tmp_path, "train", tmp_path / "cache")
    assert first.labels.tolist() == [3, 7]
    assert np.abs(first.images[:, 0, 0, 0].astype(int) - [10, 200]).max() <= 2
    monkeypatch.setattr(sys.modules["data"], "_decode", None)
    again = program.load(tmp_path, "train", tmp_path / "cache")
    assert np.array_equal(first.images, again.images)
    assert not list((tmp_path / "cache").glob("*.part"))


def test_binary_batches_are_read_in_order(program, batches):
    training = program.load(batches, "train", batches)
    assert training.images.shape == (200, 3, 32, 32)
    assert training.labels[:12].tolist() == [*range(10), 0, 1]


def test_absent_data_is_said_with_the_place(program, tmp_path):
    with pytest.raises(SystemExit, match=f"no CIFAR-10 at {tmp_path}"):
        program.load(tmp_path, "train", tmp_path)


def test_the_bad_run_prints_a_line_an_epoch_and_repeats_itself(
    program, batches, monkeypatch, capsys
):
    flags = (
        *("--data", str(batches), "--batch", "32", "--epochs", "2", "--width", "0.05"),
        *("--softmax", "--decay", "all", "--penalty", "norm", "--crop", "4", "--cutout", "16"),
        *("--translate", "0.125", "--mixup", "1", "--val-transform", "training"),
    )
    monkeypatch.setattr(sys, "argv", ["train.py", *flags])
    program.main()
    printed = capsys.readouterr().out
    shape = re.compile(r"epoch (\d) train_loss \d\.\d{4} val_acc [01]\.\d{4}")
    assert [shape.fullmatch(line)[1] for line in printed.splitlines()] == ["1", "2"]
    program.main()
    assert capsys.readouterr().out == printed


@pytest.mark.parametrize(("schedule", "last"), [("linear", 0.0), ("constant", 0.02)])
def test_a_falling_learning_rate_ends_at_nothing_and_a_constant_one_stays(
    program, batches, monkeypatch, capsys, schedule, last
):
    flags = ("--data", str(batches), "--batch", "32", "--epochs", "2", "--width", "0.05")
    monkeypatch.setattr(sys, "argv", ["train.py", *flags, "--lr", "0.02", "--schedule", schedule])
    made = []
    build = program.build_optimizer
    monkeypatch.setattr(program, "build_optimizer", lambda *a: made.append(build(*a)) or made[0])
    program.main()
    assert made[0].param_groups[0]["lr"] == pytest.approx(last)
    assert "epoch 2" in capsys.readouterr().out
