"""Why is my classifier's accuracy lower than it should be?"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # what _HOME says, in the form that type checkers and editors read
    from whydrop.core.errors import WhydropError as WhydropError
    from whydrop.core.metric import Metric as Metric
    from whydrop.core.result import Result as Result
    from whydrop.explain.api import compare as compare
    from whydrop.explain.api import diff as diff
    from whydrop.explain.api import explain as explain
    from whydrop.explain.api import noise as noise
    from whydrop.report.figure import plot_effects as plot_effects
    from whydrop.report.frame import to_frame as to_frame
    from whydrop.report.html_page import to_notebook as to_notebook
    from whydrop.report.html_page import write_html as write_html
    from whydrop.report.json_file import to_json as to_json
    from whydrop.report.preview.document import preview_to_json as preview_to_json
    from whydrop.report.preview.page import preview_to_html as preview_to_html
    from whydrop.report.preview.sheet import preview_to_png as preview_to_png
    from whydrop.report.preview.sheet import write_preview as write_preview
    from whydrop.report.progress import Progress as Progress
    from whydrop.training.learner import Learner as Learner

__version__ = "0.1.0"

# Public names and their homes; each is loaded on first use, so that `import whydrop` is light.
_HOME = {
    "Learner": "whydrop.training.learner",
    "Metric": "whydrop.core.metric",
    "Progress": "whydrop.report.progress",
    "Result": "whydrop.core.result",
    "WhydropError": "whydrop.core.errors",
    "compare": "whydrop.explain.api",
    "diff": "whydrop.explain.api",
    "explain": "whydrop.explain.api",
    "noise": "whydrop.explain.api",
    "plot_effects": "whydrop.report.figure",
    "preview_to_html": "whydrop.report.preview.page",
    "preview_to_json": "whydrop.report.preview.document",
    "preview_to_png": "whydrop.report.preview.sheet",
    "to_frame": "whydrop.report.frame",
    "to_json": "whydrop.report.json_file",
    "to_notebook": "whydrop.report.html_page",
    "write_html": "whydrop.report.html_page",
    "write_preview": "whydrop.report.preview.sheet",
}
__all__ = ["__version__", *_HOME]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'whydrop' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
