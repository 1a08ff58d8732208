"""From albumentations: a Compose, or its ``A.to_dict``, as a pipeline.

What is read is the plain form that albumentations itself writes; it is not imported.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from whydrop.augment.importers import albumentations_geometry as geometry
from whydrop.augment.importers import albumentations_rules as rules
from whydrop.augment.importers import elsewhere
from whydrop.augment.importers.imported import Imported
from whydrop.augment.importers.translation import (
    MaxValue,
    Translation,
    UntranslatableError,
    refuse,
)
from whydrop.core.errors import DataError

Config = Mapping[str, Any]
Rule = Callable[[Config, Translation], None]
NAME = "__class_fullname__"
SEQUENCES = ("Compose", "ReplayCompose", "Sequential")
MAJOR = "2"  # version of albumentations whose form is read
_CHANCE = (
    "draws from a generator of the Compose, whose numbers are not repeated here; images= of one "
    "call share a draw"
)


def from_albumentations(
    transform: Any,
    *,
    size: tuple[int, int] | None = None,
    classes: int | None = None,
    seed: int = 0,
    max_value: MaxValue = 255,
    partial: bool = False,
) -> Imported:
    """Return an albumentations transform as a pipeline, with what had to be translated.

    Args:
        transform: a Compose or another transform of albumentations 2, or what ``A.to_dict``
            makes of it.
        size: height and width of the images, which PadIfNeeded and distances in pixels need.
        classes: number of classes.
        seed: of the pipeline's draws.
        max_value: of the images: 255 for bytes, 1 for floats.
        partial: leave out what cannot be translated, with a note.

    Returns:
        The pipeline, and a note on each transform. Printed, they are a table.

    Raises:
        DataError: a dict that albumentations 2 did not write.
        UsageError: a transform that cannot be translated, and the nearest thing to do.

    Example:
        >>> flip = {"__class_fullname__": "HorizontalFlip", "p": 0.3}
        >>> from_albumentations({"__version__": "2.0.8", "transform": flip}).pipeline.ops
        (HorizontalFlip(probability=0.3),)
    """
    made = Translation("albumentations", "from_albumentations", max_value=max_value, size=size)
    if isinstance(transform, Mapping):
        transform = _checked(transform)
    made.attempt("all", lambda: made.remark("own draws for each image", default=_CHANCE))
    for one in _leaves(transform, made):
        _translate(one, made)
    made.attempt("the end", lambda: _end(made))
    return made.finished(classes=classes, seed=seed, partial=partial)


def _checked(data: Config) -> Config:
    version = str(data.get("__version__", ""))
    inner = data.get("transform")
    if version.partition(".")[0] != MAJOR or not isinstance(inner, Mapping):
        raise DataError(
            f"it was written by albumentations {version or 'of no version'}",
            where="dict of from_albumentations",
            do=f"give what A.to_dict of albumentations {MAJOR} makes",
        )
    return inner


def _leaves(transform: Any, made: Translation) -> Iterator[Any]:
    """Yield the transforms of a Compose, one after the other."""
    name = _name(transform)
    if isinstance(transform, Mapping):
        inner, p = transform.get("transforms"), transform.get("p", 1.0)
    else:
        inner, p = getattr(transform, "transforms", None), getattr(transform, "p", 1.0)
    if name not in SEQUENCES or not isinstance(inner, list | tuple):
        yield transform
        return
    if p != 1.0:
        made.attempt(
            name, lambda: refuse("its transforms share one coin", "give p=1, and each its p")
        )
    for one in inner:
        yield from _leaves(one, made)


def _name(transform: Any) -> str:
    if isinstance(transform, Mapping):
        return str(transform.get(NAME, ""))
    theirs = type(transform).__module__.partition(".")[0] == "albumentations"
    return type(transform).__name__ if theirs else ""


def _translate(transform: Any, made: Translation) -> None:
    name = _name(transform)
    if not name or "." in name:  # a class of somebody else, by its full name
        made.attempt(name or type(transform).__name__, _stranger)
    else:
        made.attempt(name, lambda: _follow(RULES.get(name, _unknown), transform, made))


def _follow(rule: Rule, transform: Any, made: Translation) -> None:
    try:
        rule(_config(transform), made)
    except (KeyError, TypeError, ValueError, IndexError) as error:
        what = f"its values are not what albumentations {MAJOR} writes: {error!r}"
        raise UntranslatableError(what, "write it again by A.to_dict") from error


def _stranger() -> None:
    refuse("code that is not albumentations', which is not read", "leave it out")


def _config(transform: Any) -> Config:
    if isinstance(transform, Mapping):
        return transform
    try:
        written: Config = transform.to_dict()["transform"]
    except (NotImplementedError, ValueError):  # so it answers for functions
        refuse("a function, which is not read", "leave it out, or apply it before the pipeline")
    return written


def _unknown(t: Config, made: Translation) -> None:
    near = NEAREST.get(t[NAME])
    refuse("there is no such operation", f"the nearest is {near}" if near else "leave it out")


def _one_of(t: Config, made: Translation) -> None:
    refuse("it chooses between operations", "give each its own p in a Compose")


def _to_tensor(t: Config, made: Translation) -> None:
    made.remark("nothing to do", default="does not divide: bytes stay bytes")


def _to_float(t: Config, made: Translation) -> None:
    most = t["max_value"] or made.gain
    if most != made.gain:
        refuse(f"max_value is {most}, of values to {made.gain:g}", "give max_value=None")
    made.gain = 1.0
    made.remark("nothing: bytes are read as 0 to 1", default="divides by the largest value")


def _normalize(t: Config, made: Translation) -> None:
    most = t["max_pixel_value"]
    if t["normalization"] != "standard" or t["p"] != 1 or most is None:
        refuse(f"normalization is {t['normalization']!r}, p {t['p']}", "give 'standard' and p=1")
    if made.gain == 1 and most > 1:
        do = "give max_pixel_value=1"
        refuse(f"max_pixel_value is {most:g}, but values go from 0 to 1: all would be black", do)
    means, deviations = (
        [most * v for v in (given if isinstance(given, list | tuple) else (given,))]
        for given in (t["mean"], t["std"])
    )
    default = f"mean and std are multiplied by max_pixel_value, {most:g}"
    made.add(made.normalize(means, deviations), default=default)
    made.normalised = True


def _end(made: Translation) -> None:
    if made.gain == 255 and not made.normalised:
        differs = "bytes come out there, floats from 0 to 1 here: do not divide them again"
        made.remark("values from 0 to 1", differs=differs)


RULES: dict[str, Rule] = {
    "Affine": geometry.affine,
    "AutoContrast": rules.autocontrast,
    "CenterCrop": elsewhere.before,
    "CoarseDropout": rules.coarse_dropout,
    "ColorJitter": rules.color_jitter,
    "Equalize": rules.equalize,
    "Erasing": rules.erasing,
    "GaussianBlur": rules.blur,
    "HorizontalFlip": geometry.horizontal_flip,
    "InvertImg": rules.invert,
    "Lambda": elsewhere.function,
    "LongestMaxSize": elsewhere.before,
    "NoOp": elsewhere.nothing,
    "Normalize": _normalize,
    "OneOf": _one_of,
    "Pad": geometry.pad,
    "PadIfNeeded": geometry.pad_if_needed,
    "Posterize": rules.posterize,
    "RandomBrightnessContrast": rules.brightness_contrast,
    "RandomCrop": geometry.crop,
    "RandomResizedCrop": geometry.resized_crop,
    "Resize": elsewhere.before,
    "Rotate": geometry.rotate,
    "Sharpen": rules.sharpen,
    "ShiftScaleRotate": geometry.shift_scale_rotate,
    "SmallestMaxSize": elsewhere.before,
    "Solarize": rules.solarize,
    "SomeOf": _one_of,
    "ToFloat": _to_float,
    "ToGray": rules.grey,
    "ToTensorV2": _to_tensor,
    "VerticalFlip": geometry.vertical_flip,
}
NEAREST = {
    "ChannelDropout": "Greyscale",
    "HueSaturationValue": "ColorJitter",
    "Perspective": "Affine, with shear",
    "RandomScale": "Affine, with scale",
    "SafeRotate": "Rotate",
}
