"""What a recipe says of its loss, its optimiser and its learning rate over time."""

from typing import Annotated, Literal

from pydantic import Field

from whydrop.training.recipes.section import (
    BelowOne,
    Count,
    Counts,
    Decay,
    Eps,
    NotNegative,
    Pair,
    Positive,
    Section,
    Share,
    Weights,
)


class Loss(Section):
    """What is made small.

    Attributes:
        name: "cross_entropy", which applies log-softmax itself and so wants logits;
            "categorical_cross_entropy", Keras's, which wants probabilities; "mse", the mean
            squared distance of what the model returns from rows of 0 and 1.
        label_smoothing: share of each label that is spread over all classes.
        class_weights: of "cross_entropy": what a sample of each class counts, in the order of the
            classes, as ``torch.nn.CrossEntropyLoss`` has it; "balanced" is n / (classes * samples
            of the class) over the samples to train on; null counts all alike.
    """

    name: Literal["cross_entropy", "categorical_cross_entropy", "mse"] = "cross_entropy"
    label_smoothing: BelowOne = 0.0
    class_weights: Literal["balanced"] | Weights | None = None


class Penalty(Section):
    """Weights that add to the loss: see whydrop.training.penalties."""

    kind: Literal["none", "squares", "norm"] = "none"
    strength: NotNegative = 5e-4


class Optimizer(Section):
    """What every optimiser has.

    Attributes:
        lr: of the last layer, and of all if ``backbone_lr`` is 1.
        backbone_lr: factor of it for all layers but the last.
        weight_decay: of the weights that decay.
        decay_scope: "all" weights, or the "kernels" of convolutions and linear layers.
        decay: "coupled", through the gradient, or "decoupled", beside it; AdamW's is decoupled.
    """

    lr: Positive
    backbone_lr: Positive = 1.0
    weight_decay: NotNegative = 0.0
    decay_scope: Literal["all", "kernels"] = "all"


class Sgd(Optimizer):
    """torch.optim.SGD."""

    name: Literal["sgd"]
    lr: Positive = 0.01
    decay: Decay = "coupled"
    momentum: Share = 0.0
    dampening: Share = 0.0
    nesterov: bool = False


class Adam(Optimizer):
    """torch.optim.Adam.

    Attributes: eps_place: see whydrop.training.optimisers; Keras has 1e-7, "uncorrected".
    """

    name: Literal["adam"]
    lr: Positive = 0.001
    decay: Decay = "coupled"
    betas: Pair = (0.9, 0.999)
    eps: Eps = 1e-8
    eps_place: Literal["corrected", "uncorrected"] = "corrected"
    amsgrad: bool = False


class AdamW(Optimizer):
    """torch.optim.AdamW, which is Adam with decoupled decay."""

    name: Literal["adamw"]
    lr: Positive = 0.001
    weight_decay: NotNegative = 0.01
    betas: Pair = (0.9, 0.999)
    eps: Eps = 1e-8
    eps_place: Literal["corrected", "uncorrected"] = "corrected"
    amsgrad: bool = False


class RmsProp(Optimizer):
    """torch.optim.RMSprop."""

    name: Literal["rmsprop"]
    lr: Positive = 0.01
    decay: Decay = "coupled"
    alpha: BelowOne = 0.99
    eps: Eps = 1e-8
    momentum: Share = 0.0
    centered: bool = False


class Adagrad(Optimizer):
    """torch.optim.Adagrad."""

    name: Literal["adagrad"]
    lr: Positive = 0.01
    decay: Decay = "coupled"
    lr_decay: NotNegative = 0.0
    initial_accumulator_value: NotNegative = 0.0
    eps: Eps = 1e-10


AnyOptimizer = Annotated[Sgd | Adam | AdamW | RmsProp | Adagrad, Field(discriminator="name")]


class Constant(Section):
    """One learning rate.

    Attributes: warmup: epochs in which it rises to that from a tenth.
    """

    name: Literal["constant"]
    warmup: NotNegative = 0.0


class Step(Section):
    """A learning rate that is multiplied by gamma after every so many epochs."""

    name: Literal["step"]
    warmup: NotNegative = 0.0
    every: Count | Annotated[Counts, Field(min_length=1)]
    gamma: Positive = 0.1


class Cosine(Section):
    """Half a cosine over the epochs, down to a share of the learning rate."""

    name: Literal["cosine"]
    warmup: NotNegative = 0.0
    end: Share = 0.0


class OneCycle(Section):
    """Up and down once, over the epochs: see whydrop.training.schedules."""

    name: Literal["one_cycle"]
    rises: Share = 0.3


AnySchedule = Annotated[Constant | Step | Cosine | OneCycle, Field(discriminator="name")]
