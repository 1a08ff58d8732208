"""Switch: mix each image by one of two operations."""

from dataclasses import dataclass
from typing import ClassVar, TypeAlias

import numpy as np

from whydrop.augment.blend import blend, paste
from whydrop.augment.checks import one_of, probability
from whydrop.augment.cutmix import BOX, CutMix
from whydrop.augment.mixing import Mixing, Per, check_until, spread
from whydrop.augment.mixup import MixUp
from whydrop.augment.op import Drawn, Floats, Images, Size
from whydrop.core.errors import UsageError

Mixer: TypeAlias = MixUp | CutMix


@dataclass(frozen=True)
class Switch(Mixing):
    """Mix each image by the first operation or by the second.

    Args:
        first, second: MixUp or CutMix, each without an ``until`` of its own.
        probability: of the second.
        per: "sample" chooses for each image, so that the choice does not depend on its batch;
            "batch" once for all, by the number of the image that leads the pairing.
        until: first epoch without mixing, counted from 0; None mixes in all.

    Both operations read the same numbers, since only one of them acts on an image. So two that
    pair alike give an image the same partner, whichever is chosen.
    """

    first: Mixer
    second: Mixer
    probability: float = 0.5
    per: Per = "sample"
    until: int | None = None
    chance: ClassVar[tuple[str, ...]] = (*CutMix.chance, "choice")

    def __post_init__(self) -> None:
        for name in ("first", "second"):
            self._check_mixer(name, getattr(self, name))
        probability(self)
        one_of(self, "per", ("sample", "batch"))
        check_until(self, self.until)

    def _check_mixer(self, name: str, mixer: object) -> None:
        if not isinstance(mixer, MixUp | CutMix):
            raise UsageError(f"{name} is {mixer!r}", where="Switch", do="give a MixUp or a CutMix")
        if mixer.until is not None:
            what = f"{name} has until={mixer.until}"
            raise UsageError(what, where="Switch", do="give until to the Switch")
        if isinstance(mixer, MixUp) and mixer.stack_images:
            what = f"{name} has stack_images, so its images have another shape"
            raise UsageError(what, where="Switch", do="use that MixUp alone")

    def draw(self, u: Floats, size: Size) -> Drawn:
        """Return partner, lam and boxes as CutMix does, and blend.

        Returns:
            As ``CutMix.draw``, boxes empty where an image is not pasted into; and blend float32
            (n,), the weight of the own image in the mean, 1 where an image is not averaged.

        Raises:
            UsageError: the batch is empty.
        """
        one, other = (_drawn(mixer, u, size) for mixer in (self.first, self.second))
        takes_second = spread(u[-1], self.per, u[2]) < self.probability
        return {name: np.where(takes_second, other[name], one[name]) for name in one}

    def apply(self, images: Images, drawn: Drawn, out: Images | None = None) -> Images:
        """Return the mixed images, of the images' dtype; the images are not written.

        Args:
            images: (n, c, h, w) float16, bfloat16, float32 or float64.
            drawn: from ``draw``; in any library.
            out: where to write, like images and apart from them; None makes it.

        Raises:
            UsageError: images or out are not so.
        """
        out = blend(images, drawn["partner"], drawn["blend"], out)
        paste(images, drawn["partner"], **{name: drawn[name] for name in BOX}, out=out)
        return out


def _drawn(mixer: Mixer, u: Floats, size: Size) -> Drawn:
    drawn = dict(mixer.draw(u[: len(mixer.chance)], size))
    if isinstance(mixer, CutMix):
        drawn["blend"] = np.ones_like(drawn["lam"])
    else:
        drawn["blend"] = drawn["lam"]
        drawn |= {name: np.zeros_like(drawn["partner"]) for name in BOX}
    return drawn
