"""Initial weights: PyTorch's own, Keras's, and those of fastai 1."""

import math
from typing import Literal

from whydrop.core.errors import UsageError
from whydrop.training.pytorch import Generator, Tensor, nn, torch

Initialisation = Literal["torch", "keras", "kaiming_normal"]

EMBEDDING_LIMIT = 0.05  # of keras.initializers.RandomUniform, which Embedding takes
NORMS = (nn.modules.batchnorm._NormBase, nn.LayerNorm, nn.GroupNorm)
CONVOLUTIONS = nn.modules.conv._ConvNd
TRANSPOSED = nn.modules.conv._ConvTransposeNd


def initialise(model: nn.Module, kind: Initialisation, generator: Generator) -> None:
    """Draw the weights of a network anew, in place.

    Normalising layers are left alone: they begin with weights 1 and 0 everywhere.

    Args:
        kind: "torch" leaves what each layer drew when it was made; "keras" has Glorot-uniform
            kernels, orthogonal recurrent ones and zero biases; "kaiming_normal" draws the kernels
            of convolutions and linear layers with standard deviation sqrt(2 / inputs) and has
            zero biases.
        generator: of all draws, in the order of the layers.

    Raises:
        UsageError: a layer that the kind says nothing of.

    Source: Glorot and Bengio (2010), AISTATS; He et al. (2015), ICCV; the defaults of the layers
    of Keras 3; ``fastai.layers.conv_layer`` of fastai 1.
    """
    if kind == "torch":
        return
    with torch.no_grad():
        for name, layer in model.named_modules():
            has_weights = next(layer.parameters(recurse=False), None) is not None
            if has_weights and not isinstance(layer, NORMS):
                _draw(layer, kind, generator, name)


def glorot_limit(layer: nn.Module) -> float:
    """Return how far from 0 Keras draws the kernel of a convolution or a linear layer.

    Example:
        >>> round(glorot_limit(nn.Linear(100, 20)), 4)  # the root of 6 / 120
        0.2236
    """
    into, out = _fans(layer)
    return math.sqrt(6 / (into + out))


def _fans(layer: nn.Module) -> tuple[int, int]:
    """Return what Keras counts as inputs and outputs of a kernel."""
    weight: Tensor = layer.weight
    field = math.prod(weight.shape[2:])
    if isinstance(layer, CONVOLUTIONS):
        if 1 < layer.groups == layer.in_channels and not isinstance(layer, TRANSPOSED):
            # DepthwiseConv: all channels are inputs, the outputs of one are outputs
            return field * layer.in_channels, field * layer.out_channels // layer.groups
        return field * layer.in_channels // layer.groups, field * layer.out_channels
    return weight.shape[1], weight.shape[0]


def _draw(layer: nn.Module, kind: Initialisation, generator: Generator, name: str) -> None:
    if isinstance(layer, nn.Linear | CONVOLUTIONS):
        if kind == "keras":
            limit = glorot_limit(layer)
            layer.weight.uniform_(-limit, limit, generator=generator)
        else:
            into = layer.weight[0].numel()
            layer.weight.normal_(0, math.sqrt(2 / into), generator=generator)
        if layer.bias is not None:
            layer.bias.zero_()
    elif isinstance(layer, nn.Embedding) and kind == "keras":
        layer.weight.uniform_(-EMBEDDING_LIMIT, EMBEDDING_LIMIT, generator=generator)
    elif isinstance(layer, nn.LSTM | nn.GRU) and kind == "keras":
        _draw_recurrent(layer, generator)
    else:
        raise UsageError(
            f"initialisation {kind!r} says nothing of a {type(layer).__name__}",
            where=f"layer {name!r}" if name else "the model",
            do="take 'torch', or draw the weights where the model is made",
        )


def _draw_recurrent(layer: nn.RNNBase, generator: Generator) -> None:
    """Draw all gates of a kernel as one, as Keras does; PyTorch has them in rows."""
    for name, weight in layer.named_parameters():
        if name.startswith("weight_ih"):
            limit = math.sqrt(6 / sum(weight.shape))
            weight.uniform_(-limit, limit, generator=generator)
        elif name.startswith("weight_hh"):
            square = torch.empty(weight.shape[1], weight.shape[0])
            nn.init.orthogonal_(square, generator=generator)
            weight.copy_(square.T)
        else:
            weight.zero_()
            if name.startswith("bias_ih") and isinstance(layer, nn.LSTM):
                gate = layer.hidden_size  # input, forget, cell, output
                weight[gate : 2 * gate] = 1.0
