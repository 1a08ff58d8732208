"""From Keras' ImageDataGenerator: its arguments as operations.

What is said of it was measured with Keras 3.15, where it is kept for old programs.
"""

import difflib
import math
from collections.abc import Mapping
from functools import partial
from typing import Any

from whydrop.augment.geometry import Edge
from whydrop.augment.importers.translation import Translation, refuse
from whydrop.augment.ops.affine import Affine
from whydrop.augment.ops.brightness_contrast import BrightnessContrast
from whydrop.augment.ops.color_jitter import ColorJitter
from whydrop.augment.ops.flip import HorizontalFlip, VerticalFlip
from whydrop.augment.ops.zoom import Zoom
from whydrop.core.errors import UsageError

Arguments = Mapping[str, Any]
DEFAULTS: dict[str, Any] = {
    "featurewise_center": False,
    "samplewise_center": False,
    "featurewise_std_normalization": False,
    "samplewise_std_normalization": False,
    "zca_whitening": False,
    "zca_epsilon": 1e-6,
    "rotation_range": 0,
    "width_shift_range": 0.0,
    "height_shift_range": 0.0,
    "brightness_range": None,
    "shear_range": 0.0,
    "zoom_range": 0.0,
    "channel_shift_range": 0.0,
    "fill_mode": "nearest",
    "cval": 0.0,
    "horizontal_flip": False,
    "vertical_flip": False,
    "rescale": None,
    "preprocessing_function": None,
    "data_format": None,
    "validation_split": 0.0,
    "interpolation_order": 1,
    "dtype": None,
}
BORDERS: dict[str, Edge] = {"constant": "constant", "nearest": "edge", "reflect": "symmetric"}
_FEATURES = "give mean and std of the training images to Normalize"
_SAMPLES = "leave it out: there is no normalisation by the image's own values"
REFUSED = {
    "featurewise_center": _FEATURES,
    "featurewise_std_normalization": _FEATURES,
    "samplewise_center": _SAMPLES,
    "samplewise_std_normalization": _SAMPLES,
    "zca_whitening": "leave it out: there is no whitening",
    "preprocessing_function": "leave it out: functions are not read; Normalize may do the same",
}


def generator_arguments(given: Any) -> dict[str, Any] | None:
    """Return the arguments of a generator, or of a dict of them; None for something else."""
    if isinstance(given, Mapping):
        if not (set(given) & set(DEFAULTS)) - {"dtype", "data_format"} or "layers" in given:
            return None
        for name in set(given) - set(DEFAULTS):
            near = difflib.get_close_matches(str(name), DEFAULTS, 1)
            do = f"did you mean {near[0]}?" if near else f"use {', '.join(DEFAULTS)}"
            where = "arguments of ImageDataGenerator"
            raise UsageError(f"unknown argument {name!r}", where=where, do=do)
        return DEFAULTS | dict(given)
    theirs = type(given).__module__.partition(".")[0] in ("keras", "tf_keras")
    if theirs and type(given).__name__ == "ImageDataGenerator":
        return {name: getattr(given, name, value) for name, value in DEFAULTS.items()}
    return None


def translate_generator(t: Arguments, made: Translation) -> None:
    """Translate the arguments of a generator that are not off."""
    for name, do in REFUSED.items():
        if t[name]:
            made.attempt(name, partial(refuse, "it is on", do))
    if made.gain is None and t["rescale"]:
        made.gain = 255.0 if abs(t["rescale"]) < 0.02 else 1.0
    steps = (
        (f"rotation_range={t['rotation_range']!r}", t["rotation_range"], _rotate),
        (f"{_named(t, 'width_shift_range', 'height_shift_range')}", _moves(t), _move),
        (f"shear_range={t['shear_range']!r}", t["shear_range"], _shear),
        (f"zoom_range={t['zoom_range']!r}", _zooms(t) != (1.0, 1.0), _zoom),
        ("horizontal_flip", t["horizontal_flip"], _flip_horizontally),
        ("vertical_flip", t["vertical_flip"], _flip_vertically),
        (f"channel_shift_range={t['channel_shift_range']!r}", t["channel_shift_range"], _shift),
        (f"brightness_range={t['brightness_range']!r}", t["brightness_range"], _brighten),
        (f"rescale={t['rescale'] or 0:.4g}", t["rescale"], _rescale),
        (f"validation_split={t['validation_split']!r}", t["validation_split"], _split),
    )
    for name, on, rule in steps:
        if on:
            made.attempt(name, partial(rule, t, made))


def _named(t: Arguments, *names: str) -> str:
    return ", ".join(f"{name}={t[name]!r}" for name in names if t[name])


def _moves(t: Arguments) -> bool:
    return any(t[name] for name in ("width_shift_range", "height_shift_range"))


def _zooms(t: Arguments) -> tuple[float, float]:
    given = t["zoom_range"]
    if isinstance(given, list | tuple):
        return float(given[0]), float(given[1])
    return 1.0 - given, 1.0 + given


