"""What the tests of operations share."""

import pytest

from whydrop.augment import compiled


@pytest.fixture(params=["compiled", "plain"])
def code(request, monkeypatch):
    """Run a test with compiled kernels, where Numba is installed, and without."""
    if request.param == "plain":
        monkeypatch.setattr(compiled, "available", lambda: False)
    elif not compiled.available():
        pytest.skip("Numba is not installed")
    return request.param
