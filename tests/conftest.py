"""What every test may use: the data folder, and chance that is the same on every run."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("repeatable", derandomize=True, deadline=None, database=None)
settings.load_profile("repeatable")


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """Return the folder of real data sets that WHYDROP_DATA names; skip where there is none."""
    folder = os.environ.get("WHYDROP_DATA")
    if not folder:
        pytest.skip("WHYDROP_DATA does not name a folder of data sets")
    return Path(folder)
