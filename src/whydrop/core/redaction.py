"""Secrets kept out of what is shared: reports, differences, JSON."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from whydrop.core.factor import Factor

REDACTED = "(redacted)"

# Whole parts of a name: api_key and dbPassword are secret, tokenizer and monkey are not.
_SECRET = re.compile(
    "apikey|auth|authorization|credentials?|passphrase|passwd|password|pwd|secrets?|token"
)
_KEYS = re.compile("access|api|encryption|private|secret|signing")
# Beside one of these, a token is a piece of text or image and no key.
_HARMLESS = re.compile(
    "bos|class|cls|count|dim|drop|dropout|eos|fill|ids?|image|img|len|length|mask|max|min|mixing|"
    "num|number|pad|per|pool|sep|size|special|text|type|unk|vocab"
)
_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_IN_ADDRESS = re.compile(r"(\b[a-z][a-z0-9+.-]*://)[^\s/@]+@")
_ASSIGNED = re.compile(r"(-{0,2}|\+{0,2})([\w.-]+)=(.+)", re.DOTALL)


def is_secret(name: str) -> bool:
    """Return whether a value of this name should not be shown to others.

    Example:
        >>> [is_secret(name) for name in ("WANDB_API_KEY", "hub.token", "cls_token", "max_tokens")]
        [True, True, False, False]
    """
    parts = [part.lower() for part in _PARTS.findall(name)]
    if any(map(_SECRET.fullmatch, parts)):
        return not ("token" in parts and any(map(_HARMLESS.fullmatch, parts)))
    return any(key == "key" and _KEYS.fullmatch(before) for before, key in pairwise(parts))


def redacted(value: Any, name: str = "") -> Any:
    """Return a JSON-like value without secrets: by the names of its keys, and in addresses.

    Truth values, fractions and what is absent are never secrets.

    Example:
        >>> redacted({"hub": {"token": "abc"}, "url": "https://me:pw@host/x"})
        {'hub': {'token': '(redacted)'}, 'url': 'https://(redacted)@host/x'}
    """
    if isinstance(value, Mapping):
        return {key: redacted(item, f"{name}.{key}") for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)([redacted(item, name) for item in value])
    if isinstance(value, str):
        return REDACTED if value and is_secret(name) else _IN_ADDRESS.sub(rf"\1{REDACTED}@", value)
    if isinstance(value, int) and not isinstance(value, bool) and is_secret(name):
        return REDACTED
    return value


def redacted_factor(factor: Factor) -> Factor:
    """Return a factor whose levels may be shown."""
    return replace(
        factor,
        off=redacted(factor.off, factor.name),
        on=redacted(factor.on, factor.name),
        parts=tuple(map(redacted_factor, factor.parts)),
    )


def redacted_words(words: Sequence[str]) -> list[str]:
    """Return the words of a command line without the values of options that look secret.

    Example:
        >>> redacted_words(["HF_TOKEN=abc", "python", "t.py", "--api-key", "s3", "--lr", "1"])
        ['HF_TOKEN=(redacted)', 'python', 't.py', '--api-key', '(redacted)', '--lr', '1']
    """
    shown: list[str] = []
    for i, word in enumerate(words):
        assigned = _ASSIGNED.fullmatch(word)
        before = words[i - 1] if i else ""
        if assigned and is_secret(assigned[2]):
            shown.append(f"{assigned[1]}{assigned[2]}={REDACTED}")
        elif before.startswith("-") and "=" not in before and not word.startswith("-"):
            shown.append(redacted(word, before))
        else:
            shown.append(redacted(word))
    return shown
