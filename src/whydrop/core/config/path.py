"""Path: where a value sits in nested settings."""

import json
from typing import Any

Path = tuple[str | int, ...]

MAX_DEPTH = 100


def name_of(path: Path, *, quoted: bool = False) -> str:
    """Return how a person writes a path; quoted sets off keys that hold dots themselves.

    Example:
        >>> name_of(("train", "augment", 0, "p"))
        'train.augment[0].p'
    """
    name = ""
    for key in path:
        if isinstance(key, int) and not isinstance(key, bool):
            name += f"[{key}]"
            continue
        text = json.dumps(key) if quoted and set(".[]") & set(str(key)) else str(key)
        name += f".{text}" if name else text
    return name


def holds(data: Any, path: Path) -> bool:
    """Return whether nested settings have a value at a path.

    Example:
        >>> holds({"augment": [{"p": None}]}, ("augment", 0, "p"))
        True
    """
    for key in path:
        if isinstance(data, list) and isinstance(key, int):
            if key >= len(data):
                return False
        elif not (isinstance(data, dict) and key in data):
            return False
        data = data[key]
    return True
