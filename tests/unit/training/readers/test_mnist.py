"""MNIST: the real one, to the byte; and what does not belong together."""

import hashlib
import struct

import numpy as np
import pytest
from tests.fixtures.data_files import idx_bytes, real_data, write_mnist

from whydrop.core.errors import DataError, UsageError
from whydrop.training.readers import read_mnist

IMAGES = np.random.default_rng(0).integers(0, 256, (20, 28, 28), dtype=np.uint8)
LABELS = np.arange(20, dtype=np.uint8) % 10


@pytest.mark.parametrize("gz", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize("below", [".", "MNIST/raw"])
def test_the_four_files_are_found_plain_and_packed(gz, below, tmp_path):
    write_mnist(tmp_path / below, IMAGES, LABELS, "train", gz)
    write_mnist(tmp_path / below, IMAGES[:3], LABELS[:3], "t10k", gz)
    train, test = read_mnist(tmp_path), read_mnist(tmp_path, "test")
    assert train.inputs.shape == (20, 1, 28, 28)
    np.testing.assert_array_equal(train.inputs[:, 0], IMAGES)
    np.testing.assert_array_equal(test.labels, [0, 1, 2])
    assert train.classes == test.classes == tuple("0123456789")


def test_names_with_a_dot_are_found_too(tmp_path):
    (tmp_path / "train-images.idx3-ubyte").write_bytes(idx_bytes(IMAGES))
    (tmp_path / "train-labels.idx1-ubyte").write_bytes(idx_bytes(LABELS))
    assert len(read_mnist(tmp_path)) == 20


def test_other_classes_can_be_named(tmp_path):
    write_mnist(tmp_path, IMAGES, LABELS % 2, "train", True)
    assert read_mnist(tmp_path, classes=["even", "odd"]).counts.tolist() == [10, 10]


def test_a_label_without_a_class_is_named_with_its_byte(tmp_path):
    write_mnist(tmp_path, IMAGES, LABELS, "train", False)
    with pytest.raises(DataError, match="label of sample 4 is 4, with 4 classes") as caught:
        read_mnist(tmp_path, classes="abcd")
    assert caught.value.where.endswith("train-labels-idx1-ubyte, byte 12")


def test_a_class_without_an_image_is_named_where_it_is_trained_on(tmp_path):
    write_mnist(tmp_path, IMAGES[:9], LABELS[:9], "train", False)
    with pytest.raises(DataError, match="no sample is of class '9'"):
        read_mnist(tmp_path)


def test_images_and_labels_of_other_files_are_refused(tmp_path):
    write_mnist(tmp_path, IMAGES, LABELS[:19], "train", False)
    with pytest.raises(DataError, match="20 images and 19 labels"):
        read_mnist(tmp_path)
    write_mnist(tmp_path, LABELS, LABELS, "train", False)
    with pytest.raises(DataError, match=r"holds uint8 of shape \(20,\)"):
        read_mnist(tmp_path)
    write_mnist(tmp_path, IMAGES.astype("i2"), LABELS, "train", False)
    with pytest.raises(DataError, match="holds int16"):
        read_mnist(tmp_path)


def test_a_folder_without_them_and_another_split_are_refused(tmp_path):
    with pytest.raises(UsageError, match="no train-images-idx3-ubyte"):
        read_mnist(tmp_path)
    with pytest.raises(UsageError, match="split is 'valid'") as caught:
        read_mnist(tmp_path, "valid")
    assert caught.value.do == 'give "train" or "test"'


# Counts: https://en.wikipedia.org/wiki/MNIST_database and the page of its authors.
@pytest.mark.parametrize(
    ("split", "counts", "images_md5", "labels_md5"),
    [
        (
            "train",
            [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949],
            "6bbc9ace898e44ae57da46a324031adb",
            "a25bea736e30d166cdddb491f175f624",
        ),
        (
            "test",
            [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009],
            "2646ac647ad5339dbf082846283269ea",
            "27ae3e4e09519cfbb04c329615203637",
        ),
    ],
)
def test_the_real_files_are_read_to_the_byte(split, counts, images_md5, labels_md5):
    samples = read_mnist(real_data("mnist"), split)
    assert samples.counts.tolist() == counts
    # md5 of the unpacked originals; written back, what was read must be them again.
    n = len(samples)
    images = struct.pack(">4I", 2051, n, 28, 28) + samples.inputs.tobytes()
    labels = struct.pack(">2I", 2049, n) + samples.labels.astype(np.uint8).tobytes()
    assert hashlib.md5(images).hexdigest() == images_md5
    assert hashlib.md5(labels).hexdigest() == labels_md5


def test_threes_and_sevens_are_as_many_as_in_the_sample_that_others_use():
    folder = real_data("mnist")
    assert read_mnist(folder, "train").only(["3", "7"]).counts.tolist() == [6131, 6265]
    assert read_mnist(folder, "test").only(["3", "7"]).counts.tolist() == [1010, 1028]
