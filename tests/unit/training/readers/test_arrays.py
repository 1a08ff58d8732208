"""Samples out of two named arrays."""

import numpy as np
import pytest

from whydrop.core.errors import DataError, UsageError
from whydrop.training.readers import read_npz

IMAGES = np.arange(4 * 3 * 8 * 9, dtype=np.uint8).reshape(4, 3, 8, 9)
LABELS = np.array([1, 0, 1, 2])


@pytest.fixture
def save(tmp_path):
    def write(**arrays):
        np.savez(tmp_path / "data.npz", **arrays)
        return tmp_path / "data.npz"

    return write


def test_images_and_labels_are_found_by_their_usual_names(save):
    samples = read_npz(save(images=IMAGES, labels=LABELS))
    np.testing.assert_array_equal(samples.inputs, IMAGES)
    assert samples.labels.tolist() == [1, 0, 1, 2]
    assert samples.classes == ("0", "1", "2")


def test_other_names_are_given(save):
    path = save(x_train=IMAGES, y_train=LABELS.astype(np.uint8)[:, None], words=["a", "b", "c"])
    samples = read_npz(path, inputs="x_train", labels="y_train", classes="words")
    assert samples.classes == ("a", "b", "c")
    assert samples.labels.dtype == np.int64


def test_channels_may_come_last_and_grey_images_have_one(save):
    last = read_npz(save(images=IMAGES.transpose(0, 2, 3, 1), labels=LABELS), channels="last")
    np.testing.assert_array_equal(last.inputs, IMAGES)
    assert last.inputs.flags.c_contiguous
    grey = read_npz(save(images=IMAGES[:, 0], labels=LABELS))
    np.testing.assert_array_equal(grey.inputs, IMAGES[:, :1])


def test_a_test_part_is_numbered_as_the_part_to_train_on(save):
    path = save(images=IMAGES, labels=LABELS)
    samples = read_npz(path, classes=["a", "b", "c", "d"], every_class=False)
    assert samples.classes == ("a", "b", "c", "d") and samples.counts.tolist() == [1, 2, 1, 0]
    with pytest.raises(DataError, match="the label of sample 3 is 2, with 2 classes"):
        read_npz(path, classes=["a", "b"], every_class=False)


def test_channels_that_come_first_are_noticed_where_last_is_said(save):
    with pytest.raises(DataError, match=r"\(4, 3, 8, 9\): channels come first") as caught:
        read_npz(save(images=IMAGES, labels=LABELS), channels="last")
    assert 'channels="first"' in caught.value.do


def test_channels_that_could_be_either_are_where_it_is_said(save):
    small = np.arange(4 * 3 * 5 * 4, dtype=np.uint8).reshape(4, 3, 5, 4)
    np.testing.assert_array_equal(read_npz(save(images=small, labels=LABELS)).inputs, small)
    last = read_npz(save(images=small, labels=LABELS), channels="last")
    np.testing.assert_array_equal(last.inputs, np.moveaxis(small, 3, 1))


def test_channels_that_come_last_unsaid_are_noticed(save):
    with pytest.raises(DataError, match="channels come last") as caught:
        read_npz(save(images=IMAGES.transpose(0, 2, 3, 1), labels=LABELS))
    assert 'channels="last"' in caught.value.do


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_floats_of_any_shape_become_float32(dtype, save):
    x = np.linspace(0, 1, 4 * 2 * 3 * 5, dtype=dtype).reshape(4, 2, 3, 5, 1)
    samples = read_npz(save(images=x, labels=LABELS))
    assert samples.inputs.dtype == np.float32
    np.testing.assert_array_equal(samples.inputs, x.astype(np.float32))


def test_a_test_part_may_miss_classes_when_that_is_said(save):
    path = save(images=IMAGES, labels=LABELS, classes=["a", "b", "c", "d"])
    with pytest.raises(DataError, match="no sample is of class 'd'"):
        read_npz(path)
    assert read_npz(path, every_class=False).counts.tolist() == [1, 2, 1, 0]


@pytest.mark.parametrize(
    ("arrays", "what"),
    [
        ({"images": IMAGES.astype(np.int64)}, "images is int64"),
        ({"images": np.array(["x"] * 4)}, "shape"),
        ({"images": np.zeros(4, np.uint8)}, r"shape \(4,\)"),
        ({"images": np.zeros((0, 4), np.uint8), "labels": []}, r"shape \(0, 4\)"),
        ({"images": np.array([[0.0], [1.0], [np.nan], [1.0]])}, "input 2 holds"),
        ({"images": np.array([[0.0], [1e300], [0.0], [1.0]])}, "input 1 holds"),
        ({"labels": LABELS[:3]}, r"shape \(3,\) for 4 inputs"),
        ({"labels": np.eye(4)[LABELS]}, "float64"),
        ({"labels": LABELS.astype(float)}, "float64"),
        ({"labels": LABELS - 1}, "label of sample 1 is -1"),
        ({"labels": LABELS + 1}, "no sample is of class '0'"),
        ({"labels": np.array([0, 1, 2, 2**63], np.uint64)}, "label of sample 3 is"),
        ({"classes": ["a", "b"]}, "label of sample 3 is 2, with 2 classes"),
        ({"classes": ["a", "b", "b"]}, "names a class twice"),
        ({"classes": [1, 2, 3]}, "classes is int64"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(arrays, what, save):
    with pytest.raises(DataError, match=what) as caught:
        read_npz(save(**{"images": IMAGES, "labels": LABELS, **arrays}))
    assert "data.npz, byte " in caught.value.where
    assert caught.value.do


def test_a_name_that_is_not_there_is_a_wrong_request(save):
    with pytest.raises(UsageError, match="no array 'labels'"):
        read_npz(save(images=IMAGES))
