"""expand_to: a data set in which each class has the same number of augmented images."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whydrop.augment.expansion import manifest
from whydrop.augment.expansion.balance import (
    Copies,
    Larger,
    at_least_one,
    balanced_copies,
    members_of,
)
from whydrop.augment.expansion.encode import Encoder, Format
from whydrop.augment.expansion.folder import Progress, Row, write_folder
from whydrop.augment.expansion.sources import Pixels, check_source, read
from whydrop.augment.op import Ints, Size, Stage
from whydrop.augment.ordered import check_pipeline
from whydrop.augment.pipeline import Pipeline
from whydrop.core.errors import UsageError

BATCH = 64  # images that are in memory at a time
QUALITY = 95  # of JPEG, the best that Pillow recommends


@dataclass(frozen=True, eq=False)
class ExpandedBatch:
    """Some images of an expanded data set.

    Attributes:
        images: uint8 (n, c, h, w).
        labels: int64 (n,).
        index: int64 (n,), positions of the images they were made of.
        view: int64 (n,), number of the copy of that image, from 0.
    """

    images: NDArray[np.uint8]
    labels: Ints
    index: Ints
    view: Ints


@dataclass(frozen=True, eq=False)
class Expansion:
    """Augmented copies of images, the same number a class; made when they are asked for.

    They are sorted by class, image and copy, so that each image is read once: shuffle them for
    training. ``len`` is their number.

    Attributes:
        images: the sources.
        labels: int64, of the sources.
        pipeline: what makes a copy of an image.
        n_per_class, larger: as asked for.
        copies: which image and which copy of it each one is.
    """

    images: Any
    labels: Ints
    pipeline: Pipeline
    n_per_class: int
    larger: Larger
    copies: Copies

    def __len__(self) -> int:
        return len(self.copies)

    def batches(self, batch_size: int = BATCH) -> Iterator[ExpandedBatch]:
        """Yield all copies, rounded to whole levels of 0 to 255; the same for any batch size.

        Args:
            batch_size: images in memory at a time.

        Raises:
            UsageError: copies of a batch are of several sizes.
        """
        size = at_least_one(batch_size, "batch_size")
        for first in range(0, len(self), size):
            copies = self.copies[first : first + size]
            made = [pixels for _, pixels in self._made(copies)]
            shapes = sorted({pixels.shape for pixels in made})
            if len(shapes) > 1:
                raise UsageError(
                    f"images have shapes {shapes[0]} and {shapes[1]}",
                    where="Expansion.batches",
                    do="put ResizedCrop into the pipeline, or write them to files",
                )
            yield ExpandedBatch(
                np.stack(made), self.labels[copies.index], copies.index, copies.view
            )

    def write(
        self,
        folder: str | PathLike[str],
        *,
        format: Format = "png",
        quality: int | None = None,
        class_names: Sequence[str] | None = None,
        batch_size: int = BATCH,
        progress: Progress | None = None,
    ) -> int:
        """Return how many files were written: one an image, in a folder a class.

        ``manifest.json`` holds the pipeline and the other settings; ``manifest.csv`` has a row
        for each file with its label, the position of the image it was made of, the number of the
        copy, and all that was drawn. It is there when all files are. A run that was killed goes
        on where it was when it is called again with the same settings.

        Args:
            folder: new or empty, or that of a run that was stopped.
            format: "png" keeps every pixel; "jpeg" does not, as a photo that is saved again.
            quality: of JPEG, from 1 to 95; None is 95.
            class_names: of the folders, in the order of the labels; None gives their numbers
                with leading zeros, whose alphabetic order is that of the labels.
            batch_size: images in memory at a time.
            progress: called with files done and files in all, from two seconds on.

        Raises:
            UsageError: the folder is not empty, or cannot be written; or a value outside its
                range.
            MissingExtra: Pillow is not installed.
        """
        if format == "jpeg" and quality is None:
            quality = QUALITY
        encoder = Encoder(format, quality)
        folders = manifest.class_folders(self.labels[self.copies.index], class_names)
        names = manifest.file_names(self.copies, self.labels, folders, encoder.suffix)
        first = read(self.images, self.copies.index[:1])[0]
        encoder.encoded(first)  # so that what cannot be stored is said before the folder is made
        columns = manifest.draw_columns(self.pipeline, Size(*first.shape[1:]))
        return write_folder(
            Path(folder),
            manifest.settings_of(
                self.pipeline,
                self.copies,
                self.labels,
                n_per_class=self.n_per_class,
                larger=self.larger,
                encoder=encoder,
                names=folders,
            ),
            [*manifest.COLUMNS, *columns],
            names,
            files_from=partial(self._files, names, encoder, at_least_one(batch_size, "batch_size")),
            is_whole=encoder.is_whole,
            progress=progress,
        )

    def _files(
        self, names: Sequence[str], encoder: Encoder, batch_size: int, start: int
    ) -> Iterator[tuple[Row, bytes]]:
        """Yield the manifest's row and the bytes of each file, from a position on."""
        for first in range(start, len(self), batch_size):
            part = slice(first, first + batch_size)
            copies = self.copies[part]
            labels = self.labels[copies.index].tolist()
            rows = zip(names[part], labels, copies.pairs(), self._made(copies), strict=True)
            for name, label, pair, (drawn, pixels) in rows:
                yield (name, label, *pair, *drawn), encoder.encoded(pixels)

    def _made(self, copies: Copies) -> list[tuple[tuple[object, ...], Pixels]]:
        """Return what was drawn for some copies, and their pixels, uint8 (c, h, w)."""
        sources = read(self.images, copies.index)
        made: dict[int, tuple[tuple[object, ...], Pixels]] = {}
        for shape in sorted({source.shape for source in sources}):  # one pass for each size
            at = [place for place, source in enumerate(sources) if source.shape == shape]
            some = copies[np.array(at)]
            images = np.stack([sources[place] for place in at])
            result = self.pipeline(images, index=some.index, view=some.view).images
            drawn = manifest.draw_rows(self.pipeline, Size(*shape[1:]), some)
            made.update(zip(at, zip(drawn, _levels(result), strict=True), strict=True))
        return [made[place] for place in range(len(sources))]


