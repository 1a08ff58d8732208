"""Training accuracy over several batches beside mixed_accuracy of all of them."""

import numpy as np
import pytest
import torch

from whydrop.augment.accuracy import mixed_accuracy
from whydrop.augment.targets import Mixed
from whydrop.training.training_accuracy import TrainingAccuracy, accuracy_columns

rng = np.random.default_rng(3)
N, CLASSES = 50, 4
LOGITS = torch.from_numpy(rng.standard_normal((N, CLASSES)))
A, B = (torch.from_numpy(rng.integers(0, CLASSES, N)) for _ in range(2))
LAM = torch.from_numpy(rng.random(N).astype(np.float32))
LAM[::3] = 1.0
CUT = [slice(0, 20), slice(20, 40), slice(40, 50)]


def columns(targets):
    accuracy = TrainingAccuracy()
    for rows in CUT:
        accuracy.add(LOGITS[rows], targets(rows))
    return accuracy_columns(accuracy.sums())


def mixed(rows):
    return Mixed(A[rows], B[rows], LAM[rows])


def test_of_plain_labels_it_is_the_share_that_is_right():
    right = (LOGITS.argmax(1) == A).double().mean().item()
    assert columns(lambda rows: A[rows]) == {"train_top1": pytest.approx(right)}


def test_of_mixed_labels_it_is_what_mixed_accuracy_tells_of_all():
    seen = mixed_accuracy(LOGITS, mixed(slice(None)))
    assert columns(mixed) == {
        "train_top1": pytest.approx(seen.weighted_points / 100),
        "train_top1_highest": pytest.approx(seen.highest_points / 100),
        "train_top1_clean": pytest.approx(seen.clean_points / 100),
        "train_clean_share": pytest.approx(seen.clean_share),
    }


@pytest.mark.parametrize("as_mixed", [False, True], ids=["rows", "mixed rows"])
def test_of_rows_it_is_the_same(as_mixed):
    def rows(part):
        if not as_mixed:
            return mixed(part).soft(CLASSES)
        one_hot = torch.eye(CLASSES)
        return Mixed(one_hot[A[part]], one_hot[B[part]], LAM[part])

    ids, soft = columns(mixed), columns(rows)
    # rows of one class count as unmixed, whoever they were mixed with
    assert soft["train_top1"] == pytest.approx(ids["train_top1"])
    assert soft["train_top1_highest"] == pytest.approx(ids["train_top1_highest"])
    clean = (LAM == 1) | (A == B)
    right = (LOGITS.argmax(1) == A)[clean].double().mean().item()
    assert soft["train_top1_clean"] == pytest.approx(right)


def test_without_unmixed_samples_there_is_no_clean_accuracy():
    accuracy = TrainingAccuracy()
    accuracy.add(LOGITS[:2], Mixed(A[:2], B[:2], torch.tensor([0.6, 0.7])))
    assert np.isnan(accuracy_columns(accuracy.sums())["train_top1_clean"])
