"""From torchvision: transforms of v1 and v2 as a pipeline.

A transform is known by the name and the module of its class; torchvision is not imported.
"""

from collections.abc import Callable
from typing import Any

import whydrop.augment as augment
from whydrop.augment.importers import elsewhere
from whydrop.augment.importers import torchvision_rules as rules
from whydrop.augment.importers.imported import Imported
from whydrop.augment.importers.translation import (
    MaxValue,
    Translation,
    UntranslatableError,
    refuse,
)
from whydrop.augment.ops.normalize import Normalize
from whydrop.core.errors import UsageError

Rule = Callable[[Any, Translation], None]
SEQUENCES = ("Compose", "Sequential", "ModuleList")
SCALING = ("ToTensor", "PILToTensor", "ToImage", "ConvertImageDtype")  # what starts from bytes
_CHANCE = (
    "draws from torch's global generator, whose numbers are not repeated here; what transforms a "
    "whole batch draws once for all its images"
)


def from_torchvision(
    *transforms: Any,
    classes: int | None = None,
    seed: int = 0,
    max_value: MaxValue | None = None,
    partial: bool = False,
) -> Imported:
    """Return torchvision transforms as a pipeline, with what had to be translated.

    Args:
        transforms: of ``torchvision.transforms`` or its ``v2``, one after the other; the last may
            be what batches go through: MixUp, CutMix, or RandomChoice of the two.
        classes: number of classes; else that of MixUp and CutMix.
        seed: of the pipeline's draws.
        max_value: of the images that the first one gets: 255 for PIL images and bytes, 1 for
            floats. None finds it out from ToTensor and its like.
        partial: leave out what cannot be translated, with a note.

    Returns:
        The pipeline, and a note on each transform. Printed, they are a table.

    Raises:
        UsageError: a transform that cannot be translated, and the nearest thing to do.

    Example:
        >>> from_torchvision([], seed=3).headline
        'From torchvision: 0 operations; 0 of 1 notes differ.'
    """
    if not transforms:
        do = "give a Compose, or other transforms"
        raise UsageError("there are no transforms", where="from_torchvision", do=do)
    if max_value is None and any(map(_starts_from_bytes, transforms)):
        max_value = 255
    made = Translation("torchvision", "from_torchvision", max_value=max_value)
    made.attempt("all", lambda: made.remark("own draws for each image", default=_CHANCE))
    for transform in transforms:
        _translate(transform, made)
    made.attempt("the end", lambda: _end(made))
    return made.finished(classes=classes, seed=seed, partial=partial)


def _is_theirs(transform: Any) -> bool:
    module = type(transform).__module__
    return module.startswith(("torchvision.transforms.", "torch.nn.modules."))


def _is_sequence(transform: Any) -> bool:
    known = _is_theirs(transform) and type(transform).__name__ in SEQUENCES
    return known or isinstance(transform, list | tuple)


def _children(transform: Any) -> list[Any]:
    if isinstance(transform, list | tuple):
        return list(transform)
    inner = getattr(transform, "transforms", None)
    if inner is None:
        inner = transform if _is_sequence(transform) else ()
    return list(inner)


def _starts_from_bytes(transform: Any) -> bool:
    if _is_sequence(transform):
        return any(map(_starts_from_bytes, _children(transform)))
    name = type(transform).__name__
    return _is_theirs(transform) and (name in SCALING or (name == "ToDtype" and transform.scale))


def _translate(transform: Any, made: Translation) -> None:
    name = type(transform).__name__
    if _is_sequence(transform):
        for child in _children(transform):
            _translate(child, made)
    elif _is_theirs(transform):
        made.attempt(name, lambda: _follow(RULES.get(name, _unknown), transform, made))
    else:
        called = getattr(transform, "__name__", name)
        made.attempt(called, lambda: _stranger(transform, called))


def _follow(rule: Rule, transform: Any, made: Translation) -> None:
    try:
        rule(transform, made)
    except (AttributeError, TypeError, ValueError, IndexError) as error:
        what = f"its attributes are not those of torchvision 0.28: {error!r}"
        raise UntranslatableError(what, "leave it out") from error


def _stranger(transform: Any, name: str) -> None:
    ours = name in augment.__all__ and name[0].isupper()
    add = f", and add {name} of whydrop.augment" if ours else ""
    refuse(f"code of {type(transform).__module__}, which is not read", f"leave it out{add}")


def _unknown(t: Any, made: Translation) -> None:
    near = NEAREST.get(type(t).__name__)
    refuse("there is no such operation", f"the nearest is {near}" if near else "leave it out")


# -- what holds other transforms -------------------------------------------------------------------


def _random_apply(t: Any, made: Translation) -> None:
    inner = _children(t)
    if len(inner) != 1 or _is_sequence(inner[0]):
        refuse("its transforms share one coin", "give each a RandomApply of its own")
    name = type(inner[0]).__name__
    if name in (*SCALING, "ToDtype", "Pad", "Resize", "CenterCrop"):
        refuse(f"{name} is done to some images only", "do it to all, or to none")
    with made.sometimes(float(t.p)):
        _translate(inner[0], made)


