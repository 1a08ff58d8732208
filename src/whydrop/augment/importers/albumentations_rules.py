"""Rules of albumentations: what each transform becomes.

A rule reads the values that ``A.to_dict`` writes for a transform, and writes to a translation.
Ranges there are pairs of their ends already.
"""

from collections.abc import Mapping
from typing import Any

from whydrop.augment.geometry import Edge, Interpolation
from whydrop.augment.importers.retries import share_too_large
from whydrop.augment.importers.translation import Translation, refuse
from whydrop.augment.ops.affine import Affine
from whydrop.augment.ops.autocontrast import AutoContrast
from whydrop.augment.ops.blur import LEAST_SIGMA, GaussianBlur
from whydrop.augment.ops.brightness_contrast import BrightnessContrast
from whydrop.augment.ops.color_jitter import ColorJitter
from whydrop.augment.ops.cutout import Cutout
from whydrop.augment.ops.equalize import Equalize
from whydrop.augment.ops.flip import HorizontalFlip, VerticalFlip
from whydrop.augment.ops.greyscale import Greyscale
from whydrop.augment.ops.pad_crop import PadCrop
from whydrop.augment.ops.posterize import Posterize
from whydrop.augment.ops.random_erasing import RandomErasing
from whydrop.augment.ops.resized_crop import ResizedCrop
from whydrop.augment.ops.sharpen import Sharpen
from whydrop.augment.ops.solarize import Solarize
from whydrop.augment.ops.translate import Translate

Config = Mapping[str, Any]
Ends = tuple[float, float]
BORDERS: dict[int, Edge] = {0: "constant", 1: "edge", 2: "symmetric", 4: "reflect"}  # OpenCV's
FILTERS = {0: "nearest", 1: "bilinear", 2: "bicubic", 3: "area", 4: "Lanczos"}  # OpenCV's
_LEVELS = (
    "it is rounded otherwise there than in Pillow, as it is here: by a few levels, in images of "
    "1,000 pixels or fewer by up to a tenth of the range"
)
_ROUNDING = "on bytes it rounds to whole levels; here values are floats"


def _p(t: Config) -> float:
    return float(t["p"])


def _ends(values: Any) -> Ends:
    return float(values[0]), float(values[1])


def _always(t: Config) -> None:
    if _p(t) != 1:
        refuse(f"p is {_p(t):g}", "give p=1: the images of a batch have one size")


def _border(t: Config, made: Translation) -> tuple[Edge, float, str]:
    """Return mode, fill, and both in words."""
    mode = BORDERS.get(t["border_mode"])
    if mode is None:
        refuse(f"border_mode is {t['border_mode']}", "give cv2.BORDER_REFLECT_101, say")
    if mode != "constant":
        return mode, 0.0, f"the border is made by {mode}"
    fill = made.fill(t["fill"])
    return mode, fill, f"what comes in is {made.shade(fill)}"


def _filter(t: Config) -> tuple[Interpolation, str]:
    """Return the interpolation here, and what differs from the one there."""
    name = FILTERS.get(t["interpolation"], "another filter")
    if name == "nearest":
        return "nearest", ""
    return "bilinear", "" if name == "bilinear" else f"{name} there, bilinear here"


def _joined(*texts: str) -> str:
    return "; ".join(text for text in texts if text)


# -- geometry --------------------------------------------------------------------------------------


def horizontal_flip(t: Config, made: Translation) -> None:
    made.add(HorizontalFlip(_p(t)))


def vertical_flip(t: Config, made: Translation) -> None:
    made.add(VerticalFlip(_p(t)))


def pad(t: Config, made: Translation) -> None:
    _always(t)
    sides = t["padding"]
    different = set(sides) if isinstance(sides, list | tuple) else {sides}
    if len(different) != 1:
        refuse(f"padding is {sides}", "pad all sides by the same number of pixels")
    _wait(int(different.pop()), t, made)


