"""Sources: a few images at a time, each read once."""

import numpy as np
import pytest
import torch

from whydrop.augment.expansion.sources import check_source, read
from whydrop.core.errors import UsageError

IMAGES = np.random.default_rng(0).integers(0, 256, (9, 3, 6, 5), dtype=np.uint8)
WANTED = np.array([7, 2, 2, 7, 0])


class Reader:
    """Images of their own sizes, that are counted when they are read."""

    def __init__(self, make=lambda image: image):
        self.read = []
        self.make = make

    def __len__(self):
        return len(IMAGES)

    def __getitem__(self, at):
        self.read.append(at)
        return self.make(IMAGES[at, :, : 2 + at % 3])


@pytest.mark.parametrize("kind", [np.asarray, torch.from_numpy, list], ids=lambda kind: str(kind))
def test_images_come_in_the_order_asked_for(kind):
    images = kind(IMAGES)
    check_source(images, 9)
    np.testing.assert_array_equal(np.stack(read(images, WANTED)), IMAGES[WANTED])


def test_a_mapped_file_is_read_where_it_is_asked(tmp_path):
    np.save(tmp_path / "images.npy", IMAGES)
    mapped = np.load(tmp_path / "images.npy", mmap_mode="r")
    np.testing.assert_array_equal(np.stack(read(mapped, WANTED)), IMAGES[WANTED])


def test_an_image_that_is_used_twice_is_read_once():
    reader = Reader(torch.from_numpy)
    found = read(reader, WANTED)
    assert reader.read == [0, 2, 7]
    for at, image in zip(WANTED, found, strict=True):
        np.testing.assert_array_equal(image, IMAGES[at, :, : 2 + at % 3])


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (IMAGES[:8], "8 images and 9 labels"),
        (IMAGES / 255, "dtype float64"),
        (IMAGES[:, 0], r"shape \(9, 6, 5\)"),
        (iter(IMAGES), "images are"),
    ],
)
def test_what_is_no_source_is_refused_without_being_read(images, message):
    with pytest.raises(UsageError, match=message):
        check_source(images, 9)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda image: image[0], r"image 2 is shape \(4, 5\)"),
        (lambda image: image / 255, "dtype float64"),
        (lambda image: (image, 0), "image 2 is tuple"),
    ],
)
def test_an_image_that_is_none_is_named(make, message):
    with pytest.raises(UsageError, match=message):
        read(Reader(make), np.array([2]))
