"""Rules of Keras' layers that change colours: what each becomes; as ``keras_rules`` otherwise."""

from collections.abc import Mapping
from typing import Any

from whydrop.augment.importers.translation import Translation, refuse
from whydrop.augment.ops.brightness_contrast import BrightnessContrast
from whydrop.augment.ops.color_jitter import ColorJitter
from whydrop.augment.ops.greyscale import Greyscale

Config = Mapping[str, Any]
Ends = tuple[float, float]


def either_way(factor: Any, least: float = -1.0) -> Ends:
    """Return the ends of a factor as Keras reads it: a number is the largest either way."""
    if isinstance(factor, list | tuple):
        low, high = sorted(map(float, factor))
        return low, high
    return max(-abs(float(factor)), least), abs(float(factor))


def _in_range(t: Config, made: Translation) -> str:
    """Check that value_range is what the values are, and return it in words."""
    if made.normalised:
        refuse("it cuts normalised values", "put it before Normalization")
    low, high = map(float, t["value_range"])
    if made.gain is None:
        made.gain, made.bias = high - low, low
    here = (made.bias, made.bias + made.gain)
    span = high - low
    if abs(here[0] - low) > 0.01 * span or abs(here[1] - high) > 0.01 * span:
        refuse(
            f"value_range is ({low:g}, {high:g}), but values go from {here[0]:g} to {here[1]:g}",
            f"give value_range=({here[0]:g}, {here[1]:g})",
        )
    return f"value_range=({low:g}, {high:g})"


def brightness(t: Config, made: Translation) -> None:
    known = _in_range(t, made)
    default = f"adds up to the factor times the range; {known}"
    made.add(BrightnessContrast(either_way(t["factor"])), default=default)


def _contrasts(factor: Any) -> tuple[Ends, str]:
    """Return the ends of what multiplies, and what is not expected in it."""
    low, high = either_way(factor, 0.0)
    only = "" if low else f"a number only raises contrast, by 1 to {1 + high:g}; "
    return (1 - low, 1 + high), only


_MEANS = "the mean of each channel is kept there, that of grey here"


def contrast(t: Config, made: Translation) -> None:
    known, (ends, default) = _in_range(t, made), _contrasts(t["factor"])
    made.add(ColorJitter(contrast=ends), default=default + known, differs=_MEANS)


def _saturations(factor: Any) -> tuple[Ends, str]:
    low, high = either_way(factor)
    if high >= 1:
        refuse(f"the factor goes up to {high:g}", "stay below 1, where it is without limit")
    ends = (max(0.0, low / (1 - low)), max(0.0, high / (1 - high)))
    default = f"factor f multiplies by f / (1 - f): by {ends[0]:.3g} to {ends[1]:.3g}"
    if low < 0:
        grey = min(1.0, low / (low - high))
        default += f", and {grey:.0%} of images become grey"
    if ends[1] <= 1:
        default += "; f = 0.5 would change nothing"
    return ends, default


_SATURATED = (
    "saturation of HSV is multiplied there, with f uniform; here the distance to grey is, with the "
    "multiplier uniform"
)


def saturation(t: Config, made: Translation) -> None:
    known, (ends, default) = _in_range(t, made), _saturations(t["factor"])
    op = ColorJitter(saturation=ends)
    made.add(op, default=f"{default}; {known}", differs=_SATURATED)


def _hues(factor: Any) -> float:
    low, high = either_way(factor, 0.0)
    if low != 0:
        refuse(f"the hue turns by at least {low:g}", "let the factor begin at 0")
    return high / 2


def hue(t: Config, made: Translation) -> None:
    known, turn = _in_range(t, made), _hues(t["factor"])
    default = f"factor 1 is half a circle; {known}"
    made.add(ColorJitter(hue=turn), default=default)


def color_jitter(t: Config, made: Translation) -> None:
    defaults, differences = [_in_range(t, made)], []
    if t["brightness_factor"] is not None:
        defaults.append("brightness adds")
    values: dict[str, Any] = {}
    if t["contrast_factor"] is not None:
        values["contrast"], text = _contrasts(t["contrast_factor"])
        defaults.append(text.removesuffix("; "))
        differences.append(_MEANS)
    if t["saturation_factor"] is not None:
        values["saturation"], text = _saturations(t["saturation_factor"])
        defaults.append(text)
        differences.append(_SATURATED)
    if t["hue_factor"] is not None:
        values["hue"] = _hues(t["hue_factor"])
    ops: list[Any] = []
    if t["brightness_factor"] is not None:
        ops.append(BrightnessContrast(either_way(t["brightness_factor"])))
    ops += [ColorJitter(**values)] if values else []
    made.add(*ops, default="; ".join(filter(None, defaults)), differs="; ".join(differences))


def grey(t: Config, made: Translation) -> None:
    if made.normalised or made.bias:
        refuse("grey is not kept by Normalization", "put it before")
    made.add(Greyscale(float(t["factor"])))
