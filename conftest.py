"""What every test may use: the data folder, and chance that is the same on every run."""

import os
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import settings

# The docstring examples of the demo need PyTorch; everything else does without.
collect_ignore = [] if find_spec("torch") else ["src/whydrop/demo"]

settings.register_profile("repeatable", derandomize=True, deadline=None, database=None)
settings.load_profile("repeatable")


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """Return the folder of real data sets that WHYDROP_DATA names; skip where there is none."""
    folder = os.environ.get("WHYDROP_DATA")
    if not folder:
        pytest.skip("WHYDROP_DATA does not name a folder of data sets")
    return Path(folder)
