"""Visible: how much of its own image a sample still shows after crop, shift and erasing."""

import warnings
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from whydrop.augment.checks import whole_number
from whydrop.augment.hidden import hidden
from whydrop.augment.inputs import image_size
from whydrop.augment.op import Drawn, Floats, Ints, Size, Stage
from whydrop.augment.ordered import check_pipeline
from whydrop.augment.shares import GRID, hides, shares
from whydrop.core.errors import UsageError
from whydrop.core.phrase import listed

if TYPE_CHECKING:
    from whydrop.augment.pipeline import Pipeline

FEW = 0.5  # a mean share below which training sees too little of its images
OFTEN = 0.05  # how often the smallest object may be wholly hidden
SAMPLES = 4096
FIGURES = 1 << 15  # samples for a share of a few per cent: its standard error is 0.2 points
QUICK = 256  # samples, and QUICK_GRID points a side, that show a pipeline to be harmless
QUICK_GRID = 16
CAREFUL = 0.05  # a mean so near above FEW is looked at again, with more samples


class VisibilityWarning(UserWarning):
    """A pipeline hides so much of its images that accuracy is likely to suffer."""


class Visible(NamedTuple):
    """Shares, from 0 to 1, of the output that show the sample's own image.

    Attributes:
        mean: over samples.
        low: fifth percentile.
        least: of all.
    """

    mean: float
    low: float
    least: float


def visible_share(
    pipeline: "Pipeline", size: tuple[int, int], *, samples: int = SAMPLES
) -> Visible:
    """Return how much a pipeline leaves to see, by its own draws.

    What is repeated at a border counts as the image's own; what another image covers by CutMix
    does not. What RandAugment and TrivialAugment move out of the image is missing.

    Args:
        pipeline: its first epoch is looked at.
        size: height and width of the images in pixels.
        samples: how many are drawn; the mean is then within 0.01.
    """
    return _summary(shares_of(pipeline, size, index=_first(samples)))


def shares_of(
    pipeline: "Pipeline",
    size: tuple[int, int],
    *,
    index: Any,
    epoch: int = 0,
    view: Any = 0,
    mixing: bool = True,
    grid: int = GRID,
) -> Floats:
    """Return (n,): the share of each sample's output that shows its own image.

    Args:
        mixing: whether the boxes of CutMix hide; if not, only geometry and erasing do.
        grid: points a side at which it is read off where it has no formula.
    """
    n = len(np.asarray(index))
    acting = _acting(pipeline, size, index=index, epoch=epoch, view=view, mixing=mixing)
    return shares(acting, image_size(size), n, grid=grid)


def hidden_share(
    pipeline: "Pipeline", size: tuple[int, int], *, object_px: int, samples: int = SAMPLES
) -> float:
    """Return how often, from 0 to 1, a square object in the middle is wholly hidden.

    Mixing is left out: what it covers is not in the label either.

    Args:
        pipeline: its first epoch is looked at.
        size: height and width of the images in pixels.
        object_px: side of the object.
        samples: how many are drawn; the standard error is at most 0.5 / sqrt(samples).

    Raises:
        UsageError: the object is larger than the image, or of no size.
    """
    within = image_size(size)
    side = whole_number(object_px, "object_px", where="hidden_share", low=1)
    if side > min(within):
        raise UsageError(
            f"object_px is {object_px} for images of {size[0]} x {size[1]} pixels",
            where="hidden_share",
            do=f"give the side of the smallest object, from 1 to {min(size)} pixels",
        )
    index = _first(samples)
    acting = _acting(pipeline, size, index=index, mixing=False)
    return float(hidden(acting, within, len(index), side_px=side).mean())


def visible_warning(
    pipeline: "Pipeline",
    size: tuple[int, int],
    *,
    object_px: int | None = None,
    samples: int = FIGURES,
) -> str | None:
    """Return what is wrong with how much a pipeline hides, with figures; None if nothing is.

    Something is wrong if crop, shift and erasing leave less than half of the images on average,
    or wholly hide an object in their middle in more than 5 % of the samples. Mixing is left out:
    what another image covers, the label says.

    Args:
        pipeline: its first epoch is looked at.
        size: height and width of the images in pixels.
        object_px: side of the smallest object that a label stands for, where it is known.
        samples: how many are drawn.

    Raises:
        UsageError: the object is larger than the image, or of no size.

    Example:
        >>> from whydrop.augment import Cutout, PadCrop, Pipeline
        >>> augment = Pipeline([PadCrop(4), Cutout(16)])
        >>> visible_warning(augment, (32, 32)) is None
        True
        >>> print(visible_warning(augment, (32, 32), object_px=8).partition(";")[0])
        PadCrop and Cutout leave 69 % of an image of 32 x 32 pixels to be seen on average
    """
    share = shares_of(pipeline, size, index=_first(samples), mixing=False, grid=QUICK_GRID).mean()
    gone = 0.0
    if object_px is not None:
        gone = hidden_share(pipeline, size, object_px=object_px, samples=samples)
    if share >= FEW and gone <= OFTEN:
        return None
    hiders = _hiders(pipeline, Size(*size))
    leave = "leaves" if len(hiders) == 1 else "leave"
    found = [
        f"{listed(hiders)} {leave} {100 * share:.0f} % of an image of "
        f"{size[0]} x {size[1]} pixels to be seen on average"
        + (", less than half" if share < FEW else "")
    ]
    if gone > OFTEN:
        found.append(
            f"an object of {object_px} x {object_px} pixels in the middle is wholly hidden in "
            f"{100 * gone:.0f} % of the samples, and its label then stands for nothing"
        )
    cure = "Smaller shifts and holes hide less"
    if share < FEW and not pipeline.least_visible:
        cure += f"; least_visible={FEW} has samples that show less drawn again"
    return "; ".join(found) + f". {cure}."


def warn_of_hiding(pipeline: "Pipeline", size: Size) -> None:
    """Warn where a pipeline leaves less than half of images of a size to be seen on average.

    A few samples on a coarse grid show that most pipelines do not.
    """
    quick = shares_of(pipeline, size, index=np.arange(QUICK), mixing=False, grid=QUICK_GRID)
    if quick.mean() >= FEW + CAREFUL:
        return
    text = visible_warning(pipeline, size)
    if text is not None:
        warnings.warn(text, VisibilityWarning, stacklevel=3)  # at the call of the pipeline


def _acting(
    pipeline: "Pipeline", size: tuple[int, int], *, mixing: bool, **which: Any
) -> list[tuple[Any, Drawn]]:
    """Return the operations that hide, with their draws."""
    check_pipeline(pipeline, where="what stays visible")
    drawn = pipeline.draws(size, **which)
    return [
        (op, drawn[name])
        for op, name in zip(pipeline.ops, pipeline.names, strict=True)
        if name in drawn and (hides(op) or (mixing and op.stage is Stage.MIX))
    ]


def _hiders(pipeline: "Pipeline", size: Size) -> list[str]:
    """Return the names of the operations that hide something by themselves."""
    drawn = pipeline.draws(size, index=np.arange(QUICK))
    names = []
    for op, name in zip(pipeline.ops, pipeline.names, strict=True):
        if hides(op) and shares([(op, drawn[name])], size, QUICK).min() < 1:
            names.append(name)
        size = op.output_size(size)
    return names


def _first(samples: int) -> Ints:
    """Return the positions of so many samples."""
    return np.arange(whole_number(samples, "samples", where="what stays visible", low=1))


def _summary(values: Floats) -> Visible:
    return Visible(float(values.mean()), float(np.quantile(values, 0.05)), float(values.min()))
