"""TemporalCrop: a part of each sequence, moved to its beginning."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from whydrop.augment.arrays import in_library_of, library_of
from whydrop.augment.checks import whole
from whydrop.augment.op import Drawn, Floats, Size
from whydrop.augment.ranges import between, check_pair
from whydrop.augment.skeletons.frames import picked, spans
from whydrop.augment.skeletons.op import SkeletonOp, Skeletons, SkeletonStage


@dataclass(frozen=True)
class TemporalCrop(SkeletonOp):
    """Keep a window of the frames that hold a body; what follows it is zero.

    Frames before the first body and after the last do not count. Follow it by TemporalResample
    for clips of one length.

    Args:
        share: smallest and largest part of the frames that is kept, above 0 and up to 1.
        least_frames: never fewer than these, where there are as many.

    Source: the crop of Chen et al. (2021), Channel-wise topology refinement graph convolution,
    ICCV, whose share is from 0.5 to 1 and whose least number of frames is 64.
    """

    share: tuple[float, float] = (0.5, 1.0)
    least_frames: int = 1
    stage: ClassVar[SkeletonStage] = SkeletonStage.CROP
    chance: ClassVar[tuple[str, ...]] = ("share", "start")

    def __post_init__(self) -> None:
        check_pair(self, "share", 1.0, (0.5, 1.0))
        whole(self, "least_frames", 1)

    def draw(self, u: Floats, size: Size) -> Drawn:
        """Return share (n,), of the frames, and start (n,), from 0 to 1 of the places for it."""
        return {"share": between(u[0], *self.share), "start": u[1]}

    def apply(self, skeletons: Skeletons, drawn: Drawn) -> Skeletons:
        """Return (n, c, t, v, m), the window's frames first; a part of a frame is rounded."""
        first, length = spans(skeletons)
        kept = np.rint(drawn["share"] * length).astype(np.int64)
        kept = np.minimum(np.maximum(kept, self.least_frames), length)
        start = first + np.floor(drawn["start"] * (length - kept + 1)).astype(np.int64)
        at = np.arange(skeletons.shape[2])
        frames = np.minimum(start[:, None] + at, skeletons.shape[2] - 1)
        window = picked(skeletons, frames)
        inside = in_library_of(skeletons, at < kept[:, None])[:, None, :, None, None]
        library = library_of(window)
        return library.where(inside, window, library.zeros_like(window))