def _random_choice(t: Any, made: Translation) -> None:
    inner = _children(t)
    if [type(one).__name__ for one in inner] not in (["MixUp", "CutMix"], ["CutMix", "MixUp"]):
        refuse("only a choice between MixUp and CutMix is known", "choose one of them")
    rules.mix_choice(t, inner, made)


def _random_order(t: Any, made: Translation) -> None:
    refuse("operations have a fixed order here", "give them in a Compose")


# -- values ----------------------------------------------------------------------------------------


def _to_tensor(t: Any, made: Translation) -> None:
    made.gain = 1.0
    made.remark("nothing: bytes are read as 0 to 1", default="divides bytes by 255")


def _to_image(t: Any, made: Translation) -> None:
    made.remark("nothing to do", default="does not scale: bytes stay bytes")


def _to_pil_image(t: Any, made: Translation) -> None:
    rounds = "rounds to bytes there" if made.gain == 1 else ""
    made.gain = 255.0
    made.remark("nothing to do", differs=rounds)


def _convert_image_dtype(t: Any, made: Translation) -> None:
    _change_dtype(t.dtype, True, made)


def _to_dtype(t: Any, made: Translation) -> None:
    dtype = t.dtype
    if isinstance(dtype, dict):
        named = {getattr(key, "__name__", str(key)): value for key, value in dtype.items()}
        dtype = named.get("Image", named.get("Tensor", named.get("others")))
    _change_dtype(dtype, bool(t.scale), made)


def _change_dtype(dtype: Any, scale: bool, made: Translation) -> None:
    is_float = "float" in str(dtype)
    if dtype is None:
        made.remark("nothing to do")
    elif not is_float and str(dtype) != "torch.uint8":
        refuse(f"values become {dtype}", "give torch.float32, or torch.uint8")
    elif scale:
        made.gain = 1.0 if is_float else 255.0
        default = f"scales to 0 to {made.gain:g}"
        made.remark("nothing: bytes are read as 0 to 1", default=default)
    elif made.gain is None:
        refuse("it is not known what values it gets", "give max_value=255 or 1, or scale=True")
    elif made.gain == 1:
        if not is_float:
            refuse("values from 0 to 1 become bytes 0 and 1", "give scale=True")
        made.remark("nothing to do")
    else:
        made.float_levels = is_float
        made.remark("nothing to do", default="scale=False: values from 0 to 255 stay so")


def _normalize(t: Any, made: Translation) -> None:
    default = "works on values from 0 to 255: nothing divided them" if made.gain == 255 else ""
    made.add(made.normalize(t.mean, t.std), default=default)
    made.normalised = True


def _end(made: Translation) -> None:
    if made.normalised or made.gain != 255:
        return
    if made.float_levels:
        default = "the model gets 0 to 255: there is no scale=True, and no Normalize"
        made.add(Normalize((0.0,), (1 / 255,)), default=default)
    else:
        differs = "bytes come out there, floats from 0 to 1 here: do not divide them again"
        made.remark("values from 0 to 1", differs=differs)


RULES: dict[str, Rule] = {
    "CenterCrop": elsewhere.before,
    "ColorJitter": rules.color_jitter,
    "ConvertImageDtype": _convert_image_dtype,
    "CutMix": rules.mix,
    "GaussianBlur": rules.blur,
    "Grayscale": rules.always_grey,
    "Identity": elsewhere.nothing,
    "Lambda": elsewhere.function,
    "MixUp": rules.mix,
    "Normalize": _normalize,
    "PILToTensor": _to_image,
    "Pad": rules.pad,
    "RandAugment": rules.rand_augment,
    "RandomAdjustSharpness": rules.sharpness,
    "RandomAffine": rules.affine,
    "RandomApply": _random_apply,
    "RandomAutocontrast": rules.autocontrast,
    "RandomChoice": _random_choice,
    "RandomCrop": rules.crop,
    "RandomEqualize": rules.equalize,
    "RandomErasing": rules.erasing,
    "RandomGrayscale": rules.grey,
    "RandomHorizontalFlip": rules.horizontal_flip,
    "RandomInvert": rules.invert,
    "RandomOrder": _random_order,
    "RandomPosterize": rules.posterize,
    "RandomResizedCrop": rules.resized_crop,
    "RandomRotation": rules.rotation,
    "RandomSolarize": rules.solarize,
    "RandomVerticalFlip": rules.vertical_flip,
    "Resize": elsewhere.before,
    "ToDtype": _to_dtype,
    "ToImage": _to_image,
    "ToPILImage": _to_pil_image,
    "ToPureTensor": elsewhere.nothing,
    "ToTensor": _to_tensor,
    "TrivialAugmentWide": rules.trivial_augment,
}
NEAREST = {
    "AugMix": "RandAugment",
    "AutoAugment": "RandAugment",
    "ElasticTransform": "Affine",
    "RandomPerspective": "Affine, with shear",
    "RandomPhotometricDistort": "ColorJitter",
    "RandomZoomOut": "Zoom",
    "ScaleJitter": "Affine, with scale",
}
