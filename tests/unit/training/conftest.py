"""What tests of training share."""

import os
from pathlib import Path

import pytest
from tests.fixtures.keras_numbers import from_keras


@pytest.fixture(scope="package")
def keras_numbers(tmp_path_factory):
    """Arrays that Keras made: see ``tests.fixtures.keras_numbers``."""
    return from_keras(tmp_path_factory.mktemp("keras"))


@pytest.fixture
def real_data():
    """The folder of real data sets."""
    home = os.environ.get("WHYDROP_DATA")
    if not home:
        pytest.skip("needs real data: set WHYDROP_DATA to their folder")
    return Path(home)
