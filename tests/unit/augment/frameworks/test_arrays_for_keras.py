"""Arrays for Keras: formats are seen or asked for, labels become rows."""

import numpy as np
import pytest

from whydrop.augment import MixUp, Normalize, Pipeline
from whydrop.augment.frameworks.arrays_for_keras import source
from whydrop.core.errors import UsageError

FIRST = np.random.default_rng(0).integers(0, 256, (6, 3, 8, 9), dtype=np.uint8)
LAST = FIRST.transpose(0, 2, 3, 1)
LABELS = np.array([0, 2, 1, 1, 0, 2])
CLEAN = Pipeline([Normalize((0.5,), (0.5,))], classes=3)
OPTIONS = {"batch_size": 2, "given": None, "wanted": "channels_last"}


@pytest.mark.parametrize("images", [FIRST, LAST, LAST / np.float32(255)])
@pytest.mark.parametrize("wanted", ["channels_first", "channels_last"])
def test_either_format_comes_out_as_wanted(images, wanted):
    samples = source(CLEAN, images, LABELS, **{**OPTIONS, "wanted": wanted})
    made, targets = samples.batch(np.array([4, 1]), epoch=0)
    expected = (FIRST if wanted == "channels_first" else LAST)[[4, 1]] / 127.5 - 1
    np.testing.assert_allclose(made, expected, atol=1e-6)
    np.testing.assert_array_equal(targets, [[1, 0, 0], [0, 0, 1]])
    assert made.dtype == targets.dtype == np.float32
    assert made.flags.c_contiguous


def test_images_that_do_not_show_their_format_are_asked_about():
    small = np.zeros((5, 3, 32, 4), np.uint8)
    with pytest.raises(UsageError, match="do not show where their channels are"):
        source(CLEAN, small, None, **OPTIONS)
    given = {**OPTIONS, "given": "channels_last"}
    assert source(CLEAN, small, None, **given).batch(np.arange(5), 0)[0].shape == (5, 3, 32, 4)


def test_rows_pairs_and_stacked_images_are_taken():
    rows = np.eye(3)[LABELS] * 0.9 + 0.1 / 3
    made = source(CLEAN, FIRST, rows, **OPTIONS).batch(np.arange(6), 0)[1]
    np.testing.assert_allclose(made, rows, atol=1e-7)
    for target in ("pairs", "soft"):
        mixing = Pipeline([MixUp(1.0)], classes=3, target=target)
        lam = mixing.draws((8, 9), index=np.arange(6))["MixUp"]
        expected = np.eye(3)[LABELS] * lam["lam"][:, None]
        expected += np.eye(3)[LABELS[lam["partner"]]] * (1 - lam["lam"][:, None])
        made = source(mixing, FIRST, LABELS, **OPTIONS).batch(np.arange(6), 0)[1]
        np.testing.assert_allclose(made, expected, atol=1e-7)
    stacking = Pipeline([MixUp(1.0, stack_images=True)], classes=3)
    stacked = source(stacking, LAST, LABELS, **OPTIONS).batch(np.arange(6), 0)[0]
    assert stacked.shape == (6, 2, 8, 9, 3)
    np.testing.assert_allclose(stacked[:, 0], LAST / 255, atol=1e-6)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"images": FIRST[0]}, r"images have shape \(3, 8, 9\)"),
        ({"images": [[1]]}, r"images have shape \(\)"),
        ({"batch_size": 0}, "batch_size is 0"),
        ({"given": "NCHW"}, "data_format is 'NCHW'"),
        ({"labels": LABELS[:5]}, r"labels have shape \(5,\) for 6 images"),
        ({"labels": LABELS + 1}, "labels go from 1 to 3"),
        ({"augment": Pipeline([])}, "the number of classes is missing"),
    ],
)
def test_what_does_not_fit_together_is_refused(given, message):
    values = {"augment": CLEAN, "images": FIRST, "labels": LABELS, **OPTIONS, **given}
    with pytest.raises(UsageError, match=message):
        source(**values)
