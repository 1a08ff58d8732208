"""Rules of Keras' layers: what each becomes, but those of colours.

A rule reads what ``get_config`` of a layer says, and writes to a translation. Normalize is held
back until something needs it, since colours change before it; the values that layers see are
then ``gain * v + bias``.
"""

import math
from typing import Any

from whydrop.augment.cutmix import CutMix
from whydrop.augment.geometry import Edge, Interpolation
from whydrop.augment.importers.keras_colour import Config, either_way
from whydrop.augment.importers.translation import Translation, refuse
from whydrop.augment.mixup import MixUp
from whydrop.augment.ops.affine import Affine
from whydrop.augment.ops.flip import HorizontalFlip, VerticalFlip
from whydrop.augment.ops.pad_crop import PadCrop
from whydrop.augment.ops.random_erasing import RandomErasing
from whydrop.augment.ops.zoom import Zoom

BORDERS: dict[str, Edge] = {"reflect": "symmetric", "nearest": "edge"}  # with every backend
_ONCE = "each layer interpolates and fills its own borders there; neighbours do it once here"


# -- geometry --------------------------------------------------------------------------------------


def _border(t: Config, made: Translation) -> tuple[dict[str, Any], str]:
    """Return the values of an affine map's border, and the border in words."""
    interpolation: Interpolation = "nearest" if t["interpolation"] == "nearest" else "bilinear"
    values: dict[str, Any] = {"interpolation": interpolation}
    name = t["fill_mode"]
    if name == "constant":
        fill = made.fill(t["fill_value"], "fill_value")
        values |= {"fill": fill}
        return values, f"what comes in is {made.shade(fill)}; {interpolation}"
    if name not in BORDERS:
        refuse(f"fill_mode is {name!r}", "give 'reflect', 'nearest' or 'constant'")
    return values | {"mode": BORDERS[name]}, f"fill_mode={name!r} at the border; {interpolation}"


def _add_map(op: Affine | Zoom, default: str, made: Translation) -> None:
    last = made.ops[-1] if made.ops else None
    joined = isinstance(last, Affine | Zoom) and (last.mode, last.interpolation) == (
        op.mode,
        op.interpolation,
    )
    made.add(op, default=default, differs=_ONCE if joined else "")


def flip(t: Config, made: Translation) -> None:
    mode = t["mode"]
    if mode == "horizontal":
        made.add(HorizontalFlip())
    elif mode == "vertical":
        made.add(VerticalFlip())
    else:
        op = Affine((180.0, 180.0), probability=0.5, interpolation="nearest")
        default = (
            "mode='horizontal_and_vertical' has one coin for both: an image is turned by half a "
            "circle or not at all, and never just mirrored"
        )
        made.add(op, default=default)


def rotation(t: Config, made: Translation) -> None:
    values, border = _border(t, made)
    low, high = either_way(t["factor"])
    default = f"factor is a part of the circle: up to {360 * high:.3g} degrees; {border}"
    _add_map(Affine((-360 * high, -360 * low), **values), default, made)


def translation(t: Config, made: Translation) -> None:
    values, border = _border(t, made)
    moves = (*either_way(t["width_factor"]), *either_way(t["height_factor"]))
    _add_map(Affine(translate=moves, **values), f"{border}; not in whole pixels", made)


def zoom(t: Config, made: Translation) -> None:
    values, border = _border(t, made)
    low, high = either_way(t["height_factor"])
    width = None
    default = "above 0 zooms out; "
    if t["width_factor"] is None:
        default += "width_factor=None takes the height's; "
    else:
        least, most = either_way(t["width_factor"])
        width = (1 + least, 1 + most)
    _add_map(Zoom((1 + low, 1 + high), width, **values), default + border, made)


def crop(t: Config, made: Translation) -> None:
    differs = (
        "one window for the whole batch there; images that are not larger both ways are cut in the "
        "middle and resized there, here they are cut, or refused where they are smaller"
    )
    made.add(PadCrop(0, size=(t["height"], t["width"])), differs=differs)


# -- values ----------------------------------------------------------------------------------------


