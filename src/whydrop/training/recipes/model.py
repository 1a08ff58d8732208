"""The network of a recipe, made, initialised and set."""

import contextlib
import re
from collections.abc import Iterator, Sequence

from whydrop.core.errors import UsageError
from whydrop.training.batchnorm import evaluate_by_batch, freeze_statistics, set_constants
from whydrop.training.initialisers import initialise
from whydrop.training.models.efficientnet_lite0 import EfficientNetLite0, load_imagenet
from whydrop.training.models.forum_cnn import ForumCNN
from whydrop.training.models.keras_port_cnn import KerasPortCNN
from whydrop.training.models.mlp import MLP
from whydrop.training.models.named import from_module, from_timm
from whydrop.training.models.probabilities import Probabilities
from whydrop.training.models.simple_cnn import SimpleCNN
from whydrop.training.models.skeleton_net import SkeletonNet
from whydrop.training.pytorch import Generator, nn, torch
from whydrop.training.randomness import initialised, seed_for
from whydrop.training.recipes import model_sections as sections
from whydrop.training.recipes.data import located
from whydrop.training.recipes.schema import Recipe
from whydrop.training.trainable import train_only


def make_model(recipe: Recipe, shape: Sequence[int], classes: int, *, seed: int) -> nn.Module:
    """Return the network of a recipe, with its first weights.

    Args:
        shape: of one sample: (c, h, w) of images, (c, t, v, m) of skeletons.
        classes: of the labels.
        seed: of the weights: the same ones whatever else the recipe says.

    Raises:
        UsageError: samples that the network cannot take, more weights than there is memory for, a
            layer that there is not, a file of weights that there is not.
        DataError: the weights do not fit.
        MissingExtra: the network is one of a package that is not installed.
    """
    with initialised(seed), _room_told(recipe.model):
        model = _made(recipe.model, tuple(shape), classes)
    generator = Generator().manual_seed(seed_for(seed, "initialisation", 1))
    initialise(model, recipe.initialisation, generator)
    if isinstance(recipe.model, sections.EfficientNetLite0) and recipe.model.weights is not None:
        load_imagenet(model, located(recipe.model.weights))
    set_constants(model, momentum=recipe.batchnorm.momentum, eps=recipe.batchnorm.eps)
    if recipe.batchnorm.frozen:
        freeze_statistics(model)
    if recipe.batchnorm.evaluation == "batch":
        evaluate_by_batch(model)
    train_only(model, recipe.train.layers)
    if len(shape) == 3 and not isinstance(recipe.model, sections.Own | sections.Timm):
        # The same numbers in an order that is about twice as fast on a CPU. A network of other
        # people may view its images as rows, which only works in the usual order.
        model = model.to(memory_format=torch.channels_last)
    return Probabilities(model) if recipe.output == "softmax" else model


@contextlib.contextmanager
def _room_told(section: sections.AnyModel) -> Iterator[None]:
    """Say it in one error where there is no room for the weights of a network.

    Raises:
        UsageError: there is none.
    """
    try:
        yield
    except (RuntimeError, MemoryError, OverflowError) as error:
        # PyTorch has no error of its own for it.
        if not re.search("memory|overflow", str(error)):
            raise
        said = section.model_dump(exclude={"name"})
        raise UsageError(
            f"there is no memory for the weights of {section.name} with {said!r:.200}",
            where="model",
            do="make it smaller",
        ) from error


def _made(section: sections.AnyModel, shape: tuple[int, ...], classes: int) -> nn.Module:
    match section:
        case sections.Own():
            return from_module(section.callable, section.options)
        case sections.MLP():
            return MLP(classes, shape=shape, hidden=section.hidden, dropout=section.dropout)
        case sections.SkeletonNet():
            _check_axes(section, shape, "skeletons (coordinates, frames, joints, persons)", 4)
            return SkeletonNet(
                classes,
                shape=shape,
                norm=section.norm,
                empty_bodies=section.empty_bodies,
                dropout=section.dropout,
                rate=section.rate,
                evaluation_stops_momentum=section.evaluation_stops_momentum,
            )
    _check_axes(section, shape, "images (channels, height, width)", 3)
    channels = shape[0]
    match section:
        case sections.ForumCNN():
            return ForumCNN(classes, channels=channels, width=section.width)
        case sections.SimpleCNN():
            return SimpleCNN((channels, *section.hidden, classes))
        case sections.KerasPortCNN():
            return KerasPortCNN(classes, shape=shape, filters=section.filters)
        case sections.EfficientNetLite0():
            return EfficientNetLite0(classes, dropout=section.dropout, skipped=section.skipped)
        case sections.Timm():
            return from_timm(
                section.architecture, classes, channels=channels, pretrained=section.pretrained
            )


def _check_axes(section: sections.AnyModel, shape: tuple[int, ...], wanted: str, axes: int) -> None:
    if len(shape) != axes:
        raise UsageError(
            f"{section.name} wants {wanted}, and a sample has shape {shape}",
            where="model",
            do="give a model for such data",
        )
