"""CutMix: a rectangle of each image is replaced by the same place of another of its batch."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from whydrop.augment.blend import cut_and_paste
from whydrop.augment.mixing import CHANCE, Mixing, Per, check_fields, draw_pairs, spread
from whydrop.augment.op import Drawn, Floats, Images, Ints, Size
from whydrop.augment.pairing import Pairing

BOX = ("top", "bottom", "left", "right")


@dataclass(frozen=True)
class CutMix(Mixing):
    """Paste a box of a partner's image into each; lam is the share of pixels that stay.

    Args:
        alpha: the drawn lam is from Beta(alpha, alpha); the box has the share 1 - lam of the
            area before it is clipped at the border; above 0.
        probability: of each image, or of each batch, to be mixed at all.
        per: "sample" draws a box for each image; "batch" one for all, that of the image whose
            number in the pairing is the smallest, so that it depends on the set of images only.
        fold: take the larger of lam and 1 - lam before the box. Off: unlike MixUp's, a folded
            CutMix is another method, as boxes over half the area never occur, and a middle
            pasted into a rim is not a rim pasted round a middle.
        correct_area: count the pixels that were pasted. Without it lam is the drawn one, which
            is wrong by .2 on average (alpha 1, 32 pixels) as boxes are clipped.
        pairing: see ``whydrop.augment.pairing``.
        until: first epoch without mixing, counted from 0; None mixes in all.
        clip: the box may stick out of the image, as in the paper, and then pastes less; else it
            lies inside.

    Source: Yun et al. (2019), CutMix: regularization strategy to train strong classifiers with
    localizable features, ICCV; the box as in the authors' code, halves rounded down.
    """

    alpha: float = 1.0
    probability: float = 1.0
    per: Per = "sample"
    fold: bool = False
    correct_area: bool = True
    pairing: Pairing = "cycle"
    until: int | None = None
    clip: bool = True
    chance: ClassVar[tuple[str, ...]] = (*CHANCE, "y", "x")

    def __post_init__(self) -> None:
        check_fields(self)

    def draw(self, u: Floats, size: Size) -> Drawn:
        """Return partner, lam and the boxes.

        Returns:
            partner int64 (n,), positions in the batch; lam float32 (n,); top, bottom, left and
            right int64 (n,), pixels: the box is [top, bottom) x [left, right). Where an image
            stays as it is (not drawn, alone, or its own partner), lam is 1 and the box empty.

        Raises:
            UsageError: the batch is empty.
        """
        pairs = draw_pairs(self, u)
        side = np.sqrt(1 - pairs.lam)
        at = spread(u[4:6], self.per, u[2])
        box = _clipped if self.clip else _inside
        top, bottom = box(at[0], side, size.height)
        left, right = box(at[1], side, size.width)
        lam = pairs.lam
        if self.correct_area:
            lam = 1 - (bottom - top) * (right - left) / (size.height * size.width)
        return {
            "partner": pairs.partner,
            "lam": lam.astype(np.float32),
            "top": top,
            "bottom": bottom,
            "left": left,
            "right": right,
        }

    def apply(self, images: Images, drawn: Drawn, out: Images | None = None) -> Images:
        """Return the mixed images, of the images' dtype; the images are not written.

        Args:
            images: (n, c, h, w) float16, bfloat16, float32 or float64.
            drawn: from ``draw``; in any library.
            out: where to write, like images and apart from them; None makes it.

        Raises:
            UsageError: images or out are not so.
        """
        box = {name: drawn[name] for name in BOX}
        return cut_and_paste(images, drawn["partner"], box, out)


def _clipped(u: Floats, share: Floats, length: int) -> tuple[Ints, Ints]:
    """Return first and end of a box round a uniform middle, clipped to the image."""
    middle = np.floor(u * length).astype(np.int64)
    half = np.floor(share * length).astype(np.int64) // 2
    return np.maximum(middle - half, 0), np.minimum(middle + half, length)


def _inside(u: Floats, share: Floats, length: int) -> tuple[Ints, Ints]:
    """Return first and end of a box that lies inside the image, anywhere in it."""
    side = np.rint(share * length).astype(np.int64)
    first = np.floor(u * (length - side + 1)).astype(np.int64)
    return first, first + side
