"""Checkpoint: the state of a training in one file, written whole or not at all.

The file is one of safetensors: tensors by name ("model/...", "optimizer/INDEX/NAME"), so any
reader of that format gets the weights, and all else as JSON in its header. Nothing in it is ever
run as code. A sum over all of it finds damage.
"""

import contextlib
import hashlib
import os
import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

import whydrop
from whydrop.core.errors import DataError, MissingExtra, UsageError
from whydrop.journal.encoding import from_text, to_text
from whydrop.training.pytorch import torch
from whydrop.training.state import State

SCHEMA = "whydrop.checkpoint/1"
MODEL, OPTIMIZER = "model/", "optimizer/"


def write_checkpoint(path: Path, state: State) -> None:
    """Write a state to a file, which is replaced in one step.

    Raises:
        MissingExtra: safetensors is not installed.
        UsageError: a value that has no place in the file; a file that cannot be written.
    """
    library = _safetensors()
    tensors = {f"{MODEL}{key}": value for key, value in state.model.items()}
    scalars: dict[str, dict[str, Any]] = {}
    for index, values in state.optimizer["state"].items():
        for name, value in values.items():
            if isinstance(value, torch.Tensor):
                tensors[f"{OPTIMIZER}{index}/{name}"] = value
            else:
                scalars.setdefault(str(index), {})[name] = value
    for name, tensor in tensors.items():
        if not isinstance(tensor, torch.Tensor):
            what = f"{name} is a {type(tensor).__name__}, not a tensor"
            raise UsageError(what, where=str(path), do="keep such a state in buffers")
        tensors[name] = tensor.contiguous()
    try:
        text = to_text(
            {
                "schema": SCHEMA,
                "versions": _versions(),
                "keys": list(state.model),
                "groups": state.optimizer["param_groups"],
                "indices": list(state.optimizer["state"]),
                "scalars": scalars,
                "precision": dict(state.precision),
                "rows": [dict(row) for row in state.rows],
                "settings": dict(state.settings),
            }
        )
    except UsageError as error:
        what = f"an option of the optimiser cannot be kept: {error.what}"
        raise UsageError(what, where=str(path), do="give it as a plain number") from error
    header = {"format": "pt", "whydrop": text, "sha256": _sum(tensors, text)}
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        library.torch.save_file(tensors, temporary, metadata=header)
        with temporary.open("rb") as file:
            os.fsync(file.fileno())
        temporary.replace(path)
    except (OSError, library.SafetensorError) as error:
        raise UsageError(
            f"the checkpoint cannot be written: {error}",
            where=str(path),
            do="give a folder that exists and has room",
        ) from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def read_checkpoint(path: Path) -> State:
    """Return the state that a file holds.

    Raises:
        MissingExtra: safetensors is not installed.
        UsageError: there is no such file.
        DataError: it is damaged, or none of ours.
    """
    library = _safetensors()
    if not path.is_file():
        raise UsageError("there is no such file", where=str(path), do="give a file of save()")
    try:
        with library.safe_open(path, framework="pt") as file:
            header = file.metadata() or {}
            tensors = {name: file.get_tensor(name).clone() for name in file.keys()}  # noqa: SIM118
    except (library.SafetensorError, OSError) as error:
        what = f"the file is damaged: {error}"
        raise DataError(what, where=str(path), do="use another checkpoint") from error
    if "whydrop" not in header:
        what = "the file holds tensors, but no training"
        raise DataError(what, where=str(path), do="give a file of save()")
    if header.get("sha256") != _sum(tensors, header["whydrop"]):
        what = "the file is damaged: its sum is another"
        raise DataError(what, where=str(path), do="use another checkpoint")
    try:
        return _state(from_text(header["whydrop"]), tensors)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        what = f"the file does not hold a training of this version: {error!r}"
        raise DataError(what, where=str(path), do="use another checkpoint") from error


def _state(values: Any, tensors: Mapping[str, Any]) -> State:
    if values["schema"] != SCHEMA:
        raise ValueError(values["schema"])
    own: dict[int, dict[str, Any]] = {int(index): {} for index in values["indices"]}
    for index, scalars in values["scalars"].items():
        own[int(index)] |= scalars
    for name, tensor in tensors.items():
        if name.startswith(OPTIMIZER):
            index, _, key = name.removeprefix(OPTIMIZER).partition("/")
            own[int(index)][key] = tensor
    return State(
        model={key: tensors[f"{MODEL}{key}"] for key in values["keys"]},
        optimizer={"state": own, "param_groups": values["groups"]},
        precision=values["precision"],
        rows=tuple(values["rows"]),
        settings=values["settings"],
    )


def _sum(tensors: Mapping[str, Any], text: str) -> str:
    """Return the SHA-256 of all tensors, with their names and kinds, and the text."""
    digest = hashlib.sha256(text.encode())
    for name in sorted(tensors):
        tensor = tensors[name]
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        digest.update(tensor.contiguous().reshape(-1).view(torch.uint8).numpy())
    return digest.hexdigest()


def _versions() -> dict[str, str]:
    return {
        "whydrop": whydrop.__version__,
        "torch": torch.__version__,
        "numpy": np.__version__,
        "python": platform.python_version(),
    }


def _safetensors() -> Any:
    """Return the library that reads and writes the format."""
    try:
        import safetensors
        import safetensors.torch
    except ImportError as error:
        raise MissingExtra(
            "checkpoints need safetensors", where="checkpoint", do="pip install 'whydrop[torch]'"
        ) from error
    return safetensors
