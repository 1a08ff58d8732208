"""Policy: what policies share: each sample goes through operations that it drew itself."""

from functools import partial, reduce
from operator import or_
from typing import Any, ClassVar

import numpy as np

from whydrop.augment import device, host
from whydrop.augment.arrays import in_library_of, is_torch, library_of, to_numpy
from whydrop.augment.chosen import change_chosen
from whydrop.augment.geometry import Move, Run, Warp, fused
from whydrop.augment.grey import check_channels
from whydrop.augment.op import Drawn, Floats, Images, Ints, Op, Size, Stage
from whydrop.augment.ops.autocontrast import AutoContrast
from whydrop.augment.ops.color_jitter import jittered
from whydrop.augment.ops.equalize import Equalize
from whydrop.augment.ops.policy_space import NAMES, NUMBER
from whydrop.augment.ops.posterize import Posterize
from whydrop.augment.ops.sharpen import Sharpen
from whydrop.augment.ops.solarize import Solarize

_MOVED = ("TranslateX", "TranslateY")
_WARPED = ("ShearX", "ShearY", "Rotate")
_JITTERED = ("Brightness", "Contrast", "Color")


class Policy(Op):
    """Operations drawn for each sample from one space, in rounds.

    It stands among the operations on colours although it also moves pixels: a round works on what
    the one before has left, colours and fill included.

    Attributes:
        fill: value from 0 to 1 of what comes in from outside the image.
    """

    fill: float
    stage: ClassVar[Stage] = Stage.COLOUR

    def apply(self, images: Images, drawn: Drawn) -> Images:
        """Return the changed images; works in place.

        Args:
            images: (n, c, h, w) floating, from 0 to 1.
            drawn: op and magnitude, (n, rounds) each, as ``drawn_from`` gives them; in the
                images' library.

        Raises:
            UsageError: images with neither one nor three channels.
        """
        check_channels(images)
        for op, magnitude in zip(drawn["op"].T, drawn["magnitude"].T, strict=True):
            images = _after_round(images, op, magnitude, self.fill)
        return images

    def steps(self, drawn: Drawn, size: Size) -> list[Warp]:
        """Return where the pixels of each round's output come from."""
        rounds = zip(drawn["op"].T, drawn["magnitude"].T, strict=True)
        return [Warp(_matrices(*one, size), size, self.fill) for one in rounds]


def _after_round(images: Images, op: Any, magnitude: Any, fill: float) -> Images:
    """Return images, each after the one operation that it drew; op and magnitude are (n,)."""
    where = library_of(images).where
    drawn = {NAMES[number] for number in np.unique(to_numpy(op)).tolist()}

    def drew(*names: str) -> Any:
        return reduce(or_, (op == NUMBER[name] for name in names))

    for resampled, names in ((_moved, _MOVED), (_warped, _WARPED)):
        if drawn.intersection(names):
            matrices = _matrices(to_numpy(op), to_numpy(magnitude), Size(*images.shape[2:]))
            matrices = in_library_of(images, matrices)
            images = change_chosen(images, drew(*names), partial(resampled, fill), matrices)
    factor = 1 + magnitude
    if drawn.intersection(_JITTERED):
        factors = (where(drew(name), factor, 1.0) for name in ("Brightness", "Contrast", "Color"))
        images = change_chosen(images, drew(*_JITTERED), jittered, *factors)
    # Their own fields are for their draws only, and those are made here.
    for name, operation, values in (
        ("Sharpness", Sharpen(1.0), {"factor": factor}),
        ("Posterize", Posterize(8), {"bits": magnitude}),
        ("Solarize", Solarize(1.0), {"threshold": magnitude}),
        ("AutoContrast", AutoContrast(), {}),
        ("Equalize", Equalize(), {}),
    ):
        if name in drawn:
            images = operation.apply(images, {"applied": drew(name), **values})
    return images


def _matrices(op: Ints, magnitude: Floats, size: Size) -> Floats:
    """Return (n, 2, 3) from an output pixel (x, y, 1) to the source's: the identity for colours."""

    def of(name: str) -> Floats:
        return np.where(op == NUMBER[name], magnitude, 0.0)

    shear_x, shear_y = of("ShearX"), of("ShearY")
    # Counterclockwise on the screen, where y points down.
    angle = np.radians(of("Rotate"))
    cos, sin = np.cos(angle), np.sin(angle)
    linear = np.array([[cos, shear_x - sin], [shear_y + sin, cos]])
    matrices = np.zeros((len(op), 2, 3))
    matrices[:, :, :2] = np.moveaxis(linear, -1, 0)
    # Rotations are about the middle; shears leave the upper left corner, half a pixel before the
    # first pixel's middle, where it is.
    x, y = (size.width - 1) / 2, (size.height - 1) / 2
    matrices[:, 0, 2] = (1 - cos) * x + sin * y + shear_x / 2 - of("TranslateX")
    matrices[:, 1, 2] = (1 - cos) * y - sin * x + shear_y / 2 - of("TranslateY")
    return matrices


def _moved(fill: float, images: Images, matrices: Any) -> Images:
    """Return images moved by whole pixels: exact."""
    size = Size(*images.shape[2:])
    first = to_numpy(matrices)[:, ::-1, 2].T.astype(np.int64)  # (2, n): y, then x
    return _resampled(images, Move(Run.shifted(first, size, size), size, fill))


def _warped(fill: float, images: Images, matrices: Any) -> Images:
    """Return images under affine maps, bilinear."""
    return _resampled(images, Warp(to_numpy(matrices), Size(*images.shape[2:]), fill))


def _resampled(images: Images, step: Move | Warp) -> Images:
    (done,) = fused(len(images), step.size, [step])
    one, zero = np.ones(images.shape[1], np.float32), np.zeros(images.shape[1], np.float32)
    if is_torch(images):
        return device.resample(images, done, one, zero).to(images.dtype)
    out = np.empty(images.shape, images.dtype)
    host.resample(images, done, one, zero, out)
    return out
