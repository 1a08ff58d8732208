"""The digits that come with scikit-learn, on the scale of all uint8 images."""

import sys

import numpy as np
import pytest
from sklearn.datasets import load_digits

from whydrop.core.errors import MissingExtra
from whydrop.training.readers import read_digits


def test_the_levels_of_ink_are_spread_over_a_byte_and_can_be_had_back():
    samples, source = read_digits(), load_digits()
    assert samples.inputs.shape == (1797, 1, 8, 8)
    assert samples.inputs.dtype == np.uint8
    assert (samples.inputs.min(), samples.inputs.max()) == (0, 255)
    np.testing.assert_array_equal(
        (samples.inputs[:, 0].astype(int) * 16 + 127) // 255, source.images
    )
    np.testing.assert_array_equal(samples.labels, source.target)


# Alpaydin and Kaynak (1998), optdigits.names: class distribution of the test set.
def test_the_classes_are_as_many_as_their_authors_count():
    assert read_digits().counts.tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]


def test_without_scikit_learn_the_answer_is_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    with pytest.raises(MissingExtra) as caught:
        read_digits()
    assert "whydrop[demo]" in caught.value.do
