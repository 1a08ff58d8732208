"""MixUp: each image becomes a weighted mean of itself and another of its batch."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from whydrop.augment.arrays import in_library_of, is_torch, library_of
from whydrop.augment.blend import blend, check_images
from whydrop.augment.mixing import CHANCE, Mixing, Per, check_fields, draw_pairs
from whydrop.augment.op import Drawn, Floats, Images, Size
from whydrop.augment.pairing import Pairing
from whydrop.core.errors import UsageError


@dataclass(frozen=True)
class MixUp(Mixing):
    """Mix each image with a partner from its batch: lam * image + (1 - lam) * partner.

    Args:
        alpha: lam is drawn from Beta(alpha, alpha); above 0.
        probability: of each image, or of each batch, to be mixed at all.
        per: "sample" draws lam for each image; "batch" one for all, that of the image whose
            number in the pairing is the smallest, so that it depends on the set of images only.
        fold: take the larger of lam and 1 - lam, so that an image's own label is the major one.
            It changes no set of mixed pairs, but keeps a pair from turning up as its mirror image.
        pairing: see ``whydrop.augment.pairing``.
        until: first epoch without mixing, counted from 0; None mixes in all.
        stack_images: leave the mixing to the model: ``apply`` returns (n, 2, c, h, w), each image
            and its partner, and the targets carry lam.

    Source: Zhang et al. (2018), mixup: beyond empirical risk minimization, ICLR.
    """

    alpha: float = 1.0
    probability: float = 1.0
    per: Per = "sample"
    fold: bool = True
    pairing: Pairing = "cycle"
    until: int | None = None
    stack_images: bool = False
    chance: ClassVar[tuple[str, ...]] = CHANCE

    def __post_init__(self) -> None:
        check_fields(self)

    def draw(self, u: Floats, size: Size) -> Drawn:
        """Return partner int64 (n,), positions in the batch, and lam float32 (n,).

        lam is 1 where an image stays as it is: not drawn, alone, or its own partner.

        Raises:
            UsageError: the batch is empty.
        """
        pairs = draw_pairs(self, u)
        return {"partner": pairs.partner, "lam": pairs.lam.astype(np.float32)}

    def output_shape(self, images: Images) -> tuple[int, ...]:
        n, *rest = images.shape
        return (n, 2, *rest) if self.stack_images else (n, *rest)

    def apply(self, images: Images, drawn: Drawn, out: Images | None = None) -> Images:
        """Return the mixed images, of the images' dtype; the images are not written.

        Args:
            images: (n, c, h, w) float16, bfloat16, float32 or float64.
            drawn: from ``draw``; in any library.
            out: where to write, of the result's shape and dtype; None makes it.

        Raises:
            UsageError: images or out are not so.
        """
        if self.stack_images:
            return _stacked(images, drawn["partner"], self.output_shape(images), out)
        return blend(images, drawn["partner"], drawn["lam"], out)


def _stacked(images: Images, partner: Any, shape: tuple[int, ...], out: Images | None) -> Images:
    check_images(images)
    if out is None:
        out = library_of(images).empty(shape, dtype=images.dtype, **_place(images))
    elif tuple(out.shape) != shape or out.dtype != images.dtype:
        raise UsageError(
            f"out has shape {tuple(out.shape)} and dtype {out.dtype}",
            where="MixUp with stack_images",
            do=f"give shape {shape} and dtype {images.dtype}",
        )
    out[:, 0] = images
    out[:, 1] = images[in_library_of(images, partner)]
    return out


def _place(images: Images) -> dict[str, Any]:
    return {"device": images.device} if is_torch(images) else {}
