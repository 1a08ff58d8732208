"""What the journal keeps as text: values as JSON that come back exactly as they went in.

JSON has no absent level, no tuple, no key but a string and no infinity; those are kept as an
object whose one telling key is ``"$"``. A key of the user's own that begins with a dollar sign
gets one more, so nothing a user writes can be mistaken for such an object.
"""

import json
import math
from collections.abc import Mapping
from typing import Any, NoReturn, get_args

from whydrop.core.errors import UsageError
from whydrop.core.factor import ABSENT, Factor
from whydrop.core.metric import Metric, Unit

MARK = "$"
PLACE = "the settings of the study"  # of a value that is no factor's level


def to_text(value: Any) -> str:
    """Return a value as ASCII JSON text; any code point survives, lone surrogates too.

    Raises:
        UsageError: a value that is no number, text, truth value, None, list, tuple or mapping.
    """
    try:
        return json.dumps(_marked(value), allow_nan=False, separators=(",", ":"))
    except RecursionError:
        what = "a value is nested too deeply or holds itself"
        raise UsageError(what, where=PLACE, do="flatten it") from None


def from_text(text: str) -> Any:
    """Return the value that ``to_text`` was given.

    Raises:
        ValueError: text that ``to_text`` never wrote.
    """
    try:
        return _unmarked(json.loads(text, parse_constant=_refuse))
    except RecursionError:
        raise ValueError("nested too deeply") from None


def factor_to_json(factor: Factor) -> dict[str, Any]:
    """Return a factor as a mapping for ``to_text``.

    Raises:
        UsageError: a level that the journal cannot keep, with the factor's name.
    """
    for level in (factor.off, factor.on):
        try:
            to_text(level)
        except UsageError as error:
            raise UsageError(error.what, where=f"factor {factor.name}", do=error.do) from None
    return {
        "name": factor.name,
        "off": factor.off,
        "on": factor.on,
        "kind": factor.kind,
        "source": factor.source,
        "parts": [factor_to_json(part) for part in factor.parts],
        "path": list(factor.path),
    }


def factor_from_json(data: Mapping[str, Any]) -> Factor:
    """Return the factor that ``factor_to_json`` was given.

    Raises:
        KeyError, TypeError, ValueError: data that it never wrote.
    """
    texts = [data[key] for key in ("name", "kind", "source")]
    if not all(isinstance(text, str) for text in texts):
        raise ValueError(f"a factor without a name: {texts!r:.200}")
    return Factor(
        name=data["name"],
        off=data["off"],
        on=data["on"],
        kind=data["kind"],
        source=data["source"],
        parts=tuple(factor_from_json(part) for part in data["parts"]),
        path=tuple(data["path"]),
    )


def metric_to_json(metric: Metric) -> dict[str, Any]:
    return {"name": metric.name, "minimize": metric.minimize, "unit": metric.unit}


def metric_from_json(data: Mapping[str, Any]) -> Metric:
    """Return the metric that ``metric_to_json`` was given.

    Raises:
        KeyError, TypeError, ValueError: data that it never wrote.
    """
    name, minimize, unit = data["name"], data["minimize"], data["unit"]
    if not isinstance(name, str) or unit not in get_args(Unit):
        raise ValueError(f"no metric: {name!r:.100} in {unit!r:.40}")
    return Metric(name, bool(minimize), unit)


def _marked(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else {MARK: str(float(value))}
    if value is ABSENT:
        return {MARK: "absent"}
    if isinstance(value, list):
        return [_marked(item) for item in value]
    if isinstance(value, tuple):
        return {MARK: "tuple", "of": [_marked(item) for item in value]}
    if isinstance(value, Mapping):
        if all(isinstance(key, str) for key in value):
            return {_escaped(key): _marked(item) for key, item in value.items()}
        pairs = [[_marked(key), _marked(item)] for key, item in value.items()]
        return {MARK: "mapping", "of": pairs}
    raise UsageError(
        f"a study cannot keep a value of type {type(value).__name__}: {value!r:.200}",
        where=PLACE,
        do="use numbers, text, lists and mappings, and build the object inside the training",
    )


def _unmarked(value: Any) -> Any:
    if isinstance(value, list):
        return [_unmarked(item) for item in value]
    if not isinstance(value, dict):
        return value
    if MARK not in value:
        return {_unescaped(key): _unmarked(item) for key, item in value.items()}
    match value:
        case {"$": "absent"}:
            return ABSENT
        case {"$": "nan" | "inf" | "-inf" as word}:
            return float(word)
        case {"$": "tuple", "of": list(items)}:
            return tuple(_unmarked(item) for item in items)
        case {"$": "mapping", "of": list(pairs)}:
            return {_unmarked(key): _unmarked(item) for key, item in pairs}
    raise ValueError(f"unknown mark {value[MARK]!r:.40}")


def _escaped(key: str) -> str:
    return MARK + key if key.startswith(MARK) else key


def _unescaped(key: str) -> str:
    return key.removeprefix(MARK)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")