def rescaling(t: Config, made: Translation) -> None:
    scale, offset = t["scale"], t["offset"]
    if made.normalised or not isinstance(scale, int | float) or not isinstance(offset, int | float):
        refuse(f"scale is {scale!r}, offset {offset!r}", "give one number each, first of all")
    if made.gain is None:
        refuse(f"scale is {scale:g}, of values that are not known", "give max_value=255 or 1")
    made.gain, made.bias = made.gain * scale, made.bias * scale + offset
    if made.gain <= 0:
        refuse(f"scale is {scale:g}", "give a scale above 0")
    high = made.bias + made.gain
    differs = ""
    if abs(made.gain - 1) < 0.01 and made.bias == 0:  # as 1/256 where 1/255 is meant
        differs = f"up to {made.gain:.4g} there, up to 1 here" if abs(made.gain - 1) > 1e-6 else ""
        made.gain = 1.0
    default = f"values go from {made.bias:g} to {high:.4g} from here on"
    unit = (made.gain, made.bias) == (1.0, 0.0)
    became = "nothing: bytes are read as 0 to 1" if unit else "left to Normalize"
    made.remark(became, default=default, differs=differs)


def normalization(t: Config, made: Translation) -> None:
    if t["invert"]:
        refuse("invert is on", "leave it out")
    if t.get("mean") is None or t.get("variance") is None:
        refuse("it has no mean and variance yet", "give them, or call adapt first")
    means, variances = (_numbers(t[name]) for name in ("mean", "variance"))
    if made.gain is None:
        refuse("it is not known of what values", "give max_value=255 or 1")
    deviations = [max(math.sqrt(v), 1e-7) for v in variances]
    made.add(made.normalize(means, deviations), default="variance is the square of std")
    made.normalised = True


def _numbers(values: Any) -> list[float]:
    while isinstance(values, list | tuple) and len(values) == 1 and isinstance(values[0], list):
        values = values[0]
    return [float(values)] if isinstance(values, int | float) else [float(v) for v in values]


# -- erasing and mixing ----------------------------------------------------------------------------


def erasing(t: Config, made: Translation) -> None:
    if t["fill_value"] is None:
        refuse("fill_value=None fills with noise", "give fill_value=0, say")
    low, high = either_way(t["factor"], 0.0)
    least, most = map(float, t["scale"])
    if least <= 0:
        refuse(f"scale begins at {least:g}", "begin above 0, such as 0.02")
    fill = made.fill(t["fill_value"], "fill_value")
    share = (low + high) / 2
    default = f"the hole is {made.shade(fill)}"
    if low != high:
        default += f"; factor is the end of a range: {share:g} of images, on average"
    longest = math.sqrt(most / least)
    differs = "sides are drawn there, here area and ratio: a side may be longer than any there"
    op = RandomErasing(share, (least, most), (1 / longest, longest), fill)
    made.add(op, default=default, differs=differs)


_PAIRS = "labels must be rows there; here class numbers will do"


def mixup(t: Config, made: Translation) -> None:
    op = MixUp(float(t["alpha"]), fold=False, pairing="permutation")
    default = f"alpha={t['alpha']:g}; some images meet themselves"
    made.add(op, default=default, differs=_PAIRS)


def cutmix(t: Config, made: Translation) -> None:
    low, high = either_way(t["factor"], 0.0)
    if high <= 0:
        refuse("factor is 0", "leave it out")
    # The alpha of the same variance of lam as an alpha drawn from the range.
    alpha = high
    default = "the box lies inside the image; some images meet themselves"
    if low != high:
        variance = math.log((2 * high + 1) / (2 * low + 1)) / (8 * (high - low))
        alpha = (1 / (4 * variance) - 1) / 2
        default += f"; alpha is drawn for each batch, from {low:g} to {high:g}"
    drawn = "one alpha here, of the same variance of lam; " if low != high else ""
    differs = f"{drawn}labels follow the box before it is cut to pixels there, the pixels here"
    op = CutMix(round(alpha, 4), pairing="permutation", clip=False)
    made.add(op, default=default, differs=differs)
