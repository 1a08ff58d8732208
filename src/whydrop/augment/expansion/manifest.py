"""Manifest: the files of an expansion, and for each the image and the draws it was made of."""

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

import whydrop
from whydrop.augment.expansion.balance import Copies, Larger
from whydrop.augment.expansion.encode import Encoder
from whydrop.augment.op import Ints, Size
from whydrop.augment.pipeline import Pipeline
from whydrop.augment.spec import to_dict
from whydrop.core.errors import UsageError

SCHEMA = "whydrop.expansion/1"
COLUMNS = ("file", "label", "index", "view")  # and one for each number that is drawn


def settings_of(
    pipeline: Pipeline,
    copies: Copies,
    labels: Ints,
    *,
    n_per_class: int,
    larger: Larger,
    encoder: Encoder,
    names: Sequence[str],
) -> dict[str, Any]:
    """Return what the files of an expansion depend on, but for the pixels of its sources."""
    used = np.stack([copies.index, copies.view, labels[copies.index]])
    classes = np.unique(labels[copies.index])
    return {
        "schema": SCHEMA,
        "made_by": f"whydrop {whydrop.__version__}",
        "pipeline": to_dict(pipeline),
        "n_per_class": n_per_class,
        "larger": larger,
        "format": encoder.format,
        "quality": encoder.quality,
        "images_before": len(labels),
        "files": len(copies),
        "classes": {names[label]: int(label) for label in classes},
        "copies_sha256": hashlib.sha256(used.astype("<i8").tobytes()).hexdigest(),
    }


def class_folders(labels: Ints, names: Sequence[str] | None) -> list[str]:
    """Return the name of each class's folder: its own name, or its number with leading zeros.

    Raises:
        UsageError: too few names, one that cannot be a folder's, or two that are alike.
    """
    classes = int(labels.max()) + 1
    if names is None:
        width = len(str(classes - 1))
        return [f"{label:0{width}}" for label in range(classes)]
    folders = list(names)
    where = "class_names"
    if len(folders) < classes:
        what = f"{len(folders)} names for labels up to {classes - 1}"
        raise UsageError(what, where=where, do="give one a class, in the order of the labels")
    for name in folders:
        bad = not isinstance(name, str) or not name or name.startswith((".", "manifest."))
        if bad or "/" in name or "\\" in name or not name.isprintable():
            raise UsageError(
                f"{name!r} cannot be the name of a folder",
                where=where,
                do="give printable names without slashes, not with a dot in front",
            )
    if len({name.casefold() for name in folders}) < len(folders):
        what = "two names are alike but for upper and lower case"
        raise UsageError(what, where=where, do="give each class a name of its own")
    return folders


def file_names(copies: Copies, labels: Ints, folders: Sequence[str], suffix: str) -> list[str]:
    """Return the name of each copy's file, such as "03/00041-002.png": image 41, third copy."""
    wide, narrow = (len(str(int(numbers.max()))) for numbers in (copies.index, copies.view))
    return [
        f"{folders[label]}/{index:0{wide}}-{view:0{narrow}}{suffix}"
        for label, (index, view) in zip(labels[copies.index].tolist(), copies.pairs(), strict=True)
    ]


def draw_columns(pipeline: Pipeline, size: Size) -> list[str]:
    """Return a name for each number that is drawn, such as "Affine.angle" or "Cutout.top.1"."""
    names = []
    for op, values in pipeline.draws(size, index=[0]).items():
        for what, drawn in values.items():
            width = drawn.reshape(1, -1).shape[1]
            names += [f"{op}.{what}.{at}" if width > 1 else f"{op}.{what}" for at in range(width)]
    return names


def draw_rows(pipeline: Pipeline, size: Size, copies: Copies) -> Iterator[tuple[object, ...]]:
    """Yield for each copy the numbers that are drawn for it, in the order of the columns."""
    n = len(copies)
    drawn = pipeline.draws(size, index=copies.index, view=copies.view)
    columns = [
        column
        for values in drawn.values()
        for part in values.values()
        for column in part.reshape(n, -1).T.tolist()
    ]
    yield from zip(*columns, strict=True) if columns else ((),) * n
