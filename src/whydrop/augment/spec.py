"""Spec: a pipeline as data, and back; nothing in it is ever run as code."""

import dataclasses
import difflib
import json
from collections.abc import Mapping
from functools import cache
from types import NoneType
from typing import Any, TypeVar

import whydrop.augment as augment
from whydrop.augment.mixup import MixUp
from whydrop.augment.op import Op
from whydrop.augment.ordered import Kind, Ordered
from whydrop.augment.pipeline import Pipeline
from whydrop.augment.skeletons.op import SkeletonOp
from whydrop.augment.skeletons.pipeline import SkeletonPipeline
from whydrop.core.errors import DataError

SCHEMA = "whydrop.augment/1"
SKELETON_SCHEMA = "whydrop.augment.skeletons/1"
KINDS: dict[str, tuple[type, ...]] = {
    "classes": (int, NoneType),
    "seed": (int,),
    "target": (str,),
    "smoothing": (float, int),
    "order": (str,),
    "least_visible": (float, int),
    "soften": (float, int, NoneType),
}
WORDS = {float: "a number", int: "a whole number", str: "a word", NoneType: "null"}
_READERS = {SCHEMA: "from_json", SKELETON_SCHEMA: "skeletons_from_json"}

P = TypeVar("P", bound=Ordered)


def to_dict(pipeline: Ordered) -> dict[str, Any]:
    """Return a pipeline as plain values: dicts, lists, numbers, words.

    Example:
        >>> from whydrop.augment import HorizontalFlip, Pipeline
        >>> to_dict(Pipeline([HorizontalFlip()]))["ops"]
        [{'op': 'HorizontalFlip', 'probability': 0.5}]
    """
    ops = [_op_to_dict(op) for op in pipeline.ops]
    schema = SKELETON_SCHEMA if isinstance(pipeline, SkeletonPipeline) else SCHEMA
    fields = {name: getattr(pipeline, name) for name in pipeline.fields}
    return {"schema": schema, **fields, "ops": ops}


def to_json(pipeline: Ordered) -> str:
    """Return a pipeline, of images or of skeletons, as JSON text."""
    return json.dumps(to_dict(pipeline), indent=1) + "\n"


def from_json(text: str) -> Pipeline:
    """Return the pipeline that a JSON text describes.

    Raises:
        DataError: it is not JSON, of another schema, or names what does not exist.
        UsageError: a value that an operation refuses.
    """
    return from_dict(_parsed(text))


def skeletons_from_json(text: str) -> SkeletonPipeline:
    """Return the pipeline of skeletons that a JSON text describes; errors as ``from_json``."""
    return skeletons_from_dict(_parsed(text))


def from_dict(data: Any) -> Pipeline:
    """Return the pipeline that plain values describe; the other way of ``to_dict``."""
    return _from_dict(data, SCHEMA, Pipeline)


def skeletons_from_dict(data: Any) -> SkeletonPipeline:
    """Return the pipeline of skeletons that plain values describe."""
    return _from_dict(data, SKELETON_SCHEMA, SkeletonPipeline)


@cache
def operations(changes: Kind) -> tuple[str, ...]:
    """Return the names of all operations on images, or on skeletons, by stage.

    Example:
        >>> operations("skeletons")
        ('TemporalCrop', 'TemporalResample', 'VerticalRotation', 'JointJitter', 'MixUp')
    """
    public = ((name, getattr(augment, name)) for name in augment.__all__)
    ops = {name: thing for name, thing in public if _is_op(thing)}
    on_skeletons = changes == "skeletons"
    own = [n for n, op in ops.items() if op is MixUp or issubclass(op, SkeletonOp) == on_skeletons]
    return tuple(sorted(own, key=lambda name: ops[name].stage))


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        do = "write it again by to_json"
        raise DataError(f"not JSON: {error.msg}", where=where, do=do) from None
    except (ValueError, RecursionError) as error:  # a number or a nesting beyond all bounds
        where, do = "specification of a pipeline", "write it again by to_json"
        raise DataError(f"no JSON of a pipeline: {error}", where=where, do=do) from None


def _from_dict(data: Any, schema: str, kind: type[P]) -> P:
    where = "specification of a pipeline"
    if not isinstance(data, Mapping) or data.get("schema") != schema:
        found = data.get("schema") if isinstance(data, Mapping) else type(data).__name__
        reader = _READERS.get(found) if isinstance(found, str) else None
        raise DataError(
            f"the schema is {found!r}",
            where=where,
            do=f"read it by {reader}" if reader else f"give one of schema {schema!r}",
        )
    _check_names(data, ("schema", "ops", *kind.fields), where)
    ops = data.get("ops")
    if not isinstance(ops, list):
        raise DataError("ops is not a list", where=where, do="give a list of operations")
    fields = {name: data[name] for name in kind.fields if name in data}
    for name, value in fields.items():
        if not isinstance(value, KINDS[name]) or isinstance(value, bool):
            do = f"give {' or '.join(WORDS[one] for one in KINDS[name])}"
            raise DataError(f"{name} is {value!r}", where=where, do=do)
    return kind([_op_from_dict(op, f"operation {n}") for n, op in enumerate(ops, 1)], **fields)


def _op_to_dict(op: Any) -> dict[str, Any]:
    values = {field.name: getattr(op, field.name) for field in dataclasses.fields(op)}
    return {"op": type(op).__name__, **{name: _plain(value) for name, value in values.items()}}


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value):
        return _op_to_dict(value)
    return list(value) if isinstance(value, tuple) else value


def _op_from_dict(data: Any, where: str) -> Any:
    known = tuple(dict.fromkeys((*operations("images"), *operations("skeletons"))))
    if not isinstance(data, Mapping) or data.get("op") not in known:
        name = data.get("op") if isinstance(data, Mapping) else data
        near = difflib.get_close_matches(str(name), known, 1)
        do = f"did you mean {near[0]}?" if near else f"use one of {', '.join(known)}"
        raise DataError(f"there is no operation {name!r}", where=where, do=do)
    kind = getattr(augment, data["op"])
    where = f"{where}, {data['op']}"
    _check_names(data, ("op", *(field.name for field in dataclasses.fields(kind))), where)
    values = {name: value for name, value in data.items() if name != "op"}
    for name, value in values.items():
        if isinstance(value, Mapping):
            values[name] = _op_from_dict(value, where)
        for number in value if isinstance(value, list) else [value]:
            if isinstance(number, int) and abs(number) >= 1 << 31:
                what = f"{name} is beyond all bounds"
                raise DataError(what, where=where, do="give pixels, shares or degrees")
    try:
        return kind(**values)
    except (TypeError, ValueError, OverflowError) as error:
        what = str(error).removeprefix(f"{kind.__name__}.__init__() ")
        raise DataError(what, where=where, do="give all fields, each of its kind") from None


def _is_op(thing: Any) -> bool:
    return isinstance(thing, type) and issubclass(thing, Op)


def _check_names(data: Mapping[str, Any], known: tuple[str, ...], where: str) -> None:
    for name in data:
        if name not in known:
            near = difflib.get_close_matches(str(name), known, 1)
            do = f"did you mean {near[0]}?" if near else f"use {', '.join(known)}"
            raise DataError(f"unknown key {name!r}", where=where, do=do)
