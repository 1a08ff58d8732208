"""What of the package works without PyTorch, and what is said where it is missing."""

import subprocess
import sys

import pytest

LIGHT = [
    "whydrop.training",
    "whydrop.training.callbacks.early_stop",
    "whydrop.training.callbacks.progress",
    "whydrop.training.callbacks.save",
    "whydrop.training.data",
    "whydrop.training.history",
    "whydrop.training.metrics.names",
    "whydrop.training.randomness",
    "whydrop.training.samples",
    "whydrop.training.schedules",
    "whydrop.training.table",
]


def test_what_needs_no_model_loads_no_framework():
    code = f"import sys, {', '.join(LIGHT)}; print(*{{n.partition('.')[0] for n in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"torch", "lightning_fabric", "pandas", "matplotlib", "IPython"} & set(
        done.stdout.split()
    )


@pytest.mark.parametrize("name", ["whydrop", "whydrop.training"])
def test_without_pytorch_the_error_says_how_to_install_it(name):
    code = (
        f"import sys; sys.modules['torch'] = None\n"
        f"import {name} as package\n"
        f"from whydrop import WhydropError\n"
        f"try: package.Learner\n"
        f"except WhydropError as error: print(type(error).__name__, error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("MissingExtra training needs PyTorch")
    assert "pip install 'whydrop[torch]'" in done.stdout
