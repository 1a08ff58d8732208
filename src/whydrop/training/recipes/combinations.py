"""Combinations that make no sense, declared once.

A recipe that has one is refused, and a study of two recipes never builds one between them.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from whydrop.core.errors import UsageError
from whydrop.training.recipes.operations import (
    alien,
    frames_after,
    misfit,
    pipeline_of,
    skeleton_pipeline_of,
    those_for,
)
from whydrop.training.recipes.schema import Recipe

TRAINING_SAMPLES = {"digits": 899, "cifar10": 50_000, "mnist": 60_000}  # at most
MIXING = ("MixUp", "CutMix", "Switch")  # a pipeline has one of them
CLASSES = {"digits": 10, "cifar10": 10, "mnist": 10}
IMAGES = ("digits", "cifar10", "mnist", "folder", "pack")
SKELETONS = ("skeletons", "ntu", "sbu")
CHANNELS = {"digits": 1, "cifar10": 3, "folder": 3}


class Broken(NamedTuple):
    """A combination that a recipe has.

    Attributes:
        keys: all that it depends on.
        what: is wrong.
        do: what to change.
    """

    keys: tuple[str, ...]
    what: str
    do: str


@dataclass(frozen=True)
class Impossible:
    """One kind of combination.

    Attributes:
        keys: all that it depends on: values or sections of a recipe; operations of ``augment`` by
            their names, those of ``data.expand`` likewise.
        found: returns what is wrong with a recipe, or nothing.
        do: what to change.
    """

    keys: tuple[str, ...]
    found: Callable[[Recipe], str]
    do: str


def found_in(recipe: Recipe) -> Iterator[Broken]:
    """Yield each combination that a recipe has."""
    for each in COMBINATIONS:
        what = each.found(recipe)
        if what:
            yield Broken(each.keys, what, each.do)


def _loss_and_output(recipe: Recipe) -> str:
    if recipe.loss.name == "categorical_cross_entropy" and recipe.output == "logits":
        return "categorical_cross_entropy is of probabilities, and the output is logits"
    return ""


def _weights_of_other_losses(recipe: Recipe) -> str:
    if recipe.loss.class_weights is not None and recipe.loss.name != "cross_entropy":
        return f"class_weights are of cross_entropy, and the loss is {recipe.loss.name}"
    return ""


def _nesterov(recipe: Recipe) -> str:
    chosen = recipe.optimizer
    if chosen.name == "sgd" and chosen.nesterov and (not chosen.momentum or chosen.dampening):
        return f"nesterov with momentum {chosen.momentum:g} and dampening {chosen.dampening:g}"
    return ""


def _smoothing_of_pairs(recipe: Recipe) -> str:
    if recipe.augment.smoothing and recipe.augment.target == "pairs":
        return "labels that are kept as pairs of class numbers cannot be smoothed"
    return ""


def _smoothing_twice(recipe: Recipe) -> str:
    if recipe.augment.smoothing and recipe.loss.label_smoothing:
        return "labels are smoothed twice, by augment and by the loss"
    return ""


def _model_and_data(recipe: Recipe) -> str:
    model, data = recipe.model.name, recipe.data.name
    if model == "skeleton_net" and data in IMAGES:
        return f"skeleton_net wants skeletons, {data} has images"
    if data in SKELETONS and model not in ("skeleton_net", "mlp", "own"):
        return f"{model} wants images, {data} has skeletons"
    return ""


def _channels(recipe: Recipe) -> str:
    data = recipe.data
    channels = data.channels if data.name == "mnist" else CHANNELS.get(data.name, 3)
    if recipe.model.name == "efficientnet_lite0" and channels != 3:
        return f"efficientnet_lite0 wants images of 3 channels, {data.name} has {channels}"
    return ""


def _frames(recipe: Recipe) -> str:
    data = recipe.data
    if recipe.model.name != "skeleton_net" or data.name not in ("skeletons", "ntu", "sbu"):
        return ""
    frames = frames_after(recipe.augment.ops, data.frames)
    if frames < 8:
        return f"skeleton_net halves the frames three times, and there are {frames}"
    return ""


def _images_changed(recipe: Recipe) -> str:
    return misfit(recipe.augment.ops, "skeletons") if recipe.data.name in SKELETONS else ""


def _skeletons_changed(recipe: Recipe) -> str:
    return misfit(recipe.augment.ops, "images") if recipe.data.name in IMAGES else ""


def _copies_of_skeletons(recipe: Recipe) -> str:
    data = recipe.data
    copied = data.name in SKELETONS and data.expand
    return f"copies are made of images, {data.name} has skeletons" if copied else ""


def _copies_changed(recipe: Recipe) -> str:
    expand = recipe.data.expand
    return misfit(expand.ops, "images") if expand else ""


def _on_skeletons(recipe: Recipe) -> bool:
    """Return whether operations are on skeletons; those of an npz are what they are made for."""
    return recipe.data.name in SKELETONS or bool(misfit(recipe.augment.ops, "images"))


def _unsafe(recipe: Recipe) -> str:
    augment, on_skeletons = recipe.augment, _on_skeletons(recipe)
    if misfit(augment.ops, "skeletons" if on_skeletons else "images"):
        return ""  # the data decide which of them may stay
    # Mixing twice is a combination of its own, for a study's sake.
    ops = [op for op in augment.ops if not (_mixed_twice(recipe) and op["op"] in MIXING)]
    make = skeleton_pipeline_of if on_skeletons else pipeline_of
    try:
        make(ops, order=augment.order)
    except UsageError as error:
        return f"{error.what}; {error.do}"
    return ""


def _mixed_twice(recipe: Recipe) -> str:
    mixing = [str(op["op"]) for op in recipe.augment.ops if op["op"] in MIXING]
    if len(mixing) < 2 or _on_skeletons(recipe):
        return ""
    return f"{' and '.join(mixing)} would mix images twice"


def _stacked(recipe: Recipe) -> str:
    stacked = any(op.get("stack_images") for op in recipe.augment.ops)
    if stacked and recipe.model.name not in ("own", "mlp"):
        return f"{recipe.model.name} takes one image a sample, and stack_images gives two"
    return ""


def _frozen_and_taken_anew(recipe: Recipe) -> str:
    if recipe.batchnorm.frozen and recipe.batchnorm.evaluation == "reestimated":
        return "BatchNorm's averages cannot stay frozen and be taken anew"
    return ""


def _all_warmup(recipe: Recipe) -> str:
    schedule, epochs = recipe.schedule, recipe.train.epochs
    if schedule.name == "cosine" and schedule.warmup >= epochs:
        return f"after {schedule.warmup:g} epochs of warmup there is nothing left of {epochs}"
    return ""


def _classes_of(recipe: Recipe) -> int | None:
    """Return the number of classes, where the recipe tells it."""
    data = recipe.data
    return len(data.classes) if data.classes is not None else CLASSES.get(data.name)


def _more_places_than_classes(recipe: Recipe) -> str:
    classes = _classes_of(recipe)
    for name in (recipe.metrics.report, *recipe.metrics.also):
        of_k = re.fullmatch(r"top(\d+)", name)
        if classes is not None and of_k and int(of_k[1]) > classes:
            return f"{name} of {classes} classes is always all"
    return ""


def _no_batch(recipe: Recipe) -> str:
    data, size = recipe.data, recipe.train.batch_size
    known = TRAINING_SAMPLES.get(data.name)
    if not recipe.train.drop_last or known is None:
        return ""
    trained = known * (1 - data.valid_share if data.valid == "split" else 1) * data.fraction
    if data.expand:
        trained = max(trained, data.expand.per_class * 10)
    if trained + 10 < size:  # rounding is by class
        return f"about {trained:.0f} samples are no batch of {size}, and drop_last leaves them out"
    return ""


def _no_test_part(recipe: Recipe) -> str:
    data = recipe.data
    if data.valid == "test" and not data.has_test_part:
        return f"validation is by the test part, and {data.name} is not told what that is"
    return ""


def _shares_of_other_classes(recipe: Recipe) -> str:
    shares, classes = recipe.data.class_shares, _classes_of(recipe)
    if shares is None or classes is None or len(shares) == classes:
        return ""
    return f"there are {len(shares)} class_shares for {classes} classes"


def _weights_of_other_classes(recipe: Recipe) -> str:
    weights, classes = recipe.loss.class_weights, _classes_of(recipe)
    if not isinstance(weights, tuple) or classes is None or len(weights) == classes:
        return ""
    return f"there are {len(weights)} class_weights for {classes} classes"


def _no_sample_to_validate(recipe: Recipe) -> str:
    data = recipe.data
    known = TRAINING_SAMPLES.get(data.name)
    if known is None or data.valid != "split":
        return ""
    of_a_class = known / CLASSES[data.name]
    if data.valid_share * of_a_class >= 1:
        return ""
    return f"a share of {data.valid_share:g} of about {of_a_class:.0f} samples a class is none"


COMBINATIONS = (
    Impossible(
        ("loss.name", "output"),
        _loss_and_output,
        "give output: softmax, or loss: {name: cross_entropy}",
    ),
    Impossible(
        ("loss.class_weights", "loss.name"),
        _weights_of_other_losses,
        "leave them out, or give loss.name: cross_entropy",
    ),
    Impossible(
        ("optimizer.nesterov", "optimizer.momentum", "optimizer.dampening"),
        _nesterov,
        "give a momentum and no dampening, or nesterov: false",
    ),
    Impossible(
        ("augment.smoothing", "augment.target"),
        _smoothing_of_pairs,
        "give target: soft, or smooth by loss.label_smoothing",
    ),
    Impossible(
        ("augment.smoothing", "loss.label_smoothing"), _smoothing_twice, "smooth in one place"
    ),
    Impossible(("model.name", "data.name"), _model_and_data, "give a model for such data"),
    Impossible(
        ("model.name", "data.name", "data.channels"), _channels, "give images of 3 channels"
    ),
    Impossible(
        ("augment.TemporalResample", "data.frames", "model.name", "data.name"),
        _frames,
        "give 8 frames or more",
    ),
    Impossible(
        (*(f"augment.{op}" for op in alien("skeletons")), "data.name"),
        _images_changed,
        those_for("skeletons"),
    ),
    Impossible(
        (*(f"augment.{op}" for op in alien("images")), "data.name"),
        _skeletons_changed,
        those_for("images"),
    ),
    Impossible(("data.expand", "data.name"), _copies_of_skeletons, "leave out expand"),
    Impossible(
        tuple(f"data.expand.{op}" for op in alien("images")), _copies_changed, those_for("images")
    ),
    Impossible(("augment.order",), _unsafe, "correct the order of the operations"),
    Impossible(
        tuple(f"augment.{op}" for op in MIXING),
        _mixed_twice,
        "keep one of them, or choose by Switch",
    ),
    Impossible(("model.name", "augment.MixUp"), _stacked, "leave out stack_images"),
    Impossible(
        ("batchnorm.frozen", "batchnorm.evaluation"),
        _frozen_and_taken_anew,
        "give evaluation: running, or frozen: false",
    ),
    Impossible(
        ("schedule.name", "schedule.warmup", "train.epochs"),
        _all_warmup,
        "give a shorter warmup, or more epochs",
    ),
    Impossible(
        ("metrics.report", "metrics.also", "data.name", "data.classes"),
        _more_places_than_classes,
        "leave that metric out, or keep more classes",
    ),
    Impossible(
        ("data.valid", "data.name"),
        _no_test_part,
        "give valid: split, or name what is trained on and what is tested with",
    ),
    Impossible(
        ("data.class_shares", "data.classes", "data.name"),
        _shares_of_other_classes,
        "give one share a class",
    ),
    Impossible(
        ("loss.class_weights", "data.classes", "data.name"),
        _weights_of_other_classes,
        "give one weight a class",
    ),
    Impossible(
        ("data.valid_share", "data.valid", "data.name"),
        _no_sample_to_validate,
        "give a larger share",
    ),
    Impossible(
        ("data", "train.drop_last", "train.batch_size"),
        _no_batch,
        "take a smaller batch, more samples, or drop_last: false",
    ),
)
