"""Training runs that can be compared run for run."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # what _HOME says, in the form that type checkers and editors read
    from whydrop.training.callbacks.callback import Callback as Callback
    from whydrop.training.callbacks.early_stop import EarlyStop as EarlyStop
    from whydrop.training.callbacks.save import SaveCheckpoint as SaveCheckpoint
    from whydrop.training.data import Data as Data
    from whydrop.training.history import History as History
    from whydrop.training.learner import Learner as Learner
    from whydrop.training.metrics.names import METRICS as METRICS
    from whydrop.training.metrics.names import Measure as Measure
    from whydrop.training.randomness import initialised as initialised
    from whydrop.training.recipes.build import make_learner as make_learner
    from whydrop.training.recipes.load import load_recipe as load_recipe
    from whydrop.training.samples import Samples as Samples
    from whydrop.training.schedules import Constant as Constant
    from whydrop.training.schedules import Cosine as Cosine
    from whydrop.training.schedules import OneCycle as OneCycle
    from whydrop.training.schedules import Step as Step
    from whydrop.training.schedules import Warmup as Warmup

# Public names and their homes; each is loaded on first use, most without PyTorch.
_HOME = {
    "METRICS": "whydrop.training.metrics.names",
    "Callback": "whydrop.training.callbacks.callback",
    "Constant": "whydrop.training.schedules",
    "Cosine": "whydrop.training.schedules",
    "Data": "whydrop.training.data",
    "EarlyStop": "whydrop.training.callbacks.early_stop",
    "History": "whydrop.training.history",
    "Learner": "whydrop.training.learner",
    "Measure": "whydrop.training.metrics.names",
    "OneCycle": "whydrop.training.schedules",
    "Samples": "whydrop.training.samples",
    "SaveCheckpoint": "whydrop.training.callbacks.save",
    "Step": "whydrop.training.schedules",
    "Warmup": "whydrop.training.schedules",
    "initialised": "whydrop.training.randomness",
    "load_recipe": "whydrop.training.recipes.load",
    "make_learner": "whydrop.training.recipes.build",
}
__all__ = list(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'whydrop.training' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
