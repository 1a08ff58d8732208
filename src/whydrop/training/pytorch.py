"""PyTorch for the modules that hold a model, or the error that says how to install it."""

from whydrop.core.errors import MissingExtra

try:
    import torch
except ImportError as error:
    raise MissingExtra(
        "training needs PyTorch", where="whydrop.training", do="pip install 'whydrop[torch]'"
    ) from error

__all__ = ["torch"]
