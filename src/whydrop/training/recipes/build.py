"""A recipe made into a Learner."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from whydrop.augment.ordered import Kind
from whydrop.core.errors import UsageError
from whydrop.training.callbacks.callback import Callback
from whydrop.training.callbacks.reestimate import ReestimateBatchNorm
from whydrop.training.data import Data
from whydrop.training.devices import Precision
from whydrop.training.feed import Transform
from whydrop.training.learner import Learner
from whydrop.training.losses import LOSSES, Loss, categorical_cross_entropy, mse
from whydrop.training.metrics.arrays import log_of_probabilities
from whydrop.training.metrics.names import METRICS, Measure
from whydrop.training.optimisers import Optimizer, make_optimizer, parameter_groups
from whydrop.training.penalties import penalty
from whydrop.training.pytorch import nn, torch
from whydrop.training.randomness import seed_for
from whydrop.training.recipes import optimizer_sections as sections
from whydrop.training.recipes.data import read_data
from whydrop.training.recipes.model import make_model
from whydrop.training.recipes.operations import (
    frames_after,
    misfit,
    pipeline_of,
    skeleton_pipeline_of,
    those_for,
)
from whydrop.training.recipes.schema import Recipe
from whydrop.training.samples import Samples
from whydrop.training.schedules import Constant, Cosine, OneCycle, Schedule, Step, Warmup

PRECISION: dict[str, Precision] = {
    "float32": "32-true",
    "float64": "64-true",
    "bfloat16": "bf16-mixed",
    "float16": "16-mixed",
}


def make_learner(
    recipe: Recipe,
    seed: int | None = None,
    *,
    data: Data | None = None,
    callbacks: Sequence[Callback] = (),
) -> Learner:
    """Return what trains as a recipe says.

    Args:
        seed: of all chance; None takes the recipe's own.
        data: samples that are read already; None reads those of the recipe.
        callbacks: see ``whydrop.training.callbacks``.

    Raises:
        UsageError, DataError, MissingExtra: as of ``read_data``, ``make_model`` and ``Learner``.
    """
    seed = recipe.train.seed if seed is None else seed
    data = read_data(recipe.data) if data is None else data
    augment = _augment(recipe, data.train, seed=seed_for(seed, "augmentation"))
    model = make_model(recipe, _shape(recipe, data.train), len(data.train.classes), seed=seed)
    return Learner(
        model,
        data,
        augment=augment,
        loss=_loss(recipe, data.train),
        optimizer=lambda _: _optimizer(recipe, model),
        schedule=_schedule(recipe),
        metrics=[_metric(name, recipe) for name in metric_names(recipe)],
        callbacks=(*_own_callbacks(recipe), *callbacks),
        penalty=_penalty(recipe),
        batch_size=recipe.train.batch_size,
        drop_last=recipe.train.drop_last,
        seed=seed,
        valid_transform=recipe.data.valid_transform,
        precision=PRECISION[recipe.train.dtype],
    )


def metric_names(recipe: Recipe) -> list[str]:
    """Return the metrics of a recipe, the one that it reports first."""
    return list(dict.fromkeys((recipe.metrics.report, *recipe.metrics.also)))


def _augment(recipe: Recipe, samples: Samples, *, seed: int) -> Transform | None:
    """Return the pipeline of such samples; None where the learner only has to scale bytes."""
    chosen = recipe.augment
    if not chosen.ops and chosen.target == "pairs":
        return None
    changes: Kind = "skeletons" if samples.are_skeletons else "images"
    what = misfit(chosen.ops, changes)
    if what:  # of an npz nobody knows before it is read
        raise UsageError(what, where="augment.ops", do=those_for(changes))
    make: Callable[..., Transform] = skeleton_pipeline_of if samples.are_skeletons else pipeline_of
    return make(
        chosen.ops,
        classes=len(samples.classes),
        seed=seed,
        order=chosen.order,
        target=chosen.target,
        smoothing=chosen.smoothing,
    )


def _shape(recipe: Recipe, samples: Samples) -> tuple[int, ...]:
    """Return the shape of one sample when it reaches the network."""
    if not samples.are_skeletons:
        return samples.inputs.shape[1:]
    coordinates, frames, joints, persons = samples.inputs.shape[1:]
    return coordinates, frames_after(recipe.augment.ops, frames), joints, persons


def _loss(recipe: Recipe, samples: Samples) -> Loss:
    name, smoothing = recipe.loss.name, recipe.loss.label_smoothing
    weights = _class_weights(recipe, samples)
    if not smoothing and weights is None:
        return LOSSES[name]
    if name == "cross_entropy":
        made: Loss = nn.CrossEntropyLoss(weight=weights, label_smoothing=smoothing)
        return made
    return partial(mse if name == "mse" else categorical_cross_entropy, label_smoothing=smoothing)


def _class_weights(recipe: Recipe, samples: Samples) -> Any:
    """Return what a sample of each class counts, a tensor; None if they count alike."""
    chosen, classes = recipe.loss.class_weights, samples.classes
    if chosen is None:
        return None
    weights = np.array([] if chosen == "balanced" else chosen, dtype=np.float64)
    if chosen == "balanced":
        if not samples.counts.all():
            what = f"no sample to train on is of class {classes[int(samples.counts.argmin())]!r}"
            do = "leave it out by data.classes, or list the weights"
            raise UsageError(what, where="loss.class_weights", do=do)
        weights = len(samples) / (len(classes) * samples.counts)
    if len(weights) != len(classes):
        what = f"there are {len(weights)} class_weights for {len(classes)} classes"
        raise UsageError(what, where="loss.class_weights", do="give one weight a class")
    return torch.tensor(weights, dtype=torch.float32)  # as outputs are in every precision


def _clip(norm: float, optimizer: Optimizer, *_: object) -> None:
    """Shorten gradients before a step; by then Fabric has undone what float16 scaled them by."""
    weights = [weight for group in optimizer.param_groups for weight in group["params"]]
    nn.utils.clip_grad_norm_(weights, norm)


def _optimizer(recipe: Recipe, model: nn.Module) -> Optimizer:
    section = recipe.optimizer
    groups = parameter_groups(
        model,
        lr=section.lr,
        weight_decay=section.weight_decay,
        scope=section.decay_scope,
        backbone_lr=section.backbone_lr,
    )
    constants = section.model_dump(exclude={"name", *sections.Optimizer.model_fields})
    if section.name == "adamw":
        made = make_optimizer("adam", groups, decay="decoupled", **constants)
    else:
        made = make_optimizer(section.name, groups, **constants)
    if recipe.train.clip_norm is not None:
        made.register_step_pre_hook(partial(_clip, recipe.train.clip_norm))
    return made


def _schedule(recipe: Recipe) -> Schedule | None:
    section, epochs = recipe.schedule, recipe.train.epochs
    schedule: Schedule
    match section:
        case sections.Constant():
            schedule = Constant()
        case sections.Step():
            schedule = Step(section.every, section.gamma)
        case sections.Cosine():
            schedule = Cosine(epochs - section.warmup, section.end)
        case sections.OneCycle():
            return OneCycle(epochs, section.rises)
    return Warmup(section.warmup, schedule) if section.warmup else schedule


def _own_callbacks(recipe: Recipe) -> list[Callback]:
    return [ReestimateBatchNorm()] if recipe.batchnorm.evaluation == "reestimated" else []


def _penalty(recipe: Recipe) -> Callable[[nn.Module], Any] | None:
    chosen = recipe.penalty
    if chosen.kind == "none" or not chosen.strength:
        return None
    return partial(penalty, kind=chosen.kind, strength=chosen.strength)


def _metric(name: str, recipe: Recipe) -> str | Measure:
    """Return a metric for the outputs of a recipe's model."""
    if recipe.output == "logits" or name not in OF_PROBABILITIES:
        return name
    compute = METRICS[name].compute

    def measured(labels: Any, outputs: Any) -> float:
        return float(compute(labels, log_of_probabilities(outputs)))

    return replace(METRICS[name], compute=measured)


OF_PROBABILITIES = ("ece", "nll")  # they take the softmax of what they are given
