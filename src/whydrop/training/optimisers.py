"""Optimisers with every constant said, and which weights decay."""

from collections.abc import Iterable, Sequence
from typing import Any, Literal, TypeAlias

from whydrop.core.errors import UsageError
from whydrop.training.pytorch import Tensor, nn, torch
from whydrop.training.trainable import last_layer

Scope = Literal["all", "kernels"]
Decay = Literal["coupled", "decoupled"]
EpsPlace = Literal["corrected", "uncorrected"]

CONVOLUTIONS = nn.modules.conv._ConvNd
Optimizer: TypeAlias = torch.optim.Optimizer
KINDS: dict[str, type[Optimizer]] = {
    "sgd": torch.optim.SGD,
    "adam": torch.optim.Adam,
    "rmsprop": torch.optim.RMSprop,
    "adagrad": torch.optim.Adagrad,
}


def kernels(model: nn.Module) -> list[nn.Parameter]:
    """Return the weights of convolutions and linear layers, without biases."""
    layers = (layer for layer in model.modules() if isinstance(layer, nn.Linear | CONVOLUTIONS))
    return [layer.weight for layer in layers]


def parameter_groups(
    model: nn.Module,
    *,
    lr: float,
    weight_decay: float = 0.0,
    scope: Scope = "all",
    backbone_lr: float = 1.0,
) -> list[dict[str, Any]]:
    """Return the weights to train in groups of one learning rate and weight decay each.

    Args:
        lr: of the last layer, and of all others unless they have their own.
        weight_decay: of the weights that decay.
        scope: those are "all", BatchNorm's and biases too, or the "kernels" of convolutions and
            linear layers.
        backbone_lr: factor of the learning rate of all layers but the last.

    Raises:
        UsageError: no weight is left to train.
    """
    decaying = {id(kernel) for kernel in kernels(model)}
    head = {id(weight) for weight in last_layer(model).parameters(recurse=False)}
    members: dict[tuple[float, float], list[nn.Parameter]] = {}
    for weight in model.parameters():
        if weight.requires_grad:
            decays = scope == "all" or id(weight) in decaying
            rate = lr if id(weight) in head else lr * backbone_lr
            members.setdefault((rate, weight_decay if decays else 0.0), []).append(weight)
    if not members:
        what = "no weight of the model is trained"
        raise UsageError(what, where="the optimiser", do="let some layers be trained")
    return [
        {"params": weights, "lr": rate, "weight_decay": decay}
        for (rate, decay), weights in members.items()
    ]


def make_optimizer(
    name: str,
    groups: Sequence[dict[str, Any]],
    *,
    decay: Decay = "coupled",
    eps_place: EpsPlace = "corrected",
    **constants: Any,
) -> Optimizer:
    """Return an optimiser of PyTorch.

    Args:
        name: "sgd", "adam", "rmsprop" or "adagrad".
        groups: as of ``parameter_groups``.
        decay: "coupled" adds the decay to the gradient, so that it goes through momentum and
            scaling; "decoupled" takes lr * weight_decay of a weight away before each step, as
            AdamW does and as ``weight_decay`` of Keras's optimisers is meant.
        eps_place: of Adam: where eps is added. PyTorch adds it to the root of the bias-corrected
            second moment; Keras to that of the uncorrected one, where it counts for more in the
            first steps.
        constants: as PyTorch calls them: momentum, nesterov, betas, alpha, eps, ...

    Raises:
        UsageError: an unknown name or constant, or one outside its range.

    Source: Loshchilov and Hutter (2019), Decoupled weight decay regularization, ICLR.
    """
    if name not in KINDS:
        do = f"give one of {', '.join(KINDS)}"
        raise UsageError(f"there is no optimiser {name!r}", where="the optimiser", do=do)
    decoupled = decay == "decoupled"
    own = [_decoupled(group) if decoupled else dict(group) for group in groups]
    try:
        optimizer = KINDS[name](own, **constants)
    except (TypeError, ValueError) as error:
        raise UsageError(str(error), where=name, do="correct its constants") from None
    if decoupled:
        optimizer.register_step_pre_hook(_decay)
    if eps_place == "uncorrected":
        for group in optimizer.param_groups:
            group["keras_eps"] = group["eps"]
        optimizer.register_step_pre_hook(_place_eps)
    return optimizer


def _decoupled(group: dict[str, Any]) -> dict[str, Any]:
    return {**group, "weight_decay": 0.0, "decoupled_decay": group.get("weight_decay", 0.0)}


def _decay(optimizer: Optimizer, *_: object) -> None:
    with torch.no_grad():
        for group in optimizer.param_groups:
            kept = 1 - group["lr"] * group["decoupled_decay"]
            for weight in _trained(group["params"]) if kept < 1 else ():
                weight.mul_(kept)


def _place_eps(optimizer: Optimizer, *_: object) -> None:
    """Set the eps of Adam's next step so that it acts on the uncorrected second moment.

    m / (1 - b1^t) / (sqrt(v / (1 - b2^t)) + e) with e = eps / sqrt(1 - b2^t) is Keras's
    sqrt(1 - b2^t) / (1 - b1^t) * m / (sqrt(v) + eps).
    """
    for group in optimizer.param_groups:
        steps = (optimizer.state[w].get("step", 0) for w in _trained(group["params"]))
        done = int(next(steps, 0))
        group["eps"] = group["keras_eps"] / (1 - group["betas"][1] ** (done + 1)) ** 0.5


def _trained(weights: Iterable[Tensor]) -> Iterable[Tensor]:
    return (weight for weight in weights if weight.grad is not None)
