"""The space of operations that policies draw from, and how far each of them goes."""

import numpy as np

from whydrop.augment.checks import within
from whydrop.augment.op import Drawn, Floats, Ints
from whydrop.core.errors import UsageError

GEOMETRY = ("ShearX", "ShearY", "TranslateX", "TranslateY", "Rotate")
ENHANCE = ("Brightness", "Color", "Contrast", "Sharpness")
NAMES = (
    "Identity",
    *GEOMETRY,
    *ENHANCE,
    "Posterize",
    "Solarize",
    "AutoContrast",
    "Equalize",
)
NUMBER = {name: number for number, name in enumerate(NAMES)}
_SIGNED = np.array([name in (*GEOMETRY, *ENHANCE) for name in NAMES])


def magnitudes(
    bins: int,
    *,
    shear: float,
    translate_px: tuple[float, float],
    degrees: float,
    enhance: float,
    bits: int,
) -> Floats:
    """Return (14, bins): how strong each operation is, from its least to its greatest.

    ShearX and ShearY are pixels for each pixel of distance from the border (the tangent of the
    angle), TranslateX and TranslateY whole pixels, Rotate degrees counterclockwise. Brightness,
    Color, Contrast and Sharpness are what the factor differs from 1 by, Posterize is the bits that
    are kept, Solarize the threshold. The others have 0.

    Args:
        bins: 2 or more, evenly spaced.
        shear, degrees, enhance: the greatest.
        translate_px: the greatest, for TranslateY and TranslateX.
        bits: the most that Posterize takes away.

    Example:
        >>> strong = dict(shear=0.3, translate_px=(9, 9), degrees=30, enhance=0.9, bits=4)
        >>> magnitudes(4, **strong)[NUMBER["Posterize"]]
        array([8., 7., 5., 4.])

    Source: torchvision's RandAugment and TrivialAugmentWide.
    """
    high, wide = translate_px
    ends = {
        "ShearX": shear,
        "ShearY": shear,
        "TranslateX": wide,
        "TranslateY": high,
        "Rotate": degrees,
        **dict.fromkeys(ENHANCE, enhance),
    }
    table = np.zeros((len(NAMES), bins))
    for name, end in ends.items():
        table[NUMBER[name]] = np.linspace(0.0, end, bins)
    for name in ("TranslateX", "TranslateY"):
        table[NUMBER[name]] = np.trunc(table[NUMBER[name]])
    table[NUMBER["Posterize"]] = np.rint(np.linspace(8.0, 8.0 - bits, bins))
    table[NUMBER["Solarize"]] = np.linspace(1.0, 0.0, bins)
    return table


def drawn_from(table: Floats, at: Ints, u_op: Floats, u_sign: Floats) -> Drawn:
    """Return what a policy does to each sample, round by round.

    Args:
        table: of ``magnitudes``.
        at: (rounds, n) bins.
        u_op, u_sign: (rounds, n) numbers, uniform in (0, 1).

    Returns:
        op: int64 (n, rounds), positions in ``NAMES``, all equally likely; magnitude: float64
        (n, rounds), with the sign, where the operation has one.
    """
    op = np.floor(u_op * len(NAMES)).astype(np.int64)
    sign = np.where(_SIGNED[op] & (u_sign < 0.5), -1.0, 1.0)
    return {"op": op.T, "magnitude": (sign * table[op, at]).T}


def check_whole(policy: object, name: str, low: int, high: int) -> None:
    """Check that a field of a policy is a whole number in [low, high].

    Raises:
        UsageError: it is not.
    """
    within(policy, name, low, high)
    value = getattr(policy, name)
    if not isinstance(value, int):
        where = type(policy).__name__
        raise UsageError(f"{name} is {value!r}", where=where, do="give a whole number")
