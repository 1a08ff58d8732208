"""Samples: checked once, then copied in parts."""

import numpy as np
import pytest

from whydrop.core.errors import UsageError
from whydrop.training.samples import Samples

IMAGES = np.arange(5 * 2, dtype=np.uint8).reshape(5, 1, 1, 2)
LABELS = np.array([2, 0, 2, 1, 2], dtype=np.uint8)
SAMPLES = Samples(IMAGES, LABELS, ("ant", "bee", "cow"))


def test_labels_are_int64_and_classes_a_tuple_whatever_was_given():
    made = Samples(IMAGES, LABELS.tolist(), np.array(["ant", "bee", "cow"]))
    assert made.labels.dtype == np.int64
    assert made.classes == ("ant", "bee", "cow")
    assert all(type(name) is str for name in made.classes)


def test_each_class_is_counted():
    assert SAMPLES.counts.tolist() == [1, 1, 3]


def test_a_part_is_a_copy_in_the_order_of_the_index():
    part = SAMPLES.part([4, 0, 4])
    assert part.labels.tolist() == [2, 2, 2]
    assert part.inputs[:, 0, 0, 0].tolist() == [8, 0, 8]
    part.inputs[:] = 99
    assert SAMPLES.inputs[4, 0, 0, 0] == 8


def test_a_part_may_be_chosen_by_booleans():
    assert SAMPLES.part(SAMPLES.labels == 2).inputs[:, 0, 0, 1].tolist() == [1, 5, 9]


@pytest.mark.parametrize(
    "index", [[], [5], [-1], [0.0], [[0]], [True, False], np.zeros(5, dtype=bool)], ids=repr
)
def test_a_part_that_is_not_there_is_refused(index):
    with pytest.raises(UsageError) as caught:
        SAMPLES.part(index)
    assert caught.value.where == "index of Samples.part"
    assert caught.value.do


def test_some_classes_alone_are_numbered_as_they_are_named():
    some = SAMPLES.only(["cow", "ant"])
    assert some.classes == ("cow", "ant")
    assert some.labels.tolist() == [0, 1, 0, 0]
    assert some.inputs[:, 0, 0, 0].tolist() == [0, 2, 4, 8]


@pytest.mark.parametrize(
    ("classes", "what"),
    [(["dog"], "'dog'"), ([], "no class"), (["ant", "elk", "fox"], "'elk' or 'fox'")],
)
def test_classes_that_are_not_there_are_named(classes, what):
    with pytest.raises(UsageError, match=what) as caught:
        SAMPLES.only(classes)
    assert "'ant', 'bee', 'cow'" in caught.value.do


def test_a_class_without_samples_cannot_stand_alone():
    with pytest.raises(UsageError, match="no sample is of 'bee'"):
        SAMPLES.part([0, 1]).only(["bee"])


def test_samples_say_in_one_line_what_they_are():
    assert str(SAMPLES) == "5 samples of 1 x 1 x 2, uint8; 3 classes of 1 to 3"
    one = Samples(np.zeros((1, 7), np.float32), [0], ["x"])
    assert str(one) == "1 sample of 7, float32; 1 class of 1"
    assert repr(one) == f"<Samples: {one}>"


@pytest.mark.parametrize(
    ("inputs", "labels", "classes", "what"),
    [
        ([[0.0]], [0], ["a"], "inputs are list"),
        (np.zeros(3, np.float32), [0, 0, 0], ["a"], r"shape \(3,\)"),
        (np.zeros((0, 3), np.float32), [], ["a"], r"shape \(0, 3\)"),
        (np.zeros((1, 3)), [0], ["a"], "float64"),
        (np.zeros((1, 3), np.int64), [0], ["a"], "int64"),
        (np.zeros((2, 3), np.float32), [0], ["a"], r"shape \(1,\) for 2 inputs"),
        (np.zeros((1, 3), np.float32), [[0]], ["a"], r"shape \(1, 1\)"),
        (np.zeros((1, 3), np.float32), [0.0], ["a"], "labels are float64"),
        (np.zeros((1, 3), np.float32), [1], ["a"], "from 1 to 1 with 1 classes"),
        (np.zeros((1, 3), np.float32), [-1], ["a"], "from -1 to -1"),
        (np.zeros((1, 3), np.float32), [0], [], "with 0 classes"),
        (np.zeros((1, 3), np.float32), [0], ["a", "a"], "2 classes have the name 'a'"),
        (np.zeros((1, 3), np.float32), [0], "a", "classes are 'a'"),
        (np.zeros((1, 3), np.float32), [0], [1], r"classes are \[1\]"),
        (np.zeros((1, 3), np.float32), [0], None, "classes are None"),
    ],
)
def test_what_does_not_fit_is_refused_with_what_was_seen(inputs, labels, classes, what):
    with pytest.raises(UsageError, match=what) as caught:
        Samples(inputs, labels, classes)
    assert caught.value.where
    assert caught.value.do


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_the_first_input_that_is_no_number_is_named(value):
    inputs = np.zeros((5, 2), np.float32)
    inputs[3:, 1] = value
    with pytest.raises(UsageError, match="sample 3 holds"):
        Samples(inputs, [0] * 5, ["a"])


def test_two_infinities_that_cancel_are_found():
    with pytest.raises(UsageError, match="sample 0 holds"):
        Samples(np.array([[np.inf, -np.inf]], np.float32), [0], ["a"])
