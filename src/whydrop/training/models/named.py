"""Networks of other people, by name: a module's callable, or a model of timm."""

import difflib
import importlib
import os
import traceback
from collections.abc import Mapping
from typing import Any

from whydrop.core.errors import MissingExtra, UsageError
from whydrop.training.pytorch import nn

ALLOWED = "WHYDROP_ALLOW_MODULES"


def from_module(name: str, options: Mapping[str, Any]) -> nn.Module:
    """Return what a callable of a module returns for some options.

    A recipe is data, and may come from a stranger: so only modules are imported that are named,
    with commas between, in the environment variable ``WHYDROP_ALLOW_MODULES``, themselves or a
    package above them.

    Args:
        name: ``"package.module:callable"``.
        options: keyword arguments.

    Raises:
        UsageError: the module is not allowed or cannot be imported, the callable is not there or
            refuses the options, what it returns is no network, or one of them raises an error.
    """
    module_name, _, callable_name = name.partition(":")
    allowed = [each.strip() for each in os.environ.get(ALLOWED, "").split(",") if each.strip()]
    if not any(module_name == each or module_name.startswith(f"{each}.") for each in allowed):
        raise UsageError(
            f"the recipe would run code of the module {module_name!r}",
            where=f"model {name!r}",
            do=f"if you trust it, allow it: export {ALLOWED}={module_name.partition('.')[0]}",
        )
    try:
        module = importlib.import_module(module_name)
    except ImportError as error:
        what = f"the module {module_name!r} cannot be imported: {error}"
        raise UsageError(what, where=f"model {name!r}", do="correct its name, or install it") from (
            error
        )
    except (Exception, SystemExit) as error:
        raise _raised(f"importing {module_name}", error, name) from error
    make = getattr(module, callable_name, None)
    if not callable(make):
        near = difflib.get_close_matches(callable_name, dir(module), n=1)
        what = f"{module_name} has no callable {callable_name!r}"
        do = f"did you mean {near[0]!r}?" if near else "name a class or function of that module"
        raise UsageError(what, where=f"model {name!r}", do=do)
    try:
        model = make(**options)
    except TypeError as error:
        raise UsageError(
            f"{callable_name} cannot be called with {dict(options)!r:.200}: {error}",
            where=f"model {name!r}",
            do="correct the options of the model",
        ) from error
    except (Exception, SystemExit) as error:
        raise _raised(f"{callable_name} with {dict(options)!r:.200}", error, name) from error
    if not isinstance(model, nn.Module):
        what = f"{callable_name} returned a {type(model).__name__}"
        do = "name a callable that returns a torch.nn.Module"
        raise UsageError(what, where=f"model {name!r}", do=do)
    return model


def _raised(doing: str, error: BaseException, name: str) -> UsageError:
    """Return what to say where code of other people raised an error."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    file, line = last.filename, last.lineno
    if isinstance(error, SyntaxError):  # raised by who reads the file
        file, line = error.filename or file, error.lineno
    what = f"{doing} raised {traceback.format_exception_only(error)[-1].strip()}"
    do = "correct the module, or the options of the model"
    return UsageError(what, where=f"model {name!r}, {file}:{line}", do=do)


def from_timm(name: str, classes: int, *, channels: int = 3, pretrained: bool = False) -> nn.Module:
    """Return a network of timm, with a last layer for so many classes.

    Args:
        name: as ``timm.list_models()`` has it.
        pretrained: with the weights that timm downloads.

    Raises:
        MissingExtra: timm is not installed.
        UsageError: it has no model of that name.
    """
    try:
        import timm
    except ModuleNotFoundError as error:
        raise MissingExtra(
            "this network is one of timm, which is not installed",
            where=f"model 'timm:{name}'",
            do="pip install timm",
        ) from error
    known: list[str] = timm.list_models()
    if name not in known:  # other names would be fetched from wherever they point
        near = difflib.get_close_matches(name, known, n=1)
        do = f"did you mean {near[0]!r}?" if near else "see timm.list_models()"
        raise UsageError(f"timm has no model {name!r}", where=f"model 'timm:{name}'", do=do)
    model: nn.Module = timm.create_model(
        name, pretrained=pretrained, num_classes=classes, in_chans=channels
    )
    return model
