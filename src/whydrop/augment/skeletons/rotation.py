"""VerticalRotation: turn each sample about the vertical axis, as if filmed from another side."""

import math
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from whydrop.augment.arrays import in_library_of, library_of
from whydrop.augment.checks import one_of, probability, within
from whydrop.augment.op import Drawn, Floats, Size
from whydrop.augment.skeletons.frames import bodies
from whydrop.augment.skeletons.op import SkeletonOp, Skeletons, SkeletonStage
from whydrop.core.errors import UsageError


@dataclass(frozen=True)
class VerticalRotation(SkeletonOp):
    """Turn each sample by one angle: all its frames and persons.

    Args:
        degrees: largest angle either way, from 0 to 180; positive turns counter-clockwise when
            seen from above, that is from the positive end of the axis (right-handed axes).
        vertical: the axis that points up or down: "y" for Kinect and most cameras.
        centre: "mean" turns a sample where it stands, about the mean of its joints over all its
            bodies and frames; "origin" about the origin, for skeletons that were centred.
        probability: of each sample.
    """

    degrees: float = 30.0
    vertical: Literal["x", "y", "z"] = "y"
    centre: Literal["mean", "origin"] = "mean"
    probability: float = 1.0
    stage: ClassVar[SkeletonStage] = SkeletonStage.ROTATE
    chance: ClassVar[tuple[str, ...]] = ("angle", "probability")

    def __post_init__(self) -> None:
        within(self, "degrees", 0.0, 180.0)
        one_of(self, "vertical", ("x", "y", "z"))
        one_of(self, "centre", ("mean", "origin"))
        probability(self)

    def draw(self, u: Floats, size: Size) -> Drawn:
        """Return angle (n,) in degrees."""
        return {"angle": np.where(u[1] < self.probability, self.degrees * (2 * u[0] - 1), 0.0)}

    def apply(self, skeletons: Skeletons, drawn: Drawn) -> Skeletons:
        """Return the turned skeletons (n, 3, t, v, m).

        Raises:
            UsageError: skeletons without three coordinates.
        """
        if skeletons.shape[1] != 3:
            raise UsageError(
                f"skeletons have {skeletons.shape[1]} coordinates",
                where="VerticalRotation",
                do="give x, y and z; in a plane there is no rotation about the vertical axis",
            )
        library = library_of(skeletons)
        vertical = "xyz".index(self.vertical)
        one, other = (vertical + 1) % 3, (vertical + 2) % 3  # right-handed: one turns to other
        angle = np.radians(drawn["angle"]).astype(np.float64).reshape(-1, 1, 1, 1)
        cos, sin = (
            in_library_of(skeletons, part(angle).astype(np.float32)) for part in (np.cos, np.sin)
        )
        there = bodies(skeletons)
        middle = _centre(skeletons, there, self.centre)
        a, b = (skeletons[:, axis] - middle[:, axis] for axis in (one, other))
        turned = library.zeros_like(skeletons)
        turned[:, vertical] = skeletons[:, vertical]
        turned[:, one] = cos * a - sin * b + middle[:, one]
        turned[:, other] = sin * a + cos * b + middle[:, other]
        # A sample that is not turned stays the same to the bit, and where there is no body
        # nothing comes in.
        moves = there[:, None, :, None, :] & in_library_of(skeletons, drawn["angle"] != 0).reshape(
            -1, 1, 1, 1, 1
        )
        return library.where(moves, turned, skeletons)


def _centre(skeletons: Skeletons, there: Any, centre: str) -> Any:
    """Return (n, 3, 1, 1, 1): what a sample is turned about."""
    library = library_of(skeletons)
    n, axes, _, joints, _ = skeletons.shape
    if centre == "origin":
        return library.zeros_like(skeletons[:, :, :1, :1, :1])
    # In float64 the sum hardly depends on its order; what is empty adds nothing to it.
    wide = library.float64
    if library is not np and skeletons.device.type == "mps":  # which has no float64
        wide = library.float32
    rows = skeletons.reshape(n * axes, math.prod(skeletons.shape[2:]))
    total = library.sum(rows, 1, dtype=wide).reshape(n, axes)
    counted = library.clip(there.reshape(n, -1).sum(1), 1, None).reshape(n, 1) * joints
    middle = (total / counted).reshape(n, axes, 1, 1, 1)
    return middle.astype(np.float32) if library is np else middle.float()
