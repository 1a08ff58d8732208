"""BatchNorm of a whole network: its constants, frozen, or with each batch's own statistics."""

from collections.abc import Iterator
from typing import Literal

from whydrop.core.errors import UsageError
from whydrop.training.pytorch import Tensor, nn

BATCHNORM = nn.modules.batchnorm._BatchNorm


def batchnorms(model: nn.Module) -> Iterator[nn.Module]:
    """Yield the BatchNorm layers of a network."""
    return (layer for layer in model.modules() if isinstance(layer, BATCHNORM))


def set_constants(
    model: nn.Module,
    *,
    momentum: float | Literal["cumulative"] | None = None,
    eps: float | None = None,
) -> None:
    """Set the constants of all BatchNorm of a network; None leaves a constant as it is.

    Args:
        momentum: share of a new batch in the running averages, as PyTorch counts it (Keras's
            0.99 is 0.01 here); "cumulative" takes the plain mean over all batches.
        eps: added to each variance. PyTorch has 1e-5, Keras 1e-3.

    Raises:
        UsageError: a value outside its range.
    """
    if isinstance(momentum, float | int) and not 0 <= momentum <= 1:
        raise UsageError(f"momentum is {momentum}", where="BatchNorm", do="give 0 to 1")
    if eps is not None and eps <= 0:
        raise UsageError(f"eps is {eps}", where="BatchNorm", do="give a number above 0")
    for layer in batchnorms(model):
        if momentum is not None:
            layer.momentum = None if momentum == "cumulative" else momentum
        if eps is not None:
            layer.eps = eps


def freeze_statistics(model: nn.Module) -> None:
    """Let all BatchNorm use their running averages in training too, and never change them.

    Their weights are trained or not as those of any other layer.
    """
    for layer in batchnorms(model):
        layer.register_forward_pre_hook(_to_evaluation)


def evaluate_by_batch(model: nn.Module) -> None:
    """Let all BatchNorm normalise each batch by its own statistics, in evaluation too.

    The running averages are still kept, and are not moved by evaluation.
    """
    for layer in batchnorms(model):
        layer.register_forward_hook(_normalised_by_batch)


def _to_evaluation(layer: nn.Module, _: tuple[Tensor, ...]) -> None:
    # Before each batch, since whoever trains the network sets its mode as a whole.
    layer.training = False


def _normalised_by_batch(
    layer: nn.Module, inputs: tuple[Tensor, ...], output: Tensor
) -> Tensor | None:
    if layer.training or not isinstance(layer, BATCHNORM):
        return None
    if inputs[0].numel() == inputs[0].shape[1]:
        return None  # one value a channel has no spread
    return nn.functional.batch_norm(
        inputs[0], None, None, layer.weight, layer.bias, training=True, eps=layer.eps
    )
