"""Rules of torchvision: what each transform becomes.

A rule reads a transform's attributes and writes to a translation. v1 and v2 name them alike.
"""

from collections.abc import Sequence
from typing import Any

from whydrop.augment.cutmix import CutMix
from whydrop.augment.geometry import Edge, Interpolation
from whydrop.augment.holes import Fill
from whydrop.augment.importers.retries import share_too_large
from whydrop.augment.importers.translation import Translation, refuse
from whydrop.augment.mixup import MixUp
from whydrop.augment.ops.affine import Affine
from whydrop.augment.ops.autocontrast import AutoContrast
from whydrop.augment.ops.blur import GaussianBlur
from whydrop.augment.ops.color_jitter import ColorJitter
from whydrop.augment.ops.equalize import Equalize
from whydrop.augment.ops.flip import HorizontalFlip, VerticalFlip
from whydrop.augment.ops.greyscale import Greyscale
from whydrop.augment.ops.pad_crop import PadCrop
from whydrop.augment.ops.posterize import Posterize
from whydrop.augment.ops.rand_augment import RandAugment
from whydrop.augment.ops.random_erasing import RandomErasing
from whydrop.augment.ops.resized_crop import ResizedCrop
from whydrop.augment.ops.sharpen import Sharpen
from whydrop.augment.ops.solarize import Solarize
from whydrop.augment.ops.translate import Translate
from whydrop.augment.ops.trivial_augment import TrivialAugment
from whydrop.augment.switch import Switch

PIL_FILTERS = ("nearest", "lanczos", "bilinear", "bicubic", "box", "hamming")  # by their number
_ROUNDING = "on bytes it rounds to whole levels after each step; here values are floats"


# -- geometry --------------------------------------------------------------------------------------


def horizontal_flip(t: Any, made: Translation) -> None:
    made.add(HorizontalFlip(float(t.p)))


def vertical_flip(t: Any, made: Translation) -> None:
    made.add(VerticalFlip(float(t.p)))


def _even(padding: Any) -> int:
    """Return the pixels of a padding that is the same on all sides."""
    sides = set(padding) if isinstance(padding, list | tuple) else {padding or 0}
    if len(sides) != 1:
        refuse(f"padding is {padding!r}", "pad all sides by the same number of pixels")
    return int(sides.pop())


def _border(t: Any, made: Translation) -> tuple[Edge, float]:
    return t.padding_mode, made.fill(t.fill) if t.padding_mode == "constant" else 0.0


def pad(t: Any, made: Translation) -> None:
    made.padded = (_even(t.padding), *_border(t, made))
    made.remark("part of the PadCrop that follows", default=_comes_in(made, *made.padded[1:]))


def _comes_in(made: Translation, mode: str, fill: float) -> str:
    if mode != "constant":
        return f"the border is made by {mode}"
    return f"what comes in is {made.shade(fill)}" + (
        "" if made.normalised else ", before Normalize"
    )


def crop(t: Any, made: Translation) -> None:
    own = _even(t.padding)
    pad, mode, fill = made.padded or (0, "constant", 0.0)
    if own and pad:
        refuse("the image is padded twice", "pad in RandomCrop only")
    if own:
        pad, (mode, fill) = own, _border(t, made)
    small = "smaller images would be padded there and are refused here" if t.pad_if_needed else ""
    default = _comes_in(made, mode, fill) if own else ""
    height, width = t.size
    made.add(PadCrop(pad, mode, fill, (int(height), int(width))), default=default, differs=small)
    made.padded = None


def _filter(t: Any) -> tuple[Interpolation, str]:
    """Return the interpolation here, and what differs from the one there."""
    name = getattr(t.interpolation, "value", t.interpolation)
    name = PIL_FILTERS[name] if isinstance(name, int) else str(name)
    if name in ("nearest", "nearest-exact"):
        return "nearest", ""
    return "bilinear", "" if name == "bilinear" else f"{name} there, bilinear here"


