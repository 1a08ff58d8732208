"""Rules of albumentations' colours and erasing: what each transform becomes.

As in ``albumentations_geometry``, a rule reads values and writes to a translation.
"""

from typing import Any

from whydrop.augment.importers.albumentations_values import Config, Ends, chance, ends_of, joined
from whydrop.augment.importers.translation import Translation, refuse
from whydrop.augment.ops.autocontrast import AutoContrast
from whydrop.augment.ops.blur import LEAST_SIGMA, GaussianBlur
from whydrop.augment.ops.brightness_contrast import BrightnessContrast
from whydrop.augment.ops.color_jitter import ColorJitter
from whydrop.augment.ops.cutout import Cutout
from whydrop.augment.ops.equalize import Equalize
from whydrop.augment.ops.greyscale import Greyscale
from whydrop.augment.ops.posterize import Posterize
from whydrop.augment.ops.random_erasing import RandomErasing
from whydrop.augment.ops.sharpen import Sharpen
from whydrop.augment.ops.solarize import Solarize

_LEVELS = (
    "it is rounded otherwise there than in Pillow, as it is here: by a few levels, in images of "
    "1,000 pixels or fewer by up to a tenth of the range"
)
_ROUNDING = "on bytes it rounds to whole levels; here values are floats"


# -- colour ----------------------------------------------------------------------------------------


def _colour(made: Translation) -> str:
    """Return what differs for a change of colours at this place."""
    if made.normalised:
        refuse("it cuts normalised values to 0 and 1", "put it before Normalize")
    return _ROUNDING if made.gain == 255 else ""


def color_jitter(t: Config, made: Translation) -> None:
    names = ("brightness", "contrast", "saturation", "hue")
    spans = {name: ends_of(t[name]) for name in names}
    on = [n for n, span in spans.items() if span != ((0.0, 0.0) if n == "hue" else (1.0, 1.0))]
    order = "the order of the four is drawn there, and is fixed here" if len(on) > 1 else ""
    circle = "the whole circle of hues" if spans["hue"] == (-0.5, 0.5) else ""
    default = joined(f"p={chance(t):g}", circle)
    values: dict[str, Any] = {name: spans[name] for name in on}
    op = ColorJitter(**values, probability=chance(t))
    made.add(op, default=default, differs=joined(order, _colour(made)))


def brightness_contrast(t: Config, made: Translation) -> None:
    if not t["brightness_by_max"] or t["ensure_safe_range"]:
        refuse(
            "brightness_by_max is off, or ensure_safe_range on",
            "leave both out: brightness adds a share of the largest value",
        )
    low, high = ends_of(t["contrast_limit"])
    op = BrightnessContrast(ends_of(t["brightness_limit"]), (1 + low, 1 + high), chance(t))
    default = f"p={chance(t):g}; brightness adds, and contrast keeps black black"
    made.add(op, default=default, differs=_colour(made))


def grey(t: Config, made: Translation) -> None:
    if t["num_output_channels"] != 3 or t["method"] != "weighted_average":
        refuse(
            f"num_output_channels is {t['num_output_channels']}, method {t['method']!r}",
            "give 3 and 'weighted_average'",
        )
    made.add(Greyscale(chance(t)), differs=_colour(made))


def blur(t: Config, made: Translation) -> None:
    low, high = ends_of(t["sigma_limit"])
    least, most = t["blur_limit"]
    if most == 0:  # 3.5 sigma either way, as albumentations sizes it
        kernel = int(high * 3.5) * 2 + 1
        differs = "a smaller sigma has a smaller kernel there, which cuts off less than 0.5%"
    else:
        kernel = most + (most % 2 == 0)
        differs = "the kernel's size is drawn too there; here it is the largest"
    rounded = _ROUNDING if made.gain == 255 and not made.normalised else ""
    op = GaussianBlur(kernel, (max(low, LEAST_SIGMA), high), chance(t))
    default = f"p={chance(t):g}; sigma {low:g} to {high:g}"
    same = least == most and (most > 0 or low == high)
    made.add(op, default=default, differs=joined("" if same else differs, rounded))


def sharpen(t: Config, made: Translation) -> None:
    if t["method"] != "kernel":
        refuse(f"method is {t['method']!r}", "give method='kernel', or whydrop's Sharpen")
    low, high = ends_of(t["alpha"])
    dim = ends_of(t["lightness"])
    differs = "the outermost pixels are sharpened there too, and not here"
    if dim != (1.0, 1.0):
        darker = 1 - high * (1 - dim[0])
        differs += f"; lightness {dim[0]:g} to {dim[1]:g} darkens there, to {darker:.2f} at most"
    # Their kernel at alpha is the pixel, and alpha times what ours adds at factor 1 + 13.
    op = Sharpen((1 + 13 * low, 1 + 13 * high), chance(t))
    made.add(op, default=f"p={chance(t):g}", differs=joined(differs, _colour(made)))


