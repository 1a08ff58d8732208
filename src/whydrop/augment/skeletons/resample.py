"""TemporalResample: sequences of any length brought to one number of frames."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from whydrop.augment.arrays import in_library_of, library_of
from whydrop.augment.checks import whole
from whydrop.augment.op import Drawn
from whydrop.augment.skeletons.frames import bodies, picked, spans
from whydrop.augment.skeletons.op import SkeletonOp, Skeletons, SkeletonStage


@dataclass(frozen=True)
class TemporalResample(SkeletonOp):
    """Interpolate linearly along time, from the first frame with a body to the last; also in
    evaluation.

    Both of them are kept, at the ends, and the others lie evenly between. A body is interpolated
    between two frames that both have it. Where only one of the two has it, the nearer frame is
    taken, the earlier at a tie: so no body shrinks towards the origin, and gaps stay gaps.

    Args:
        frames: of what comes out; a single one is the middle.
    """

    frames: int
    stage: ClassVar[SkeletonStage] = SkeletonStage.RESAMPLE

    def __post_init__(self) -> None:
        whole(self, "frames", 1)

    def apply(self, skeletons: Skeletons, drawn: Drawn) -> Skeletons:
        """Return (n, c, frames, v, m)."""
        first, length = spans(skeletons)
        steps = np.maximum(length - 1, 0)[:, None]
        # Places are whole multiples of 1 / parts, so that a frame that is kept is kept to the bit.
        at, parts = np.arange(self.frames), self.frames - 1
        if self.frames == 1:
            at, parts = np.array([1]), 2
        floor, rest = np.divmod(steps * at, parts)
        earlier = first[:, None] + floor
        later = first[:, None] + np.minimum(floor + 1, steps)
        low, high = picked(skeletons, earlier), picked(skeletons, later)
        library = library_of(skeletons)
        weight = in_library_of(skeletons, (rest / parts).astype(np.float32))[:, None, :, None, None]
        both = (bodies(low) & bodies(high))[:, None, :, None, :]
        between = low + (high - low) * weight
        return library.where(both, between, library.where(weight > 0.5, high, low))