def resized_crop(t: Any, made: Translation) -> None:
    kind, differs = _filter(t)
    texts = [differs or ("nearest there, bilinear here" if kind == "nearest" else "")]
    if getattr(t, "antialias", True) is not False:
        texts.append("where a window is larger than the output it is smoothed there, not here")
    again = share_too_large(t.scale, t.ratio)
    if again > 0:
        texts.append(
            f"a window that does not fit ({again:.1%} in square images) is drawn again there, up "
            "to ten times, and clipped here"
        )
    height, width = t.size if len(t.size) == 2 else (t.size[0], t.size[0])
    op = ResizedCrop((int(height), int(width)), tuple(t.scale), tuple(t.ratio))
    made.add(op, default=f"scale {_pair(t.scale)}, ratio {_pair(t.ratio)}", differs=_joined(texts))


def _pair(values: Sequence[float]) -> str:
    return f"{values[0]:.3g} to {values[1]:.3g}"


def _joined(texts: list[str]) -> str:
    return "; ".join(text for text in texts if text)


def affine(t: Any, made: Translation) -> None:
    if t.center is not None:
        refuse(f"center is {t.center}", "leave it out: the middle of the image is fixed here")
    moves, fill = tuple(t.translate or (0.0, 0.0)), made.fill(t.fill)
    default = _comes_in(made, "constant", fill)
    scale, shear = tuple(t.scale or (1.0, 1.0)), tuple(t.shear or (0.0, 0.0))
    if not any(t.degrees) and set(scale) == {1.0} and not any(shear):
        share = moves[0] if moves[0] == moves[1] else moves
        default = f"moves by whole pixels, as the distance is rounded; nearest; {default}"
        made.add(Translate(share, fill=fill), default=default)
        return
    kind, differs = _filter(t)
    rounded = "the distance is rounded to whole pixels there, not here" if any(moves) else ""
    low, high = t.degrees
    op = Affine((low, high), moves, scale, shear, fill, interpolation=kind)
    made.add(op, default=f"{kind}; {default}", differs=_joined([differs, rounded]))


def rotation(t: Any, made: Translation) -> None:
    if t.expand or t.center is not None:
        refuse(f"expand is {t.expand}, center {t.center}", "leave both out")
    kind, differs = _filter(t)
    fill, (low, high) = made.fill(t.fill), t.degrees
    default = f"{kind}; {_comes_in(made, 'constant', fill)}; anticlockwise positive"
    op = Affine((-high, -low), fill=fill, interpolation=kind)
    made.add(op, default=default, differs=differs)


# -- colour ----------------------------------------------------------------------------------------


def _colour(made: Translation) -> str:
    """Return what differs for a change of colours at this place."""
    if made.normalised:
        refuse("it cuts normalised values to 0 and 1", "put it before Normalize")
    return _ROUNDING if made.gain == 255 else ""


def color_jitter(t: Any, made: Translation) -> None:
    given = {name: getattr(t, name) for name in ("brightness", "contrast", "saturation", "hue")}
    spans: dict[str, Any] = {name: tuple(span) for name, span in given.items() if span is not None}
    differs = _colour(made)
    if len(spans) > 1:
        differs = _joined(["the order of the four is drawn there, and is fixed here", differs])
    made.add(ColorJitter(**spans), differs=differs)


def grey(t: Any, made: Translation) -> None:
    made.add(Greyscale(float(t.p)), differs=_colour(made))


def always_grey(t: Any, made: Translation) -> None:
    if t.num_output_channels != 3:
        refuse("the number of channels changes", "convert when images are read")
    made.add(Greyscale(1.0), differs=_colour(made))


def blur(t: Any, made: Translation) -> None:
    sides = set(t.kernel_size)
    if len(sides) != 1:
        refuse(f"kernel_size is {t.kernel_size}", "give a square kernel")
    low, high = t.sigma
    differs = _ROUNDING if made.gain == 255 and not made.normalised else ""
    made.add(GaussianBlur(int(sides.pop()), (float(low), float(high))), differs=differs)


