"""The plan of an expansion: what changes besides the number of images."""

import numpy as np
import pytest

from whydrop.augment import plan_expansion
from whydrop.core.errors import UsageError

# The case that asks for it: 200 classes of 30 to 45 images, expanded to 256 a class.
COUNTS = 30 + np.arange(200) % 16
LABELS = np.repeat(np.arange(200), COUNTS)


def test_images_and_steps_are_counted_before_and_after():
    plan = plan_expansion(LABELS, 256, batch_size=32)
    assert plan.before == tuple(COUNTS.tolist()) and plan.after == (256,) * 200
    assert plan.steps_before == len(range(0, len(LABELS), 32))
    assert plan.steps_after == 200 * 256 // 32


def test_without_an_evaluation_set_shares_are_compared_with_the_original_ones():
    plan = plan_expansion(LABELS, 256, batch_size=32)
    assert plan.shift_before.total_variation == plan.shift_before.log_odds == 0
    assert plan.shift_after.log_odds == pytest.approx(np.log(45 / 30))
    assert plan.classes[plan.shift_after.more] % 16 == 0
    assert plan.classes[plan.shift_after.fewer] % 16 == 15


def test_an_evaluation_set_of_equal_classes_is_nearer_after_than_before():
    plan = plan_expansion(LABELS, 256, batch_size=32, evaluation_labels=np.arange(200).repeat(9))
    assert plan.shift_before.log_odds == pytest.approx(np.log(45 / 30))
    assert plan.shift_after.log_odds == pytest.approx(0, abs=1e-12)
    assert plan.shift_after.total_variation == pytest.approx(0, abs=1e-12)


def test_a_larger_class_is_said_to_lose_images_or_to_stay_larger():
    subset = plan_expansion(LABELS, 40, batch_size=8, among=np.arange(len(LABELS)))
    left = sum(n - 40 for n in COUNTS.tolist() if n > 40)
    assert subset.after == (40,) * 200
    (warning,) = subset.warnings
    assert f"{left:,} images are left out" in warning
    kept = plan_expansion(LABELS, 40, batch_size=8, larger="keep", among=np.arange(len(LABELS)))
    assert kept.after == tuple(max(n, 40) for n in COUNTS.tolist())
    assert "not equal afterwards" in kept.warnings[0]


def test_expanding_before_a_split_is_warned_of_unless_the_training_part_is_named():
    assert "split first" in plan_expansion(LABELS, 256, batch_size=32).warnings[0]
    part = plan_expansion(LABELS, 256, batch_size=32, among=np.arange(0, len(LABELS), 2))
    assert part.warnings == ()
    assert sum(part.before) == -(-len(LABELS) // 2)


def test_a_class_of_the_evaluation_set_without_training_images_is_named():
    plan = plan_expansion([0, 0, 2], 4, batch_size=2, evaluation_labels=[0, 1, 2, 9])
    assert plan.classes == (0, 1, 2, 9) and plan.after == (4, 0, 4, 0)
    assert "2 classes have no training image to copy: 1, 9." in plan.warnings


def test_the_page_says_numbers_shift_and_equal_steps():
    page = str(plan_expansion([0] * 30 + [1] * 45, 256, batch_size=32))
    assert "512" in page and "30 to 45" in page and "evaluation" in page
    assert "Against class 1, class 0 has 1.5 times the odds of the original shares." in page
    assert "5.33 times the steps: 3.75 epochs afterwards are as many as 20 before." in page


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"batch_size": 0}, "batch_size is 0"),
        ({"batch_size": 8, "evaluation_labels": [900]}, "no class is in the training images"),
        ({"batch_size": 8, "evaluation_labels": [0.5]}, "dtype float64"),
    ],
)
def test_a_plan_of_nothing_is_refused(how, message):
    with pytest.raises(UsageError, match=message):
        plan_expansion(LABELS, 256, **how)
