"""JointJitter: Gaussian noise on the coordinates of joints."""

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from whydrop.augment.arrays import in_library_of, library_of
from whydrop.augment.checks import one_of, probability, within
from whydrop.augment.noise import normal
from whydrop.augment.op import Drawn, Floats, Size
from whydrop.augment.skeletons.frames import bodies
from whydrop.augment.skeletons.op import SkeletonOp, Skeletons, SkeletonStage

_AT_ONCE = 1 << 17  # numbers made at a time, so that they stay in a processor's second cache


@dataclass(frozen=True)
class JointJitter(SkeletonOp):
    """Add Gaussian noise to each coordinate of each joint that belongs to a body.

    A sample draws one number, from which all its noise follows; what a frame gets does not
    depend on how many frames come after it.

    Args:
        sigma: standard deviation in the unit of the coordinates, such as 0.01 for a centimetre.
        per: "frame" draws anew in each frame; "sequence" moves a joint alike in all frames.
        probability: of each sample.
    """

    sigma: float = 0.01
    per: Literal["frame", "sequence"] = "frame"
    probability: float = 1.0
    stage: ClassVar[SkeletonStage] = SkeletonStage.JITTER
    chance: ClassVar[tuple[str, ...]] = ("noise", "probability")

    def __post_init__(self) -> None:
        within(self, "sigma", 0.0)
        one_of(self, "per", ("frame", "sequence"))
        probability(self)

    def draw(self, u: Floats, size: Size) -> Drawn:
        """Return sigma (n,), 0 where there is no noise, and noise, (n,) keys of it."""
        key = np.floor(u[0] * 2.0**52).astype(np.int64)  # all bits of a draw
        return {"sigma": np.where(u[1] < self.probability, self.sigma, 0.0), "noise": key}

    def apply(self, skeletons: Skeletons, drawn: Drawn) -> Skeletons:
        """Return the skeletons with noise."""
        library = library_of(skeletons)
        made = skeletons.copy() if library is np else skeletons.clone()
        axes, _, joints, persons = skeletons.shape[1:]
        key = in_library_of(skeletons, drawn["noise"])
        sigma = in_library_of(skeletons, drawn["sigma"].astype(np.float32))
        number = in_library_of(skeletons, np.arange(axes * joints))
        sample, frame, person = library.where(bodies(skeletons) & (sigma > 0)[:, None, None])
        step = max(1, _AT_ONCE // len(number))
        for first in range(0, len(sample), step):
            n, t, m = (at[first : first + step] for at in (sample, frame, person))
            # A body's numbers follow one another, and so do bodies, then frames.
            body = m if self.per == "sequence" else t * persons + m
            noise = normal(key[n, None], body[:, None] * len(number) + number)
            made[n, :, t, :, m] += (noise * sigma[n, None]).reshape(len(n), axes, joints)
        return made
