"""Words: what was drawn for one sample, as a person would say it."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import numpy as np

from whydrop.augment.op import Op
from whydrop.augment.ops.policy import Policy
from whydrop.augment.ops.policy_space import ENHANCE, NAMES

Values: TypeAlias = Mapping[str, Any]  # one sample's, as plain numbers, or lists of them

UNCHANGED = "as it is"


def words_of(op: Op, values: Values, *, partner: str = "another") -> str:
    """Return what an operation does to one sample, in a few words.

    Args:
        op: the operation; one that is not known here is told by the names of its draws.
        values: what it drew for the sample.
        partner: what to call the sample it is mixed with.

    Example:
        >>> from whydrop.augment import PadCrop
        >>> words_of(PadCrop(4), {"y": 3, "x": -2})
        'up 3, right 2 px'
    """
    if values.get("applied", True) is False:
        return UNCHANGED
    known = _KNOWN.get(type(op).__name__)
    if known is not None:
        return known(op, values)
    if isinstance(op, Policy):
        return _rounds(values)
    if "partner" in values:
        return _mixed(values, partner)
    if "top" in values and "bottom" in values:
        return "; ".join(_boxes(values)) or "no hole"
    told = [f"{name} {_shown(value)}" for name, value in values.items() if name != "applied"]
    return ", ".join(told) or "done"


def plain(value: Any) -> Any:
    """Return an entry of an array as a bool, a number, or a list of them."""
    return np.asarray(value).tolist()


def _shown(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.2f}"
    return ", ".join(map(_shown, value)) if isinstance(value, list) else str(value)


def _moved(down: float, right: float) -> str:
    """Return a distance, in whole pixels where it is one."""
    pairs = (down, "down", "up"), (right, "right", "left")
    told = [
        f"{positive if far > 0 else negative} {abs(far):.{0 if isinstance(far, int) else 1}f}"
        for far, positive, negative in pairs
        if round(far, 1)
    ]
    return f"{', '.join(told)} px" if told else ""


def _crop(op: Any, values: Values) -> str:
    return _moved(-values["y"], -values["x"]) or UNCHANGED  # the window moves the other way


def _shift(op: Any, values: Values) -> str:
    return _moved(values["y"], values["x"]) or UNCHANGED


def _affine(op: Any, values: Values) -> str:
    told = [
        f"turned {values['angle']:+.1f}°" if round(values["angle"], 1) else "",
        _moved(values["y"], values["x"]),
        _sized(values["scale"], values["scale_y"]),
        f"sheared {values['shear']:+.1f}°" if round(values["shear"], 1) else "",
        f"sheared upwards {values['shear_y']:+.1f}°" if round(values["shear_y"], 1) else "",
    ]
    return ", ".join(filter(None, told)) or UNCHANGED


def _sized(width: float, height: float) -> str:
    if round(width, 2) == round(height, 2) == 1:
        return ""
    return f"size x {width:.2f}" + (f" by {height:.2f}" if height != width else "")


def _zoom(op: Any, values: Values) -> str:
    return _sized(1 / values["width"], 1 / values["height"]) or UNCHANGED


def _window(op: Any, values: Values) -> str:
    top, left = int(values["top"]), int(values["left"])
    return _span(top, top + int(values["height"]), left, left + int(values["width"]))


def _jitter(op: Any, values: Values) -> str:
    factors = (values.get(name, 1) for name in ("brightness", "contrast", "saturation"))
    if values.get("hue", 0) == 0 and all(factor == 1 for factor in factors):
        return UNCHANGED
    told = [
        f"{name} {values[name]:.2f}"
        for name in ("brightness", "contrast", "saturation")
        if getattr(op, name) != 0
    ]
    told += [f"hue {round(values['hue'], 2) + 0.0:+.2f}"] if op.hue != 0 else []
    return ", ".join(told) or UNCHANGED


def _rounds(values: Values) -> str:
    """Return the operations that a policy drew, with signs and factors as of those alone."""
    drawn = zip(values["op"], values["magnitude"], strict=True)
    return ", ".join(_of_round(NAMES[op], size) for op, size in drawn if op) or UNCHANGED


def _of_round(name: str, magnitude: float) -> str:
    """Return one operation; its magnitude is what ``policy_space`` explains."""
    if name == "Rotate" and magnitude:
        return f"turned {-magnitude:+.1f}°"  # clockwise is positive, as for Affine
    if name in ("TranslateX", "TranslateY") and magnitude:
        far = int(magnitude)
        return _moved(0, far) if name == "TranslateX" else _moved(far, 0)
    if name in ENHANCE:
        return f"{name} {1 + magnitude:.2f}"
    if name == "Posterize":
        return f"{magnitude:.0f} bits left"
    if name == "Solarize":
        return f"inverted from {magnitude:.2f} up"
    return f"{name} {magnitude:+.2f}" if magnitude else name


def _mixed(values: Values, partner: str) -> str:
    boxes = _boxes(values) if "top" in values else []
    if boxes:
        return f"{boxes[0]} from {partner}"
    other = 1 - values.get("blend", values["lam"])
    if other <= 0:
        return "not mixed"
    shown = f"{other:.2f}" if other >= 0.005 else "less than 0.01"
    return f"{shown} of {partner}"


def _boxes(values: Values) -> list[str]:
    """Return the rectangles that are not empty."""
    sides = [np.atleast_1d(values[name]).tolist() for name in ("top", "bottom", "left", "right")]
    return [_span(t, b, s, e) for t, b, s, e in zip(*sides, strict=True) if t < b and s < e]


def _span(top: int, bottom: int, left: int, right: int) -> str:
    return f"rows {top}-{bottom - 1}, columns {left}-{right - 1}"


_KNOWN: dict[str, Callable[[Any, Values], str]] = {
    "Affine": _affine,
    "ColorJitter": _jitter,
    "GaussianBlur": lambda op, values: f"sigma {values['sigma']:.1f} px",
    "HorizontalFlip": lambda op, values: "mirrored",
    "PadCrop": _crop,
    "Posterize": lambda op, values: f"{values['bits']} bits left",
    "ResizedCrop": _window,
    "Sharpen": lambda op, values: f"factor {values['factor']:.2f}",
    "Solarize": lambda op, values: f"inverted from {values['threshold']:.2f} up",
    "Translate": _shift,
    "Zoom": _zoom,
    "VerticalFlip": lambda op, values: "upside down",
}
