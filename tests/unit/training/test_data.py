"""Data: parts that fit each other."""

import numpy as np
import pytest

from whydrop.core.errors import UsageError
from whydrop.training.data import Data
from whydrop.training.samples import Samples


def samples(shape=(2, 3), dtype=np.float32, classes=("a", "b")):
    return Samples(np.zeros(shape, dtype), np.arange(shape[0]) % 2, classes)


def test_parts_that_fit_are_told_one_a_line():
    data = Data(samples((4, 3)), samples(), samples())
    assert list(data.parts()) == ["train", "valid", "test"]
    assert str(data).splitlines()[0] == "train: 4 samples of 3, float32; 2 classes of 2"
    assert len(str(data).splitlines()) == 3
    assert list(Data(samples(), samples()).parts()) == ["train", "valid"]


@pytest.mark.parametrize(
    ("other", "what"),
    [
        (samples(classes=("a", "c")), "only one of them has 'b'"),
        (samples(classes=("b", "a")), "in this order"),
        (samples(shape=(2, 4)), r"a sample of valid is \(4,\) float32, one of train \(3,\)"),
        (samples(dtype=np.uint8), "uint8"),
        (np.zeros((2, 3)), "valid is ndarray"),
    ],
)
def test_a_part_that_does_not_fit_is_refused(other, what):
    with pytest.raises(UsageError, match=what):
        Data(samples(), other)
