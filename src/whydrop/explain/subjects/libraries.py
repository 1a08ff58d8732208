"""The versions of the libraries that a training in this interpreter may use."""

from importlib.metadata import PackageNotFoundError, version

# by the names that they are installed under, which differ for some builds
LIBRARIES = (
    "numpy",
    "torch",
    "keras",
    "tensorflow",
    "tensorflow-cpu",
    "jax",
    "lightning",
    "pytorch-lightning",
    "scikit-learn",
)


def installed() -> dict[str, str]:
    """Return the version of each library that is installed, without loading any."""
    found = {}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
