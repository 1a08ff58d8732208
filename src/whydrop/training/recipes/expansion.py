"""A training part given the same number of images a class, and stored, before the training."""

import io
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from whydrop.augment.expansion.expand import expand_to
from whydrop.core.errors import MissingExtra, UsageError
from whydrop.training.recipes.data_sections import Expand
from whydrop.training.recipes.operations import pipeline_of
from whydrop.training.samples import Samples

Pixels = NDArray[np.uint8]


def expanded(samples: Samples, section: Expand, *, seed: int) -> Samples:
    """Return copies of images, the same number a class, as they come back from where they lie.

    Args:
        samples: images (n, c, h, w) uint8.
        section: how many, what happens to them, and how they are stored.
        seed: of the draws: the same at every training, since they are made once.

    Raises:
        UsageError: the samples are no images, or an operation refuses them.
        MissingExtra: Pillow is needed to store them smaller or as JPEG files.
    """
    if samples.inputs.dtype != np.uint8 or samples.inputs.ndim != 4:
        what = f"samples are {samples.inputs.dtype} of shape {samples.inputs.shape[1:]}"
        raise UsageError(what, where="data.expand", do="expand images, or leave expand out")
    expansion = expand_to(
        samples.inputs,
        samples.labels,
        section.per_class,
        pipeline=pipeline_of(section.ops, seed=seed),
        larger=section.larger,
    )
    images: list[Pixels] = []
    labels: list[NDArray[np.int64]] = []
    for batch in expansion.batches():
        images.append(batch.images)
        labels.append(batch.labels)
    inputs = np.concatenate(images)
    if section.size is not None or section.jpeg_quality is not None:
        inputs = np.stack(list(_stored(inputs, section)))
    return Samples(inputs, np.concatenate(labels), samples.classes)


def _stored(images: Pixels, section: Expand) -> Iterable[Pixels]:
    """Yield images (c, h, w) as they are after they were stored and read again."""
    try:
        from PIL import Image
    except ModuleNotFoundError as error:
        raise MissingExtra(
            "storing copies needs Pillow", where="data.expand", do="pip install pillow"
        ) from error
    for image in images:
        grey = len(image) == 1
        picture = Image.fromarray(image[0] if grey else np.moveaxis(image, 0, 2))
        full = picture.size
        if section.size is not None:
            picture = picture.resize((section.size, section.size), Image.Resampling.BILINEAR)
        if section.jpeg_quality is not None:
            file = io.BytesIO()
            picture.save(file, "JPEG", quality=section.jpeg_quality)
            picture = Image.open(file)
        if picture.size != full:
            picture = picture.resize(full, Image.Resampling.BILINEAR)
        pixels = np.asarray(picture)
        yield pixels[None] if grey else np.moveaxis(pixels, 2, 0)