def posterize(t: Config, made: Translation) -> None:
    _colour(made)
    bits = t["num_bits"]
    if len(bits) != 2 or not all(isinstance(b, int) for b in bits):
        refuse(f"num_bits is {bits}, a range a channel", "give one range for all channels")
    made.add(Posterize(bits[0] if bits[0] == bits[1] else tuple(bits), chance(t)))


def solarize(t: Config, made: Translation) -> None:
    _colour(made)
    low, high = ends_of(t["threshold_range"])
    op = Solarize(low if low == high else (low, high), chance(t))
    made.add(op, default="the threshold is a share of the largest value, also for bytes")


def invert(t: Config, made: Translation) -> None:
    _colour(made)
    made.add(Solarize(0.0, chance(t)))


def equalize(t: Config, made: Translation) -> None:
    _colour(made)
    if not t["by_channels"]:
        refuse("by_channels is off: only the luminance is equalised", "leave it out")
    made.add(Equalize(chance(t)), default=f"mode={t['mode']!r}", differs=_LEVELS)


def autocontrast(t: Config, made: Translation) -> None:
    differs = _colour(made)
    if t["cutoff"] or t["ignore"] is not None:
        refuse(f"cutoff is {t['cutoff']}, ignore {t['ignore']}", "leave both out")
    if t["method"] == "pil":
        made.add(AutoContrast(chance(t)), default="method='pil'", differs=differs)
        return
    default = "method='cdf' makes all levels equally frequent: it equalises"
    made.add(Equalize(chance(t)), default=default, differs=_LEVELS)


# -- erasing ---------------------------------------------------------------------------------------


def _hole(t: Config, made: Translation) -> float:
    if isinstance(t["fill"], str):
        refuse(f"fill is {t['fill']!r}", "give fill=0, after Normalize")
    return made.fill(t["fill"])


def coarse_dropout(t: Config, made: Translation) -> None:
    fill = _hole(t, made)
    least, most = t["num_holes_range"]
    if least != most:
        refuse(f"{least} to {most} holes are drawn", f"give num_holes_range=({most}, {most})")
    height, width = ends_of(t["hole_height_range"]), ends_of(t["hole_width_range"])
    default = f"p={chance(t):g}; holes lie inside the image and hold {made.shade(fill)}"
    if height[1] < 1 or (height[0], width[0]) != (height[1], width[1]):
        height, width = _shares(height, width, made)
        if (height[0], width[0]) != (height[1], width[1]):
            _rectangle(height, width, most, fill, default, t, made)
            return
        if made.size is None:
            refuse("holes are shares of the image", "give size=(height, width) of the images")
        height = (float(int(height[0] * made.size.height)),) * 2
        width = (float(int(width[0] * made.size.width)),) * 2
    sides = int(height[0]), int(width[0])
    op = Cutout(sides[0] if sides[0] == sides[1] else sides, most, False, fill, chance(t))
    made.add(op, default=default)


def _shares(height: Ends, width: Ends, made: Translation) -> tuple[Ends, Ends]:
    """Return the ends of a hole's height and width as shares of the image's."""
    if height[1] < 1:
        return height, width
    if made.size is None:
        refuse("holes are so many pixels", "give size=(height, width) of the images")
    tall, wide = made.size
    return (height[0] / tall, height[1] / tall), (width[0] / wide, width[1] / wide)


def _rectangle(
    height: Ends, width: Ends, holes: int, fill: float, default: str, t: Config, made: Translation
) -> None:
    """Add one hole of drawn height and width."""
    if holes != 1 or not all((*height, *width)):
        refuse("several holes of drawn size", "give equal ends of the ranges, or one hole")
    tall = made.size.height / made.size.width if made.size else 1.0
    scale = (height[0] * width[0], height[1] * width[1])
    ratio = (tall * height[0] / width[1], tall * height[1] / width[0])
    differs = "sides are drawn there, here area and ratio: a side may be longer than any there"
    made.add(RandomErasing(chance(t), scale, ratio, fill), default=default, differs=differs)


def erasing(t: Config, made: Translation) -> None:
    fill, (low, high) = _hole(t, made), ends_of(t["ratio"])
    differs = (
        "width over height is uniform there, and the area such that it fits; here its logarithm "
        "is, and what does not fit is clipped"
    )
    op = RandomErasing(chance(t), ends_of(t["scale"]), (1 / high, 1 / low), fill)
    made.add(op, default=f"p={chance(t):g}; the hole holds {made.shade(fill)}", differs=differs)
