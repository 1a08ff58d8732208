"""The operations of ``augment`` as a recipe has them, complete and checked."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic_core import PydanticCustomError

from whydrop import augment
from whydrop.augment import spec
from whydrop.augment.pipeline import Pipeline
from whydrop.core.errors import WhydropError


def completed(op: Mapping[str, Any]) -> dict[str, Any]:
    """Return an operation with all its fields.

    Raises:
        PydanticCustomError: there is no such operation, or it refuses a field.

    Example:
        >>> completed({"op": "HorizontalFlip"})
        {'op': 'HorizontalFlip', 'probability': 0.5}
    """
    try:
        ops: list[dict[str, Any]] = spec.to_dict(pipeline_of([op], order="as given"))["ops"]
    except WhydropError as error:
        raise refused(error) from None
    return ops[0]


def refused(error: WhydropError) -> PydanticCustomError:
    """Return an error of ours in the form that pydantic takes and ``refusal`` reads."""
    return PydanticCustomError("refused", "{what}", {"what": error.what, "do": error.do})


def pipeline_of(ops: Any, **fields: Any) -> Pipeline:
    """Return the pipeline of some operations; see whydrop.augment.spec.from_dict."""
    return spec.from_dict({"schema": spec.SCHEMA, "ops": list(ops), **fields})


def names_of(ops: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return a name for each operation, as a pipeline has them.

    Example:
        >>> names_of([{"op": "Cutout"}, {"op": "MixUp"}, {"op": "Cutout"}])
        ['Cutout', 'MixUp', 'Cutout 2']
    """
    seen: Counter[str] = Counter()
    names = []
    for op in ops:
        name = str(op["op"])
        seen[name] += 1
        names.append(name if seen[name] == 1 else f"{name} {seen[name]}")
    return names


def staged(ops: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return operations in the order of their stages; those of one stage stay as they are."""
    return sorted(ops, key=lambda op: getattr(augment, str(op["op"])).stage)
