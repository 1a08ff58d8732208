"""Data sets for Keras: what it trains on is what a plain loop makes, epoch by epoch."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from tests.fixtures.case_one import IMAGES, LABELS, pipeline, plain_loop

ROOT = Path(__file__).parents[4]
PROGRAM = "tests.fixtures.keras_batches"
pytestmark = pytest.mark.skipif(not find_spec("keras"), reason="needs Keras")


@pytest.fixture(scope="module", params=["torch", "jax"])
def kept(request, tmp_path_factory) -> dict[str, np.ndarray]:
    """Return what ``tests/fixtures/keras_batches.py`` writes with a backend."""
    if not find_spec(request.param):
        pytest.skip(f"{request.param} is not installed")
    folder = tmp_path_factory.mktemp(request.param)
    done = subprocess.run(
        [sys.executable, "-m", PROGRAM, str(folder / "kept.npz")],
        cwd=ROOT,
        env=os.environ | {"KERAS_BACKEND": request.param, "KERAS_HOME": str(folder)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return dict(np.load(folder / "kept.npz"))


def is_of_epochs(kept, name: str, *epochs: int, batches: int = 3) -> bool:
    """Return whether batches are those of a plain loop, bit by bit, and there are no others."""
    expected = [batch for epoch in epochs for batch in plain_loop(epoch)[:batches]]
    for number, batch in enumerate(expected):
        images, targets = (kept[f"{name} {number} {part}"] for part in ("images", "targets"))
        assert images.dtype == targets.dtype == np.float32
        np.testing.assert_array_equal(images, batch.images.transpose(0, 2, 3, 1))
        np.testing.assert_array_equal(targets, batch.targets.soft(10))
    return f"{name} {len(expected)} images" not in kept


def test_fit_trains_on_the_batches_of_a_plain_loop(kept):
    assert is_of_epochs(kept, "two epochs", 0, 1)


def test_a_second_fit_goes_on_with_the_next_epoch(kept):
    assert is_of_epochs(kept, "third epoch", 2)


def test_threads_channels_last_and_labels_in_a_column_change_nothing(kept):
    assert is_of_epochs(kept, "threads", 0, 1)


def test_training_goes_on_from_an_epoch_without_the_last_small_batch(kept):
    assert is_of_epochs(kept, "resumed", 1, batches=2)


def test_evaluation_has_no_chance_and_keeps_the_order_of_the_data(kept):
    expected = pipeline().evaluation(IMAGES).images.transpose(0, 2, 3, 1)
    images = np.concatenate([kept[f"evaluation {n} images"] for n in range(3)])
    np.testing.assert_array_equal(images, expected)
    targets = np.concatenate([kept[f"evaluation {n} targets"] for n in range(3)])
    np.testing.assert_array_equal(targets, np.eye(10)[LABELS])
    assert kept["predicted"].tolist() == [22, 10]


def test_images_come_in_the_format_that_keras_is_set_to(kept):
    np.testing.assert_array_equal(kept["channels first 0 images"], plain_loop(0)[0].images)


def test_an_epoch_ends_when_all_its_batches_were_seen(kept):
    assert kept["epochs of one batch"].tolist() == [0, 1, 2]
    assert kept["epoch after three steps"] == 1


def test_workers_of_keras_are_refused(kept):
    assert "give threads= instead" in str(kept["workers"])
