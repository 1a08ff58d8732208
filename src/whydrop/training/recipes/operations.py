"""The operations of ``augment`` as a recipe has them, complete and checked."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic_core import PydanticCustomError

from whydrop import augment
from whydrop.augment import spec
from whydrop.augment.ordered import Kind
from whydrop.augment.pipeline import Pipeline
from whydrop.augment.skeletons.pipeline import SkeletonPipeline
from whydrop.core.errors import WhydropError
from whydrop.core.phrase import listed

_OTHER: Mapping[Kind, Kind] = {"images": "skeletons", "skeletons": "images"}


def completed(op: Mapping[str, Any]) -> dict[str, Any]:
    """Return an operation with all its fields.

    Raises:
        PydanticCustomError: there is no such operation, or it refuses a field.

    Example:
        >>> completed({"op": "HorizontalFlip"})
        {'op': 'HorizontalFlip', 'probability': 0.5}
    """
    make = skeleton_pipeline_of if op.get("op") in spec.operations("skeletons") else pipeline_of
    try:
        ops: list[dict[str, Any]] = spec.to_dict(make([op], order="as given"))["ops"]
    except WhydropError as error:
        raise refused(error) from None
    return ops[0]


def refused(error: WhydropError) -> PydanticCustomError:
    """Return an error of ours in the form that pydantic takes and ``refusal`` reads."""
    return PydanticCustomError("refused", "{what}", {"what": error.what, "do": error.do})


def pipeline_of(ops: Any, **fields: Any) -> Pipeline:
    """Return the pipeline of some operations; see whydrop.augment.spec.from_dict."""
    return spec.from_dict({"schema": spec.SCHEMA, "ops": list(ops), **fields})


def skeleton_pipeline_of(ops: Any, **fields: Any) -> SkeletonPipeline:
    """Return the pipeline of some operations on skeletons."""
    return spec.skeletons_from_dict({"schema": spec.SKELETON_SCHEMA, "ops": list(ops), **fields})


def alien(changes: Kind) -> list[str]:
    """Return the names of all operations that are not for images, or not for skeletons.

    Example:
        >>> alien("images")
        ['TemporalCrop', 'TemporalResample', 'VerticalRotation', 'JointJitter']
    """
    own = spec.operations(changes)
    return [name for name in spec.operations(_OTHER[changes]) if name not in own]


def misfit(ops: Sequence[Mapping[str, Any]], changes: Kind) -> str:
    """Return what is wrong with operations that are not for such samples, or nothing.

    Example:
        >>> misfit([{"op": "PadCrop"}, {"op": "MixUp"}], "skeletons")
        'PadCrop changes images, and the samples are skeletons'
    """
    present = {op["op"] for op in ops}
    wrong = [name for name in alien(changes) if name in present]
    if not wrong:
        return ""
    verb = "changes" if len(wrong) == 1 else "change"
    return f"{listed(wrong)} {verb} {_OTHER[changes]}, and the samples are {changes}"


def those_for(changes: Kind) -> str:
    """Return what to give for such samples."""
    return f"give {listed(spec.operations(changes), 'or')}"


def frames_after(ops: Sequence[Mapping[str, Any]], frames: int) -> int:
    """Return how many frames skeletons have after some operations.

    Example:
        >>> frames_after([{"op": "TemporalCrop"}, {"op": "TemporalResample", "frames": 32}], 90)
        32
    """
    return next((op["frames"] for op in ops if op["op"] == "TemporalResample"), frames)


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