def _border(t: Arguments, made: Translation) -> tuple[dict[str, Any], str, str]:
    """Return the values of an affine map's border, the border in words, and what differs."""
    mode = BORDERS.get(t["fill_mode"])
    if mode is None:
        refuse(f"fill_mode is {t['fill_mode']!r}", "give 'nearest', 'reflect' or 'constant'")
    order = t["interpolation_order"]
    values: dict[str, Any] = {"mode": mode, "interpolation": "bilinear" if order else "nearest"}
    words, differs = f"fill_mode={t['fill_mode']!r}", ""
    if mode == "constant":
        values["fill"] = made.fill(t["cval"], "cval")
        words += f": what comes in is {made.shade(values['fill'])}"
        differs = "the outermost pixel is not blended with it there"
    if order > 1:
        differs = f"splines of order {order} there, bilinear here"
    return values, words, differs


def _turning(differs: str, made: Translation) -> str:
    """Return what differs, and that images which are not square have another fixed point."""
    square = made.size is not None and made.size.height == made.size.width
    off = "the fixed point is the middle only of square images there"
    return _joined(differs, "" if square else off)


def _joined(*texts: str) -> str:
    return "; ".join(text for text in texts if text)


def _rotate(t: Arguments, made: Translation) -> None:
    values, words, differs = _border(t, made)
    op = Affine(float(t["rotation_range"]), **values)
    made.add(op, default=words, differs=_turning(differs, made))


def _move(t: Arguments, made: Translation) -> None:
    values, words, differs = _border(t, made)
    down, across = (_share(t, name, made) for name in ("width_shift_range", "height_shift_range"))
    default = words
    if across != down:
        default = "height_shift_range moves sideways, width_shift_range up and down; " + words
    whole = any(_is_pixels(t[name]) for name in ("width_shift_range", "height_shift_range"))
    rounded = "whole pixels there, no move twice as likely; any distance here" if whole else ""
    op = Affine(translate=(across, down), **values)
    made.add(op, default=default, differs=_joined(differs, rounded))


def _is_pixels(given: Any) -> bool:
    return isinstance(given, int) and not isinstance(given, bool) and given >= 1


def _share(t: Arguments, name: str, made: Translation) -> float:
    """Return the largest distance as a share of the side that it is along.

    The generator multiplies height_shift_range by the height, and moves columns by it.
    """
    given = t[name]
    if not isinstance(given, int | float):
        refuse(f"{name} is a list", "give a share, such as 0.1")
    if given == 0:
        return 0.0
    if made.size is None:
        if given >= 1:
            refuse(f"{name} is {given:g} pixels", "give size=(height, width) of the images")
        return float(given)
    height, width = made.size
    of, along = (height, width) if name == "height_shift_range" else (width, height)
    pixels = given * of if given < 1 else given - 1 if _is_pixels(given) else given
    return float(pixels / along)


def _shear(t: Arguments, made: Translation) -> None:
    values, words, differs = _border(t, made)
    degrees = float(t["shear_range"])
    angle = math.radians(degrees)
    default = f"in degrees: moves rows by up to {math.sin(angle) / 2:.2%} of the height; {words}"
    growth = 1 / math.cos(angle) - 1
    taller = f"the image becomes up to {growth:.1%} taller there, not here" if growth > 5e-4 else ""
    made.add(
        Affine(shear=degrees, **values),
        default=default,
        differs=_turning(_joined(differs, taller), made),
    )


def _zoom(t: Arguments, made: Translation) -> None:
    values, words, differs = _border(t, made)
    ends = _zooms(t)
    default = f"height and width are zoomed apart; above 1 zooms out; {words}"
    made.add(Zoom(ends, ends, **values), default=default, differs=_turning(differs, made))


def _flip_horizontally(t: Arguments, made: Translation) -> None:
    made.add(HorizontalFlip())


def _flip_vertically(t: Arguments, made: Translation) -> None:
    made.add(VerticalFlip())


def _shift(t: Arguments, made: Translation) -> None:
    if made.gain is None:
        refuse("it is not known of what values", "give max_value=255 or 1")
    share = float(t["channel_shift_range"]) / made.gain
    differs = "cut to the image's own least and greatest value there, to 0 and 1 here"
    default = "adds the same to all channels"
    made.add(BrightnessContrast(share), default=default, differs=differs)


def _brighten(t: Arguments, made: Translation) -> None:
    if made.gain == 1:
        refuse(
            "it turns values from 0 to 1 into bytes, which are black",
            "give the generator values from 0 to 255",
        )
    made.gain = 255.0
    low, high = map(float, t["brightness_range"])
    default = "multiplies; turns values into bytes, so they must be from 0 to 255"
    made.add(ColorJitter(brightness=(low, high)), default=default, differs="rounds to bytes there")


def _rescale(t: Arguments, made: Translation) -> None:
    scale = float(t["rescale"])
    made.gain = (made.gain or 1.0) * scale
    if abs(made.gain - 1) < 1e-6:
        made.gain = 1.0
    became = "nothing: bytes are read as 0 to 1" if made.gain == 1 else "left to Normalize"
    made.remark(became, default=f"values go from 0 to {made.gain:.4g} into the model")


def _split(t: Arguments, made: Translation) -> None:
    made.remark("left to you: it is no augmentation")
