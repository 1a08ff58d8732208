"""Readers: files of data sets as samples, one format a module; nothing is downloaded."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # what _HOME says, in the form that type checkers and editors read
    from whydrop.training.readers.arrays import read_npz as read_npz
    from whydrop.training.readers.cifar import read_cifar10 as read_cifar10
    from whydrop.training.readers.digits import read_digits as read_digits
    from whydrop.training.readers.folder import read_folder as read_folder
    from whydrop.training.readers.mnist import read_mnist as read_mnist
    from whydrop.training.readers.ntu import read_ntu as read_ntu
    from whydrop.training.readers.packs import read_jpeg_pack as read_jpeg_pack
    from whydrop.training.readers.sbu import read_sbu as read_sbu
    from whydrop.training.readers.skeletons import read_skeletons as read_skeletons

# Public names and their homes; each is loaded on first use.
_HOME = {
    "read_cifar10": "whydrop.training.readers.cifar",
    "read_digits": "whydrop.training.readers.digits",
    "read_folder": "whydrop.training.readers.folder",
    "read_jpeg_pack": "whydrop.training.readers.packs",
    "read_mnist": "whydrop.training.readers.mnist",
    "read_npz": "whydrop.training.readers.arrays",
    "read_ntu": "whydrop.training.readers.ntu",
    "read_sbu": "whydrop.training.readers.sbu",
    "read_skeletons": "whydrop.training.readers.skeletons",
}
__all__ = list(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'whydrop.training.readers' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
