"""From Keras: preprocessing layers, or the arguments of an ImageDataGenerator, as a pipeline.

A layer is read by its ``get_config``; Keras is not imported. What is said of Keras was measured
with Keras 3.15.
"""

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from whydrop.augment.importers import keras_colour as colour
from whydrop.augment.importers import keras_rules as rules
from whydrop.augment.importers.imported import Imported
from whydrop.augment.importers.keras_generator import generator_arguments, translate_generator
from whydrop.augment.importers.translation import (
    MaxValue,
    Translation,
    UntranslatableError,
    refuse,
)
from whydrop.core.errors import UsageError

Config = Mapping[str, Any]
Rule = Callable[[Config, Translation], None]
SEQUENCES = ("Sequential", "Pipeline")
MIXING = ("MixUp", "CutMix")
_GENERATOR = "draws from NumPy's global generator, whose numbers are not repeated here"
_LAYERS = (
    "draws from a seed generator of each layer, whose numbers are not repeated here; the same "
    "seed in two layers gives both the same numbers"
)


class Layer(NamedTuple):
    """A layer as data.

    Attributes:
        name: of its class; empty for a class that is not Keras'.
        config: what it was made with.
        called: what to call it in a note.
    """

    name: str
    config: Config
    called: str


def from_keras(
    layers: Any,
    *,
    size: tuple[int, int] | None = None,
    classes: int | None = None,
    seed: int = 0,
    max_value: MaxValue | None = None,
    partial: bool = False,
) -> Imported:
    """Return Keras' augmentation as a pipeline, with what had to be translated.

    Args:
        layers: a Sequential of preprocessing layers, a layer, a list of them, or the config of a
            Sequential; or an ImageDataGenerator, or a dict of its arguments.
        size: height and width of the images, which distances in pixels need.
        classes: number of classes.
        seed: of the pipeline's draws.
        max_value: of the images that the first layer gets: 255 or 1. None finds it out from
            Rescaling and value_range.
        partial: leave out what cannot be translated, with a note.

    Returns:
        The pipeline, and a note on each layer or argument. Printed, they are a table.

    Raises:
        UsageError: what cannot be translated, and the nearest thing to do.

    Example:
        >>> from_keras({"zoom_range": 0.2}).pipeline.ops[0].height
        (0.8, 1.2)
    """
    made = Translation("Keras", "from_keras", max_value=max_value, size=size)
    arguments = generator_arguments(layers)
    chance = _LAYERS if arguments is None else _GENERATOR
    made.attempt("all", lambda: made.remark("own draws for each image", default=chance))
    if arguments is not None:
        translate_generator(arguments, made)
    else:
        found = list(_layers(layers))
        if made.gain is None:
            made.gain = _first_gain(found)
        for layer in found:
            if layer.name in MIXING:  # images are normalised before: it comes to the same
                made.attempt("values", lambda: _settle(made))
            made.attempt(layer.called, functools.partial(_follow, layer, made))
    made.attempt("values", lambda: _settle(made))
    return made.finished(classes=classes, seed=seed, partial=partial)


def _layers(given: Any) -> list[Layer]:
    """Return the layers, one after the other."""
    if isinstance(given, list | tuple):
        return [layer for one in given for layer in _layers(one)]
    if isinstance(given, Mapping):
        return _from_config(given)
    kind = type(given)
    theirs = kind.__module__.partition(".")[0] in ("keras", "tf_keras")
    if theirs and kind.__name__ in SEQUENCES:
        return _layers(list(given.layers))
    if not hasattr(given, "get_config"):
        raise UsageError(
            f"{kind.__name__} is no layer",
            where="from_keras",
            do="give a Sequential, a list of layers, or arguments of ImageDataGenerator",
        )
    config = dict(given.get_config()) if theirs else {}
    config |= _statistics(given) if kind.__name__ == "Normalization" else {}
    return [Layer(kind.__name__ if theirs else "", config, kind.__name__)]


