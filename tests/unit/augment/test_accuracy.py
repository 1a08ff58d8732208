"""Accuracy under mixing, counted by hand."""

import numpy as np
import pytest
import torch

from whydrop.augment.accuracy import mixed_accuracy
from whydrop.augment.targets import Mixed
from whydrop.core.errors import UsageError

A = np.array([0, 1, 2, 2])
B = np.array([1, 1, 0, 0])
LAM = np.array([0.75, 0.5, 1.0, 0.25], np.float32)
PREDICTED = np.array([1, 1, 2, 1])
# right: .25 + 1 + 1 + 0 of 4; the best prediction gets .75 + 1 + 1 + .75


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
@pytest.mark.parametrize("rows", [False, True], ids=["ids", "rows"])
def test_either_label_counts_by_its_weight(dtype, rows):
    logits = torch.from_numpy(np.eye(3)[PREDICTED]).to(getattr(torch, dtype))
    labels = (np.eye(3)[A], np.eye(3)[B]) if rows else (A, B)
    seen = mixed_accuracy(logits, Mixed(*labels, LAM).to("cpu"))
    assert seen.weighted_points == pytest.approx(100 * 2.25 / 4)
    assert seen.highest_points == pytest.approx(100 * 3.5 / 4)
    assert (seen.clean_share, seen.clean_points) == (0.25, 100.0)


def test_without_clean_samples_there_is_no_clean_accuracy():
    seen = mixed_accuracy(np.eye(3)[PREDICTED[:2]], Mixed(A[:2], B[:2], LAM[:2]))
    assert (seen.clean_share, seen.clean_points) == (0.0, None)


def test_ignored_labels_count_neither_way():
    a, b = A.copy(), B.copy()
    a[2], b[0] = -1, -1
    seen = mixed_accuracy(np.eye(3)[PREDICTED], Mixed(a, b, LAM), ignore_index=-1)
    # counted: .75 of sample 0, all of 1 and 3, none of 2; right: 0 + 1 + 0
    assert seen.weighted_points == pytest.approx(100 * 1 / 2.75)
    assert (seen.clean_share, seen.clean_points) == (0.0, None)


@pytest.mark.parametrize(
    ("logits", "a", "options", "said"),
    [
        (np.eye(3)[PREDICTED], A + 1, {}, "label 3 is not one of 3 classes"),
        (np.eye(3)[PREDICTED][:2], A, {}, "targets 4 samples"),
        (np.eye(3)[PREDICTED], np.ones((4, 3)), {}, "add up to 3"),
        (np.eye(3)[PREDICTED], np.full(4, -1), {"ignore_index": -1}, "all labels are -1"),
    ],
)
def test_labels_that_do_not_fit_are_refused(logits, a, options, said):
    with pytest.raises(UsageError, match=said):
        mixed_accuracy(logits, Mixed(a, a, LAM), **options)
