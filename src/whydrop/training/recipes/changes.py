"""Changes: one value of a recipe said otherwise, as on a command line."""

import copy
import difflib
from collections.abc import Mapping
from pathlib import Path as File
from typing import Any

from whydrop.core.config import yaml_text
from whydrop.core.errors import UsageError


def changed(data: Mapping[str, Any], change: str) -> dict[str, Any]:
    """Return the data of a recipe in which one value is another one.

    Args:
        data: as read from a file; left as it is.
        change: ``key.path=value``, the value as YAML has it. An operation of ``augment`` goes by
            its name, or by its position from 0: ``augment.Cutout.size=8``.

    Raises:
        UsageError: another form, a place inside something that holds no keys, an operation that
            there is not.
        DataError: a value that is not YAML.

    Example:
        >>> changed({"optimizer": {"name": "sgd"}}, "optimizer.lr=0.1")
        {'optimizer': {'name': 'sgd', 'lr': 0.1}}
    """
    key, equals, text = change.partition("=")
    keys = _keys(key)
    if not equals or not all(keys):
        what = f"{change!r} has no KEY=VALUE form"
        raise UsageError(what, where="changes", do="write such as optimizer.lr=0.1")
    value = yaml_text.read(f"value: {text}", File(change)).data["value"]
    result: dict[str, Any] = copy.deepcopy(dict(data))
    place: Any = result
    for position, part in enumerate(keys):
        at = _position(place, part, change) if isinstance(place, list) else part
        if position == len(keys) - 1:
            place[at] = value
            break
        if isinstance(place, dict) and place.get(part) is None:
            place[part] = {}
        place = place[at]
        if not isinstance(place, dict | list):
            what = f"{part!r} is {place!r} and holds no keys"
            raise UsageError(what, where=change, do="give the key of a value")
    return result


def _keys(key: str) -> list[str]:
    parts = key.replace("[", ".").replace("]", "").split(".")
    if parts[0] == "augment" and len(parts) > 1 and (parts[1][:1].isupper() or parts[1].isdigit()):
        parts.insert(1, "ops")  # as factors are called
    return parts


def _position(ops: list[Any], part: str, change: str) -> int:
    """Return the position of an operation that is named by it, or as in a pipeline."""
    if part.isdigit() and int(part) < len(ops):
        return int(part)
    names: list[str] = []
    for op in ops:
        name = str(op.get("op")) if isinstance(op, Mapping) else "?"
        count = sum(other.partition(" ")[0] == name for other in names) + 1
        names.append(name if count == 1 else f"{name} {count}")
    if part in names:
        return names.index(part)
    near = difflib.get_close_matches(part, names, 1)
    do = f"did you mean {near[0]!r}?" if near else f"give one of {', '.join(names) or 'none'}"
    raise UsageError(f"there is no {part!r} in this list", where=change, do=do)
