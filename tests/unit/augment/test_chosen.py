"""Batches that are changed a part at a time."""

import numpy as np
import pytest
import torch

from whydrop.augment.chosen import AT_ONCE, change_all, change_chosen


def plus(images, amounts):
    return images + amounts[:, None, None, None]


@pytest.fixture
def images():
    # Three parts and one image.
    return np.zeros((3 * AT_ONCE // 1024 + 1, 1, 32, 32), np.float32)


def test_every_chosen_image_is_changed_by_its_own_value_and_no_other(images):
    amounts = np.arange(len(images), dtype=np.float32) + 1
    chosen = amounts % 7 != 0
    changed = change_chosen(images, chosen, plus, amounts)
    assert np.array_equal(changed[:, 0, 3, 5], np.where(chosen, amounts, 0))


def test_all_images_are_changed_by_their_own_value(images):
    amounts = np.arange(len(images), dtype=np.float32) + 1
    assert np.array_equal(change_all(images, plus, amounts)[:, 0, 3, 5], amounts)


def test_tensors_are_changed_likewise(images):
    amounts = torch.arange(len(images)) + 1.0
    changed = change_chosen(torch.from_numpy(images), amounts > 2, plus, amounts)
    assert torch.equal(changed[:, 0, 3, 5], torch.where(amounts > 2, amounts, 0))