def expand_to(
    images: Any,
    labels: Any,
    n_per_class: int,
    *,
    pipeline: Pipeline,
    larger: Larger = "subset",
    among: Any = None,
) -> Expansion:
    """Return n_per_class augmented copies a class, as batches or as files; none is made yet.

    The copies of an image are its views 0, 1, 2, ... in epoch 0 of the pipeline. The images of a
    class take turns, in an order drawn by the pipeline's seed, so that they are used equally
    often or one differs from another by one. ``BalancedSampler`` does the same with new draws in
    each epoch.

    Args:
        images: (n, c, h, w) uint8, NumPy or PyTorch, in memory or mapped; or anything that has a
            length and gives image i by [i] as uint8 (c, h, w), of its own size.
        labels: (n,) whole numbers.
        n_per_class: copies a class.
        pipeline: of geometry, colour and erasing.
        larger: what a class with more images than that gives: a drawn "subset" of n_per_class,
            or "keep" for one copy of each.
        among: positions of the training part; None is all. No other image is ever read.

    Raises:
        UsageError: a value outside its range; an operation whose result is no image.

    Example:
        >>> from whydrop.augment import HorizontalFlip
        >>> images = np.zeros((3, 3, 8, 8), np.uint8)
        >>> expansion = expand_to(images, [0, 0, 1], 4, pipeline=Pipeline([HorizontalFlip()]))
        >>> [(batch.images.shape, batch.labels.tolist()) for batch in expansion.batches(5)]
        [((5, 3, 8, 8), [0, 0, 0, 0, 1]), ((3, 3, 8, 8), [1, 1, 1])]
    """
    members = members_of(labels, among)
    check_source(images, len(members.labels))
    _check_pipeline(pipeline)
    copies = balanced_copies(members, n_per_class, seed=pipeline.seed, larger=larger)
    return Expansion(images, members.labels, pipeline, int(n_per_class), larger, copies)


def _check_pipeline(pipeline: Pipeline) -> None:
    where = "pipeline of expand_to"
    check_pipeline(pipeline, where=where)
    for op in pipeline.ops:
        kind = type(op).__name__
        if op.stage is Stage.NORMALIZE:
            raise UsageError(
                "Normalize makes values that no image file holds: below 0 and above 1",
                where=where,
                do="leave it out here; normalise when the expanded images are trained on",
            )
        if op.stage is Stage.MIX:
            raise UsageError(
                f"{kind} mixes labels too, and a file in a class folder has one",
                where=where,
                do="leave it out here; mix when the expanded images are trained on",
            )
        fill = getattr(op, "fill", 0.0)
        if fill == "noise" or not 0.0 <= fill <= 1.0:
            raise UsageError(
                f"{kind} fills with {fill}, which is no colour without Normalize",
                where=where,
                do="give a fill from 0 to 1",
            )


def _levels(images: NDArray[np.float32]) -> Pixels:
    """Return images, values from 0 to 1, as the nearest of the 256 levels."""
    levels = images * np.float32(255)
    np.rint(levels, out=levels)
    return np.clip(levels, 0, 255, out=levels).astype(np.uint8)