def pad_if_needed(t: Config, made: Translation) -> None:
    _always(t)
    if made.size is None:
        refuse("it depends on the size of the images", "give size=(height, width) of the images")
    if t["min_height"] is None or t["min_width"] is None or t["position"] != "center":
        refuse("it pads to a divisor or to one side", "give min_height and min_width")
    wanted = (t["min_height"], t["min_width"])
    missing = [max(0, want - have) for want, have in zip(wanted, made.size, strict=True)]
    if missing[0] != missing[1] or missing[0] % 2:
        refuse(
            f"{missing[0]} rows and {missing[1]} columns are added to {made.size}",
            "add the same even number of both",
        )
    if missing[0] == 0:
        made.remark("nothing to do", default=f"images of {tuple(made.size)} are large enough")
    else:
        _wait(missing[0] // 2, t, made)


def _wait(pixels: int, t: Config, made: Translation) -> None:
    mode, fill, default = _border(t, made)
    made.padded = (pixels, mode, fill)
    made.remark("part of the PadCrop that follows", default=default)


def crop(t: Config, made: Translation) -> None:
    _always(t)
    pad, mode, fill = made.padded or (0, "constant", 0.0)
    small = "smaller images would be padded there and are refused here"
    op = PadCrop(pad, mode, fill, (t["height"], t["width"]))
    made.add(op, differs=small if t["pad_if_needed"] else "")
    made.padded = None


def resized_crop(t: Config, made: Translation) -> None:
    _always(t)
    _, differs = _filter(t)
    nearest = "nearest there, bilinear here" if t["interpolation"] == 0 else ""
    again = share_too_large(t["scale"], t["ratio"])
    retried = (
        f"a window that does not fit ({again:.1%} in square images) is drawn again there, up to "
        "ten times, and clipped here"
    )
    op = ResizedCrop(tuple(t["size"]), _ends(t["scale"]), _ends(t["ratio"]))
    made.add(op, differs=_joined(differs, nearest, retried if again > 0 else ""))


def affine(t: Config, made: Translation) -> None:
    if t["fit_output"] or t["balanced_scale"]:
        refuse("fit_output or balanced_scale is on", "leave both out")
    x, y, whole = _shifts(t, made)
    turn, shear_x, shear_y = _ends(t["rotate"]), _ends(t["shear"]["x"]), _ends(t["shear"]["y"])
    one, other = _ends(t["scale"]["x"]), _ends(t["scale"]["y"])
    still = not any((*turn, *shear_x, *shear_y)) and {*one, *other} == {1.0}
    if still and x[0] == -x[1] and y[0] == -y[1]:
        _translate(t, made, x[1], y[1])
        return
    spans = (("rotate", turn), ("shear", shear_x), ("shear", shear_y), ("translate", x))
    fixed = {name for name, (low, high) in (*spans, ("translate", y)) if low == high != 0}
    fixed |= {"scale"} if one[0] == one[1] != 1 else set()
    names = ", ".join(sorted(fixed))
    texts = [f"always this number: {names} (a range needs two)" if fixed else ""]
    apart = not t["keep_ratio"] and (one[0] != one[1] or other[0] != other[1])
    texts.append("keep_ratio=False: width and height are scaled apart" if apart else "")
    sheared = any((*shear_x, *shear_y))
    order = "it shears after it rotates there, before it here" if sheared and any(turn) else ""
    both = any(shear_x) and any(shear_y)
    at_once = "x and y are sheared at once there, one after the other here" if both else ""
    scale = (*one, *other) if apart or one != other else one
    _warp(
        t, made, turn, (*x, *y), scale, (*shear_x, *shear_y), texts, _joined(whole, order, at_once)
    )


def shift_scale_rotate(t: Config, made: Translation) -> None:
    x, y, turn = (_ends(t[name]) for name in ("shift_limit_x", "shift_limit_y", "rotate_limit"))
    low, high = _ends(t["scale_limit"])
    texts = ["width and height are scaled apart"] if low != high else []
    whole = "the distance is cut to whole pixels there, not here" if any((*x, *y)) else ""
    scale = (1 + low, 1 + high, 1 + low, 1 + high)
    _warp(t, made, turn, (*x, *y), scale if low != high else scale[:2], (), texts, whole)


def rotate(t: Config, made: Translation) -> None:
    if t["crop_border"]:
        refuse("crop_border is on", "leave it out")
    _warp(t, made, _ends(t["limit"]), (), (1.0, 1.0), (), [], "")


def _warp(
    t: Config,
    made: Translation,
    turn: Ends,
    moves: tuple[float, ...],
    scale: tuple[float, ...],
    shear: tuple[float, ...],
    texts: list[str],
    differs: str,
) -> None:
    mode, fill, border = _border(t, made)
    kind, filtered = _filter(t)
    values: dict[str, Any] = {"degrees": (-turn[1], -turn[0])}  # anticlockwise positive there
    values |= {"translate": moves} if any(moves) else {}
    values |= {"scale": scale} if set(scale) != {1} else {}
    values |= {"shear": shear} if any(shear) else {}
    op = Affine(**values, fill=fill, probability=_p(t), mode=mode, interpolation=kind)
    default = _joined(f"p={_p(t):g}", kind, border, *texts)
    made.add(op, default=default, differs=_joined(filtered, differs))


def _shifts(t: Config, made: Translation) -> tuple[Ends, Ends, str]:
    """Return the ends of the shares along x and along y, and what differs."""
    pixels, share = t["translate_px"], t["translate_percent"]
    if share is not None:
        x, y = _ends(share["x"]), _ends(share["y"])
        return x, y, "the distance is cut to whole pixels there, not here" if any((*x, *y)) else ""
    if pixels is None or not any((*pixels["x"], *pixels["y"])):
        return (0.0, 0.0), (0.0, 0.0), ""
    if made.size is None:
        refuse("it moves by pixels", "give size=(height, width) of the images")
    height, width = made.size
    (left, right), (up, down) = pixels["x"], pixels["y"]
    whole = "the distance is of whole pixels there, not here"
    return (left / width, right / width), (up / height, down / height), whole


def _translate(t: Config, made: Translation, x: float, y: float) -> None:
    mode, fill, border = _border(t, made)
    differs = (
        "the distance is cut to whole pixels there, which makes none at all twice as likely; it is "
        "rounded here"
    )
    if t["translate_px"] is not None:
        # Half a pixel more makes all whole distances equally likely, as they are there.
        height, width = made.size or (1, 1)
        x, y = (x + 0.5 / width if x else 0.0), (y + 0.5 / height if y else 0.0)
        differs = ""
    share = x if x == y else (x, y)
    default = _joined(f"p={_p(t):g}", "moves by whole pixels", border)
    made.add(Translate(share, mode, fill, _p(t)), default=default, differs=differs)


# -- colour ----------------------------------------------------------------------------------------


def _colour(made: Translation) -> str:
    """Return what differs for a change of colours at this place."""
    if made.normalised:
        refuse("it cuts normalised values to 0 and 1", "put it before Normalize")
    return _ROUNDING if made.gain == 255 else ""


def color_jitter(t: Config, made: Translation) -> None:
    names = ("brightness", "contrast", "saturation", "hue")
    spans = {name: _ends(t[name]) for name in names}
    on = [n for n, span in spans.items() if span != ((0.0, 0.0) if n == "hue" else (1.0, 1.0))]
    order = "the order of the four is drawn there, and is fixed here" if len(on) > 1 else ""
    circle = "the whole circle of hues" if spans["hue"] == (-0.5, 0.5) else ""
    default = _joined(f"p={_p(t):g}", circle)
    values: dict[str, Any] = {name: spans[name] for name in on}
    op = ColorJitter(**values, probability=_p(t))
    made.add(op, default=default, differs=_joined(order, _colour(made)))


def brightness_contrast(t: Config, made: Translation) -> None:
    if not t["brightness_by_max"] or t["ensure_safe_range"]:
        refuse(
            "brightness_by_max is off, or ensure_safe_range on",
            "leave both out: brightness adds a share of the largest value",
        )
    low, high = _ends(t["contrast_limit"])
    op = BrightnessContrast(_ends(t["brightness_limit"]), (1 + low, 1 + high), _p(t))
    default = f"p={_p(t):g}; brightness adds, and contrast keeps black black"
    made.add(op, default=default, differs=_colour(made))


def grey(t: Config, made: Translation) -> None:
    if t["num_output_channels"] != 3 or t["method"] != "weighted_average":
        refuse(
            f"num_output_channels is {t['num_output_channels']}, method {t['method']!r}",
            "give 3 and 'weighted_average'",
        )
    made.add(Greyscale(_p(t)), differs=_colour(made))


def blur(t: Config, made: Translation) -> None:
    low, high = _ends(t["sigma_limit"])
    least, most = t["blur_limit"]
    if most == 0:  # 3.5 sigma either way, as albumentations sizes it
        kernel = int(high * 3.5) * 2 + 1
        differs = "a smaller sigma has a smaller kernel there, which cuts off less than 0.5%"
    else:
        kernel = most + (most % 2 == 0)
        differs = "the kernel's size is drawn too there; here it is the largest"
    rounded = _ROUNDING if made.gain == 255 and not made.normalised else ""
    op = GaussianBlur(kernel, (max(low, LEAST_SIGMA), high), _p(t))
    default = f"p={_p(t):g}; sigma {low:g} to {high:g}"
    same = least == most and (most > 0 or low == high)
    made.add(op, default=default, differs=_joined("" if same else differs, rounded))


def sharpen(t: Config, made: Translation) -> None:
    if t["method"] != "kernel":
        refuse(f"method is {t['method']!r}", "give method='kernel', or whydrop's Sharpen")
    low, high = _ends(t["alpha"])
    dim = _ends(t["lightness"])
    differs = "the outermost pixels are sharpened there too, and not here"
    if dim != (1.0, 1.0):
        darker = 1 - high * (1 - dim[0])
        differs += f"; lightness {dim[0]:g} to {dim[1]:g} darkens there, to {darker:.2f} at most"
    # Their kernel at alpha is the pixel, and alpha times what ours adds at factor 1 + 13.
    op = Sharpen((1 + 13 * low, 1 + 13 * high), _p(t))
    made.add(op, default=f"p={_p(t):g}", differs=_joined(differs, _colour(made)))


def posterize(t: Config, made: Translation) -> None:
    _colour(made)
    bits = t["num_bits"]
    if len(bits) != 2 or not all(isinstance(b, int) for b in bits):
        refuse(f"num_bits is {bits}, a range a channel", "give one range for all channels")
    made.add(Posterize(bits[0] if bits[0] == bits[1] else tuple(bits), _p(t)))


def solarize(t: Config, made: Translation) -> None:
    _colour(made)
    low, high = _ends(t["threshold_range"])
    op = Solarize(low if low == high else (low, high), _p(t))
    made.add(op, default="the threshold is a share of the largest value, also for bytes")


def invert(t: Config, made: Translation) -> None:
    _colour(made)
    made.add(Solarize(0.0, _p(t)))


def equalize(t: Config, made: Translation) -> None:
    _colour(made)
    if not t["by_channels"]:
        refuse("by_channels is off: only the luminance is equalised", "leave it out")
    made.add(Equalize(_p(t)), default=f"mode={t['mode']!r}", differs=_LEVELS)


def autocontrast(t: Config, made: Translation) -> None:
    differs = _colour(made)
    if t["cutoff"] or t["ignore"] is not None:
        refuse(f"cutoff is {t['cutoff']}, ignore {t['ignore']}", "leave both out")
    if t["method"] == "pil":
        made.add(AutoContrast(_p(t)), default="method='pil'", differs=differs)
        return
    default = "method='cdf' makes all levels equally frequent: it equalises"
    made.add(Equalize(_p(t)), default=default, differs=_LEVELS)


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
    height, width = _ends(t["hole_height_range"]), _ends(t["hole_width_range"])
    default = f"p={_p(t):g}; holes lie inside the image and hold {made.shade(fill)}"
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
    op = Cutout(sides[0] if sides[0] == sides[1] else sides, most, False, fill, _p(t))
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
    made.add(RandomErasing(_p(t), scale, ratio, fill), default=default, differs=differs)


def erasing(t: Config, made: Translation) -> None:
    fill, (low, high) = _hole(t, made), _ends(t["ratio"])
    differs = (
        "width over height is uniform there, and the area such that it fits; here its logarithm "
        "is, and what does not fit is clipped"
    )
    op = RandomErasing(_p(t), _ends(t["scale"]), (1 / high, 1 / low), fill)
    made.add(op, default=f"p={_p(t):g}; the hole holds {made.shade(fill)}", differs=differs)