def _from_config(given: Config) -> list[Layer]:
    """Return the layers of a config, as ``get_config`` of a Sequential writes it."""
    if "layers" in given:
        return _layers(list(given["layers"]))
    name, config = str(given.get("class_name", "")), given.get("config")
    if not name or not isinstance(config, Mapping):
        raise UsageError(
            f"a dict with {', '.join(map(str, list(given)[:5])) or 'nothing'}",
            where="from_keras",
            do="give get_config() of a Sequential, or arguments of ImageDataGenerator",
        )
    if name in SEQUENCES:
        return _from_config(config)
    theirs = str(given.get("module", "keras")).partition(".")[0] in ("keras", "tf_keras")
    return [Layer(name if theirs else "", config, name)]


def _statistics(layer: Any) -> dict[str, Any]:
    """Return mean and variance that a Normalization was given, or has learned."""
    found = {}
    for name in ("mean", "variance"):
        values = getattr(layer, name, None)
        if values is not None:
            values = values.detach().cpu() if hasattr(values, "detach") else values
            found[name] = values.numpy().ravel() if hasattr(values, "numpy") else values
    return found


def _first_gain(layers: Sequence[Layer]) -> float | None:
    """Return the largest value of the images, as far as layers tell it."""
    for layer in layers:
        if layer.name == "Rescaling" and isinstance(layer.config.get("scale"), int | float):
            scale = abs(layer.config["scale"])
            return 255.0 if scale < 0.02 else 1.0 if scale >= 0.5 else None
        # An erased rectangle may be filled with a number in any range.
        erases = layer.name == "RandomErasing"
        value_range = None if erases else layer.config.get("value_range")
        if value_range is not None and tuple(value_range) in ((0, 255), (0, 1)):
            return float(value_range[1])
    return None


def _follow(layer: Layer, made: Translation) -> None:
    if not layer.name:
        refuse("code that is not Keras', which is not read", "leave it out")
    try:
        RULES.get(layer.name, _unknown)({**layer.config, "class": layer.name}, made)
    except (KeyError, TypeError, ValueError, IndexError) as error:
        what = f"its values are not what Keras writes: {error!r}"
        raise UntranslatableError(what, "give the layer itself") from error


def _unknown(t: Config, made: Translation) -> None:
    near = NEAREST.get(t["class"])
    refuse("there is no such operation", f"the nearest is {near}" if near else "leave it out")


def _nothing(t: Config, made: Translation) -> None:
    made.remark("nothing to do")


def _before(t: Config, made: Translation) -> None:
    if made.ops:
        do = "put it before everything random"
        refuse("it comes after an operation, and images have one size before those", do)
    differs = "belongs before the pipeline: the images of a batch have one size"
    made.remark("left to the reading of images", differs=differs)


def _settle(made: Translation) -> None:
    """Let values come out as the model gets them there, once."""
    if made.normalised:
        return
    if made.gain is None:
        differs = "values come out from 0 to 1 here; there in the range in which they came"
        made.remark("from 0 to 1", differs=differs)
    elif (made.gain, made.bias) != (1.0, 0.0):
        low, high = made.bias, made.bias + made.gain
        default = f"the model gets values from {low:g} to {high:g}"
        made.add(made.normalize((0.0,), (1.0,)), default=default)
    made.normalised = True


RULES: dict[str, Rule] = {
    "CenterCrop": _before,
    "CutMix": rules.cutmix,
    "InputLayer": _nothing,
    "MixUp": rules.mixup,
    "Normalization": rules.normalization,
    "RandomBrightness": colour.brightness,
    "RandomColorJitter": colour.color_jitter,
    "RandomContrast": colour.contrast,
    "RandomCrop": rules.crop,
    "RandomErasing": rules.erasing,
    "RandomFlip": rules.flip,
    "RandomGrayscale": colour.grey,
    "RandomHue": colour.hue,
    "RandomRotation": rules.rotation,
    "RandomSaturation": colour.saturation,
    "RandomTranslation": rules.translation,
    "RandomZoom": rules.zoom,
    "Rescaling": rules.rescaling,
    "Resizing": _before,
}
NEAREST = {
    "AutoContrast": "AutoContrast of whydrop.augment",
    "Equalization": "Equalize of whydrop.augment",
    "RandomGaussianBlur": "GaussianBlur of whydrop.augment",
    "RandomPosterization": "Posterize of whydrop.augment",
    "RandomSharpness": "Sharpen of whydrop.augment",
    "RandomShear": "Affine, with shear",
    "Solarization": "Solarize of whydrop.augment",
}
