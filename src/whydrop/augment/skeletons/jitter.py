"""JointJitter: Gaussian noise on the coordinates of joints."""

import math
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from whydrop.augment.arrays import in_library_of
from whydrop.augment.checks import one_of, probability, within
from whydrop.augment.draws import many
from whydrop.augment.op import Drawn, Floats, Size
from whydrop.augment.skeletons.frames import bodies
from whydrop.augment.skeletons.op import SkeletonOp, Skeletons, SkeletonStage

_AT_ONCE = 1 << 19  # numbers made at a time, to bound the memory of float64


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
        """Return sigma (n,), 0 where there is no noise, and noise (n,), what it follows from."""
        return {"sigma": np.where(u[1] < self.probability, self.sigma, 0.0), "noise": u[0]}

    def apply(self, skeletons: Skeletons, drawn: Drawn) -> Skeletons:
        """Return the skeletons with noise, made in main memory."""
        n, axes, frames, joints, persons = skeletons.shape
        shape = (n, frames if self.per == "frame" else 1, axes, joints, persons)
        noise = np.moveaxis(_normal(drawn["noise"], drawn["sigma"], shape), 1, 2)
        added = in_library_of(skeletons, np.ascontiguousarray(noise))
        return skeletons + added * bodies(skeletons)[:, None, :, None, :]


def _normal(u: Floats, sigma: Floats, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Return Gaussian numbers by the inverse of their distribution, times each sample's sigma."""
    from scipy.special import ndtri  # slow to load

    count = math.prod(shape[1:])
    made = np.empty((shape[0], count), np.float32)
    step = max(1, _AT_ONCE // count)
    for first in range(0, shape[0], step):
        part = slice(first, first + step)
        made[part] = ndtri(many(u[part], count)) * sigma[part, None]
    return made.reshape(shape)
