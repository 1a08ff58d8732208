"""Why is my classifier's accuracy lower than it should be?"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

# Public names and their homes; each is loaded on first use, so that `import whydrop` is light.
_HOME = {
    "Metric": "whydrop.core.metric",
    "Result": "whydrop.core.result",
    "WhydropError": "whydrop.core.errors",
    "compare": "whydrop.explain.api",
    "diff": "whydrop.explain.api",
    "explain": "whydrop.explain.api",
    "noise": "whydrop.explain.api",
    "plot_effects": "whydrop.report.figure",
    "to_frame": "whydrop.report.frame",
    "to_json": "whydrop.report.json_file",
    "to_notebook": "whydrop.report.html_page",
    "write_html": "whydrop.report.html_page",
}
__all__ = ["__version__", *_HOME]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'whydrop' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
