"""Softened labels against the formula in float64, through every form of target."""

import numpy as np
import pytest
import torch

from whydrop.augment import (
    CutMix,
    Cutout,
    HorizontalFlip,
    Mixed,
    MixLoss,
    MixUp,
    PadCrop,
    Pipeline,
)
from whydrop.augment.accuracy import mixed_accuracy
from whydrop.augment.soften import softened
from whydrop.core.errors import UsageError

N, K = 40, 10
SIZE = (24, 24)
LABELS = np.random.default_rng(0).integers(0, K, N)
INDEX = np.random.default_rng(1).permutation(500)[:N]
WHITE = np.ones((N, 1, *SIZE), np.float32)
HIDING = [PadCrop(4), HorizontalFlip(), Cutout(10)]


def seen():
    """Return (n,): the share of white pixels that are left, which the model sees."""
    made = Pipeline(HIDING)(WHITE, index=INDEX).images
    return made.mean(axis=(1, 2, 3)).astype(np.float64)


def by_hand(v, power):
    """Return the rows of the paper: p for the label's class, the rest shared by the others."""
    p = 1 - (1 - 1 / K) * (1 - v) ** power
    rows = np.repeat(((1 - p) / (K - 1))[:, None], K, axis=1)
    rows[np.arange(N), LABELS] = p
    return rows


@pytest.mark.parametrize("power", [1, 1.5, 4])
@pytest.mark.parametrize("target", ["pairs", "soft"])
@pytest.mark.parametrize("kind", [np.asarray, torch.as_tensor], ids=["numpy", "torch"])
def test_a_label_counts_what_the_paper_says_for_the_pixels_that_are_left(power, target, kind):
    augment = Pipeline(HIDING, classes=K, soften=power, target=target)
    rows = augment(kind(WHITE), kind(LABELS), index=INDEX).targets
    assert type(rows) is type(kind(LABELS))
    assert np.asarray(rows).dtype == np.float32
    np.testing.assert_allclose(np.asarray(rows), by_hand(seen(), power), atol=1e-6)


def test_the_ends_of_the_line_are_the_label_and_chance():
    rows = softened(np.array([2, 2]), np.array([1.0, 0.0]), classes=4, power=3).rows
    np.testing.assert_array_equal(rows, [[0, 0, 1, 0], [0.25] * 4])


def test_both_labels_of_a_mixed_sample_are_softened_by_their_own_images():
    pairs = Pipeline([*HIDING, MixUp()], classes=K, soften=1)(WHITE, LABELS, index=INDEX).targets
    assert isinstance(pairs, Mixed)
    own = by_hand(seen(), 1)
    drawn = Pipeline([*HIDING, MixUp()], classes=K).draws(SIZE, index=INDEX)["MixUp"]
    np.testing.assert_allclose(pairs.a, own, atol=1e-6)
    np.testing.assert_allclose(pairs.b, own[drawn["partner"]], atol=1e-6)
    np.testing.assert_array_equal(pairs.lam, drawn["lam"])
    rows = Pipeline([*HIDING, MixUp()], classes=K, soften=1, target="soft")
    lam = drawn["lam"][:, None].astype(float)
    expected = lam * own + (1 - lam) * own[drawn["partner"]]
    np.testing.assert_allclose(rows(WHITE, LABELS, index=INDEX).targets, expected, atol=1e-6)


def test_what_a_pasted_box_hides_softens_nothing():
    plain = Pipeline(HIDING, classes=K, soften=1)(WHITE, LABELS, index=INDEX).targets
    mixed = Pipeline([*HIDING, CutMix()], classes=K, soften=1)(WHITE, LABELS, index=INDEX).targets
    np.testing.assert_array_equal(mixed.a, plain)


def test_smoothing_in_the_pipeline_is_spread_once_over_the_softened_rows():
    augment = Pipeline(HIDING, classes=K, soften=2, target="soft", smoothing=0.1)
    rows = augment(WHITE, LABELS, index=INDEX).targets
    np.testing.assert_allclose(rows, 0.9 * by_hand(seen(), 2) + 0.1 / K, atol=1e-6)
    alone = augment(WHITE[:1], LABELS[:1], index=INDEX[:1]).targets
    np.testing.assert_array_equal(alone, rows[:1])


def test_rows_given_as_labels_keep_their_sums():
    many = (np.arange(N * K).reshape(N, K) % 3 == 0).astype(np.float32)
    rows = Pipeline(HIDING, classes=K, soften=1)(WHITE, many, index=INDEX).targets
    v = seen()[:, None]
    expected = v * many + (1 - v) * many.sum(1, keepdims=True) / K
    np.testing.assert_allclose(rows, expected, atol=1e-6)


def test_the_loss_is_the_cross_entropy_with_the_softened_rows():
    made = Pipeline([*HIDING, MixUp()], classes=K, soften=1)(
        torch.as_tensor(WHITE), torch.as_tensor(LABELS), index=INDEX
    )
    logits = torch.randn(N, K, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    rows = made.targets.soft(K).double()
    expected = -(rows * logits.log_softmax(1)).sum(1).mean()
    loss = MixLoss(torch.nn.CrossEntropyLoss())(logits, made.targets)
    assert float(loss) == pytest.approx(float(expected), abs=1e-7)


def test_training_accuracy_counts_the_labels_that_softened_rows_came_from():
    made = Pipeline([*HIDING, MixUp()], classes=K, soften=2)(WHITE, LABELS, index=INDEX).targets
    drawn = Pipeline([*HIDING, MixUp()], classes=K).draws(SIZE, index=INDEX)["MixUp"]
    right = np.where(LABELS[drawn["partner"]] == LABELS, 1.0, drawn["lam"])
    told = mixed_accuracy(np.eye(K)[LABELS], made)
    assert told.weighted_points == pytest.approx(100 * right.mean())


@pytest.mark.parametrize("n", [1, N])
def test_a_loss_that_smooths_besides_is_refused_at_the_first_batch_of_any_size(n):
    made = Pipeline([*HIDING, MixUp()], classes=K, soften=1)(
        torch.as_tensor(WHITE[:n]), torch.as_tensor(LABELS[:n]), index=INDEX[:n]
    )
    with pytest.raises(UsageError, match=r"smoothed by 0\.\d+ already"):
        MixLoss(torch.nn.CrossEntropyLoss(label_smoothing=0.1))(torch.zeros(n, K), made.targets)


@pytest.mark.filterwarnings("ignore::whydrop.augment.VisibilityWarning")
def test_an_image_of_which_nothing_is_left_says_nothing_of_its_class():
    targets = Pipeline([Cutout(100), MixUp()], classes=K, soften=1)(
        WHITE, LABELS, index=INDEX
    ).targets
    np.testing.assert_allclose(targets.a, 1 / K, atol=1e-7)


def test_evaluation_and_pipelines_that_hide_nothing_leave_labels_whole():
    augment = Pipeline(HIDING, classes=K, soften=1)
    assert augment.evaluation(WHITE, LABELS).targets is LABELS
    flips = Pipeline([HorizontalFlip()], classes=K, soften=1)(WHITE, LABELS, index=INDEX).targets
    np.testing.assert_array_equal(flips, np.eye(K)[LABELS])


@pytest.mark.parametrize("power", [0, -1, float("inf"), float("nan"), True, "1"])
def test_a_power_that_is_none_is_refused(power):
    with pytest.raises(UsageError, match="soften is"):
        Pipeline(HIDING, classes=K, soften=power)


def test_softening_needs_the_number_of_classes():
    with pytest.raises(UsageError, match="rows of all classes"):
        Pipeline(HIDING, soften=1)
