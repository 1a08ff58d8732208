"""JointJitter: Gaussian noise on the coordinates of joints."""

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from whydrop.augment.arrays import in_library_of, library_of
from whydrop.augment.checks import one_of, probability, within
from whydrop.augment.draws import many
from whydrop.augment.op import Drawn, Floats, Ints, Size
from whydrop.augment.skeletons.frames import bodies, in_main_memory
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
        axes, _, joints, persons = skeletons.shape[1:]
        moved = in_main_memory(bodies(skeletons)) & (drawn["sigma"] > 0)[:, None, None]
        sample, frame, person = np.nonzero(moved)
        place = frame if self.per == "frame" else np.zeros_like(frame)
        first, count = (place * persons + person) * axes * joints, axes * joints
        noise = _normal(drawn["noise"][sample], first, count, drawn["sigma"][sample])
        made = skeletons.copy() if library_of(skeletons) is np else skeletons.clone()
        sample, frame, person = (in_library_of(made, at) for at in (sample, frame, person))
        made[sample, :, frame, :, person] += in_library_of(
            made, noise.reshape(len(noise), axes, joints)
        )
        return made


def _normal(u: Floats, first: Ints, count: int, sigma: Floats) -> NDArray[np.float32]:
    """Return (k, count) Gaussian numbers of k bodies, by the inverse of their distribution."""
    from scipy.special import ndtri  # slow to load

    made = np.empty((len(u), count), np.float32)
    step = max(1, _AT_ONCE // count)
    for start in range(0, len(u), step):
        part = slice(start, start + step)
        made[part] = ndtri(many(u[part], count, first=first[part])) * sigma[part, None]
    return made
