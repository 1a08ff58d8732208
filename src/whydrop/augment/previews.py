"""Preview: what a pipeline does to some samples, beside what they were."""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from whydrop.augment.arrays import to_numpy
from whydrop.augment.draws import positions_of
from whydrop.augment.inputs import check_images
from whydrop.augment.named_target import NO_TARGET, NamedTarget, label_of, target_of
from whydrop.augment.op import Drawn, Images, Size, Stage
from whydrop.augment.ordered import check_pipeline
from whydrop.augment.pictures import Picture, pictures, unnormalized, unstacked
from whydrop.augment.pipeline import Pipeline
from whydrop.augment.spec import to_dict
from whydrop.augment.targets import Labels
from whydrop.augment.visible import (
    VisibilityWarning,
    Visible,
    shares_of,
    visible_share,
    visible_warning,
)
from whydrop.augment.words import plain, words_of
from whydrop.core.errors import UsageError

SAMPLES = 8
BOXES = "a box from another image counts as hidden"


@dataclass(frozen=True, eq=False)
class PreviewedSample:
    """One sample, before and after.

    Attributes:
        index: its position in the data set.
        name: what it is called, such as its file.
        label: the name of its class; empty if it has none.
        original: as it was given.
        seen: as the model sees it, with Normalize undone and cut to what can be shown.
        draws: by operation, the values drawn, as plain numbers.
        words: by operation, the same in words.
        target: what the model is to answer.
        visible: share, from 0 to 1, of what the model sees that is the sample's own image.
    """

    index: int
    name: str
    label: str
    original: Picture
    seen: Picture
    draws: Mapping[str, Mapping[str, Any]]
    words: Mapping[str, str]
    target: NamedTarget
    visible: float


@dataclass(frozen=True, eq=False)
class Preview:
    """Samples before and after a pipeline; shows itself in a notebook.

    Attributes:
        samples: those shown.
        pipeline: as plain values, see ``whydrop.augment.spec``.
        epoch: of the training, from 0.
        size: of the images that were given, in pixels.
        visible: of this pipeline for images of that size, over many samples.
        warning: what is wrong with how much it hides; None if nothing is.
        notes: what else there is to know about the pictures.
    """

    samples: Sequence[PreviewedSample]
    pipeline: Mapping[str, Any]
    epoch: int
    size: Size
    visible: Visible
    warning: str | None
    notes: Sequence[str]

    def __repr__(self) -> str:
        return f"Preview of {len(self.samples)} samples, {self.visible.mean:.0%} visible on average"

    def save(self, path: str | Path, *, columns: int = 2) -> Path:
        """Write the contact sheet as PNG, and return its path.

        Args:
            path: of the file, ending in .png.
            columns: samples beside each other.

        Raises:
            MissingExtra: Pillow is not installed.
            UsageError: the file cannot be written.
        """
        import whydrop

        return whydrop.write_preview(self, path, columns=columns)

    def to_json(self) -> str:
        """Return draws, targets and shares as JSON text, without the pictures."""
        import whydrop

        return whydrop.preview_to_json(self)

    def _repr_html_(self) -> str:
        import whydrop

        return whydrop.preview_to_html(self)

    def _repr_png_(self) -> bytes:
        import whydrop

        return whydrop.preview_to_png(self)


def preview(
    pipeline: Pipeline,
    images: Images,
    labels: Labels | None = None,
    *,
    epoch: int = 0,
    index: ArrayLike | None = None,
    view: int = 0,
    classes: Sequence[str] | None = None,
    names: Sequence[str] | None = None,
    samples: int = SAMPLES,
    object_px: int | None = None,
) -> Preview:
    """Return what a pipeline makes of some images, with what it drew for each.

    The images go through the pipeline together, so they are mixed with each other; those of a
    whole batch of the training show what that batch was.

    Args:
        pipeline: as in the training.
        images: (n, c, h, w) as for a call of it.
        labels: (n,) class numbers or (n, classes) rows; without them no targets are shown.
        epoch, view: as for a call.
        index: (n,) positions in the data set; 0, 1, 2, ... if not given.
        classes: names of the classes.
        names: (n,) what the samples are called.
        samples: the first so many are shown.
        object_px: side of the smallest object, for the warning; see ``visible_warning``.

    Raises:
        UsageError: what was given cannot be used.

    Example:
        >>> from whydrop.augment import HorizontalFlip
        >>> images = np.zeros((2, 3, 8, 8), np.uint8)
        >>> shown = preview(Pipeline([HorizontalFlip(1.0)]), images, np.array([0, 1]))
        >>> shown.samples[0].words
        {'HorizontalFlip': 'mirrored'}
    """
    check_pipeline(pipeline, where="preview")
    size, n = check_images(images), len(images)
    positions = np.arange(n) if index is None else positions_of(index)
    _check(n, samples, names)
    key: dict[str, Any] = {"index": positions, "epoch": epoch, "view": view}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", VisibilityWarning)  # it is in the result
        batch = pipeline(images, _labels_for(pipeline, labels, n, epoch), **key)
    drawn = pipeline.draws(size, **key)
    visible = shares_of(pipeline, size, **key)
    originals, notes = pictures(to_numpy(images))
    seen, _ = pictures(unnormalized(pipeline.ops, unstacked(batch.images, drawn)))

    def sample(i: int) -> PreviewedSample:
        draws = {
            op: {name: plain(values[i]) for name, values in d.items()}
            for op, d in drawn.items()
            if d
        }
        return PreviewedSample(
            index=int(positions[i]),
            name=names[i] if names else "",
            label=label_of(labels, i, classes),
            original=originals[i],
            seen=seen[i],
            draws=draws,
            words=_words(pipeline, draws, positions),
            target=NO_TARGET if labels is None else target_of(batch.targets, i, classes),
            visible=float(visible[i]),
        )

    return Preview(
        samples=tuple(sample(i) for i in range(min(n, samples))),
        pipeline=to_dict(pipeline),
        epoch=epoch,
        size=size,
        visible=visible_share(pipeline, size),
        warning=visible_warning(pipeline, size, object_px=object_px),
        notes=(*notes, *([BOXES] if any(_has_box(draws) for draws in drawn.values()) else [])),
    )


def _labels_for(pipeline: Pipeline, labels: Labels | None, n: int, epoch: int) -> Labels | None:
    """Return the labels, or for images that are to be mixed some that nobody will see."""
    mixes = any(op.stage is Stage.MIX and op.active(epoch) for op in pipeline.ops)
    return np.zeros(n, np.int64) if labels is None and mixes else labels


def _has_box(draws: Drawn) -> bool:
    return "partner" in draws and "top" in draws


def _words(
    pipeline: Pipeline, draws: Mapping[str, Mapping[str, Any]], positions: NDArray[Any]
) -> dict[str, str]:
    told = {}
    for op, name in zip(pipeline.ops, pipeline.names, strict=True):
        if name in draws:
            values = draws[name]
            partner = f"sample {positions[values['partner']]}" if "partner" in values else ""
            told[name] = words_of(op, values, partner=partner)
    return told


def _check(n: int, samples: int, names: Sequence[str] | None) -> None:
    if samples < 1:
        raise UsageError(f"samples is {samples}", where="preview", do="give 1 or more")
    if names is not None and len(names) != n:
        what = f"{len(names)} names for {n} images"
        raise UsageError(what, where="names of a preview", do="give one an image")