def sharpness(t: Any, made: Translation) -> None:
    made.add(Sharpen(float(t.sharpness_factor), float(t.p)), differs=_colour(made))


def posterize(t: Any, made: Translation) -> None:
    _colour(made)
    made.add(Posterize(int(t.bits), float(t.p)))


def solarize(t: Any, made: Translation) -> None:
    _colour(made)
    threshold = made.fill(t.threshold, "threshold")
    default = f"threshold {t.threshold:g} of {made.gain:g}" if made.gain else ""
    made.add(Solarize(threshold, float(t.p)), default=default)


def invert(t: Any, made: Translation) -> None:
    _colour(made)
    made.add(Solarize(0.0, float(t.p)))


def equalize(t: Any, made: Translation) -> None:
    _colour(made)
    made.add(Equalize(float(t.p)))


def autocontrast(t: Any, made: Translation) -> None:
    made.add(AutoContrast(float(t.p)), differs=_colour(made))


def _policy(t: Any, made: Translation) -> tuple[float, str]:
    """Return the fill of a policy, and what differs."""
    _colour(made)
    _, differs = _filter(t)
    nearest = "" if differs else "nearest pixels there, bilinear here but for whole-pixel moves"
    fill = made.fill(t.fill)
    return fill, _joined([differs or nearest, _ROUNDING if made.gain == 255 else ""])


def rand_augment(t: Any, made: Translation) -> None:
    fill, differs = _policy(t, made)
    op = RandAugment(int(t.num_ops), int(t.magnitude), int(t.num_magnitude_bins), fill)
    made.add(op, default=_comes_in(made, "constant", fill), differs=differs)


def trivial_augment(t: Any, made: Translation) -> None:
    fill, differs = _policy(t, made)
    op = TrivialAugment(int(t.num_magnitude_bins), fill)
    made.add(op, default=_comes_in(made, "constant", fill), differs=differs)


# -- erasing and mixing ----------------------------------------------------------------------------


def erasing(t: Any, made: Translation) -> None:
    fill = _hole(t, made)
    again = share_too_large(t.scale, t.ratio)
    differs = ""
    if again > 0:
        differs = (
            f"a rectangle that does not fit ({again:.1%} in square images) is drawn again there, "
            "up to ten times, and clipped here"
        )
    scale = (max(float(t.scale[0]), 1e-6), float(t.scale[1]))
    op = RandomErasing(float(t.p), scale, (float(t.ratio[0]), float(t.ratio[1])), fill)
    holds = "noise" if fill == "noise" else made.shade(fill)
    made.add(op, default=f"the hole holds {holds}", differs=differs)


def _hole(t: Any, made: Translation) -> Fill:
    if t.value is None or isinstance(t.value, str):  # as v2 and v1 call noise
        if made.gain != 1 and not made.normalised:
            refuse(
                "it fills bytes with noise of a standard deviation of 1", "put it after ToTensor"
            )
        return "noise"
    return made.fill(t.value, "value")


_MIXING = (
    "one lam for the whole batch, as often below 0.5 as above; the partner is the image before"
)
_EVALUATION = "it mixes under .eval() too; here evaluation leaves it out"


def mix_choice(t: Any, inner: Sequence[Any], made: Translation) -> None:
    weights = t.p or [1.0, 1.0]
    first, second = (_mixer(one, made) for one in inner)
    share = weights[1] / sum(weights)
    made.add(Switch(first, second, share, per="batch"), default=_MIXING, differs=_EVALUATION)


def _mixer(t: Any, made: Translation) -> MixUp | CutMix:
    made.classes = t.num_classes or made.classes
    kind = MixUp if type(t).__name__ == "MixUp" else CutMix
    return kind(float(t.alpha), per="batch", fold=False, pairing="roll")


def mix(t: Any, made: Translation) -> None:
    made.add(_mixer(t, made), default=_MIXING, differs=_EVALUATION)
