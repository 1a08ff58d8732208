"""The trial that is a call: finding the function, and calling it in its own process."""

import difflib
import importlib
import importlib.util
import json
import random
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from whydrop.core.errors import UsageError

Function = Callable[[Any, int], Any]


def load(target: str) -> Function:
    """Import the function that ``"module:name"`` or ``"path/script.py:name"`` names.

    Raises:
        UsageError: there is no such file or function; what the import itself raises comes
            through as it is.
    """
    place, _, name = target.rpartition(":")
    module = _script(Path(place)) if place.endswith(".py") else importlib.import_module(place)
    function = getattr(module, name, None)
    if not callable(function):
        names = [key for key, value in vars(module).items() if callable(value)]
        nearest = difflib.get_close_matches(name, names, n=1)
        raise UsageError(
            f"there is no function {name!r}",
            where=place,
            do=f"did you mean {nearest[0]!r}?" if nearest else "name a function of that file",
        )
    return function  # type: ignore[no-any-return]


def _script(path: Path) -> ModuleType:
    if not path.is_file():
        raise UsageError("there is no such file", where=str(path), do="correct the path")
    # as when Python runs it: its neighbours can be imported
    sys.path.insert(0, str(path.resolve().parent))
    name = path.stem if path.stem not in sys.modules else f"{path.stem}_script"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise UsageError("this is not a Python file", where=str(path), do="name a .py file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def seed_generators(seed: int) -> None:
    """Seed the global generators of random and of those libraries that are loaded."""
    random.seed(seed)
    if numpy := sys.modules.get("numpy"):
        numpy.random.seed(seed % 2**32)
    if torch := sys.modules.get("torch"):
        torch.manual_seed(seed)


def limit_threads(threads: int) -> None:
    """Set the threads of a torch that read its environment long ago."""
    if torch := sys.modules.get("torch"):
        torch.set_num_threads(threads)


def as_json(value: Any) -> str:
    """Return what a function returned as JSON; arrays and tensors become lists and numbers.

    Raises:
        TypeError, ValueError: it holds something that JSON cannot.
    """
    return json.dumps(value, default=_plain)


def _plain(value: Any) -> Any:
    to_list = getattr(value, "tolist", None)
    if to_list is None:
        raise TypeError(f"{type(value).__name__} is not a number, text, list or mapping")
    return to_list()
