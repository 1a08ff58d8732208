"""What must be unchanged for a study to be resumed, as flat text that keeps no secret."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from whydrop.core.redaction import is_secret


def identified(known: Mapping[str, Any]) -> dict[str, str]:
    """Return values as text; those with a secret's name as a hash, so that changes still show."""
    return {key: _text(key, value) for key, value in known.items()}


def hash_of(file: Path | None) -> dict[str, str]:
    """Return the name and content hash of the user's own code, or nothing without a file."""
    if file is None:
        return {}
    return {"code": f"{file.name} sha256:{hashlib.sha256(file.read_bytes()).hexdigest()[:32]}"}


def _text(key: str, value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True, default=str)
    if is_secret(key):
        return f"sha256:{hashlib.sha256(text.encode(errors='surrogatepass')).hexdigest()[:32]}"
    return text
