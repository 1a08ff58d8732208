"""EfficientNetLite0: a small network for photos, with weights from ImageNet."""

import re
from pathlib import Path
from typing import NamedTuple

from whydrop.core.errors import DataError, MissingExtra, UsageError
from whydrop.training.pytorch import Tensor, nn, torch

IMAGENET_CLASSES = 1000
EPS, MOMENTUM = 1e-3, 0.01  # of BatchNorm, as TensorFlow has them for this network
STEM, HEAD = 32, 1280


class Stage(NamedTuple):
    """Blocks of one kind; only the first has the stride and changes the channels."""

    repeat: int
    kernel: int
    stride: int
    expand: int
    channels: int


STAGES = (
    Stage(1, 3, 1, 1, 16),
    Stage(2, 3, 2, 6, 24),
    Stage(2, 5, 2, 6, 40),
    Stage(3, 3, 2, 6, 80),
    Stage(3, 5, 1, 6, 112),
    Stage(4, 5, 2, 6, 192),
    Stage(1, 3, 1, 6, 320),
)


class SameConv(nn.Conv2d):
    """Return (n, c, ceil(h / stride), ceil(w / stride)); pads as TensorFlow's "same" does.

    What cannot be shared evenly between two sides goes to the bottom and the right.
    """

    def forward(self, images: Tensor) -> Tensor:
        rows, columns = (
            max((-(-size // stride) - 1) * stride + kernel - size, 0)
            for size, stride, kernel in zip(
                images.shape[2:], self.stride, self.kernel_size, strict=True
            )
        )
        padding = (columns // 2, columns - columns // 2, rows // 2, rows - rows // 2)
        return super().forward(nn.functional.pad(images, padding))


class InvertedResidual(nn.Module):
    """Return images of the stage's channels: expand, convolve each channel, project.

    Args:
        before: channels that come in.
        stage: kernel, expansion and channels that go out.
        stride: of the convolution.
        skipped: share of the samples, in training, that a block with a residual leaves alone.
    """

    def __init__(self, before: int, stage: Stage, *, stride: int, skipped: float) -> None:
        super().__init__()
        wide = before * stage.expand
        if stage.expand > 1:
            self.expand_conv: nn.Module = SameConv(before, wide, 1, bias=False)
            self.expand_bn: nn.Module = _norm(wide)
        else:
            self.expand_conv = self.expand_bn = nn.Identity()
        self.depthwise_conv = SameConv(
            wide, wide, stage.kernel, stride=stride, groups=wide, bias=False
        )
        self.depthwise_bn = _norm(wide)
        self.project_conv = SameConv(wide, stage.channels, 1, bias=False)
        self.project_bn = _norm(stage.channels)
        self.expands = stage.expand > 1
        self.residual = stride == 1 and before == stage.channels
        self.skipped = skipped

    def forward(self, images: Tensor) -> Tensor:
        x = images
        if self.expands:
            x = nn.functional.relu6(self.expand_bn(self.expand_conv(x)))
        x = nn.functional.relu6(self.depthwise_bn(self.depthwise_conv(x)))
        x = self.project_bn(self.project_conv(x))
        if not self.residual:
            return x
        if self.training and self.skipped:
            kept = torch.rand(len(x), 1, 1, 1, device=x.device) >= self.skipped
            x = x * kept / (1 - self.skipped)
        return x + images


class EfficientNetLite0(nn.Module):
    """Return logits (n, classes) of images (n, 3, h, w).

    The weights from ImageNet want values of (255 * x - 127) / 128 for x from 0 to 1, which is
    ``Normalize`` with mean 127/255 and std 128/255; they were trained on 224 x 224 pixels.

    Args:
        classes: of the labels.
        dropout: share of the 1,280 values that is left out before the last layer.
        skipped: share of the samples that the last block leaves alone in training; earlier
            blocks in proportion to their depth.

    Example:
        >>> EfficientNetLite0(10)(torch.zeros(1, 3, 64, 64)).shape
        torch.Size([1, 10])

    Source: Liu (2020), EfficientNet-Lite; Tan and Le (2019), EfficientNet, ICML.
    """

    def __init__(self, classes: int, *, dropout: float = 0.2, skipped: float = 0.0) -> None:
        super().__init__()
        self.stem_conv = SameConv(3, STEM, 3, stride=2, bias=False)
        self.stem_bn = _norm(STEM)
        self.blocks = nn.ModuleList()
        total, before = sum(stage.repeat for stage in STAGES), STEM
        for stage in STAGES:
            for position in range(stage.repeat):
                stride = stage.stride if position == 0 else 1
                depth = len(self.blocks) / total
                block = InvertedResidual(before, stage, stride=stride, skipped=skipped * depth)
                self.blocks.append(block)
                before = stage.channels
        self.head_conv = SameConv(before, HEAD, 1, bias=False)
        self.head_bn = _norm(HEAD)
        self.dropout = nn.Dropout(dropout)
        self.classifier = nn.Linear(HEAD, classes)

    def forward(self, images: Tensor) -> Tensor:
        x = nn.functional.relu6(self.stem_bn(self.stem_conv(images)))
        for block in self.blocks:
            x = block(x)
        x = nn.functional.relu6(self.head_bn(self.head_conv(x))).mean((2, 3))  # (n, 1280)
        logits: Tensor = self.classifier(self.dropout(x))
        return logits


def load_imagenet(model: EfficientNetLite0, file: Path) -> None:
    """Put weights from ImageNet into a network; its last layer only if it has 1,000 classes.

    Args:
        file: safetensors with the names of the package efficientnet-lite-pytorch; float16 is
            read as float32.

    Raises:
        UsageError: there is no such file.
        DataError: it is no safetensors file, or does not hold exactly this network.
        MissingExtra: the package safetensors is not installed.
    """
    weights = {_name(key): value for key, value in _read(file).items()}
    own = model.state_dict()
    if model.classifier.out_features != IMAGENET_CLASSES:
        for name in ("classifier.weight", "classifier.bias"):
            weights.pop(name, None)
            own.pop(name)
    wanted = {name: value for name, value in own.items() if not name.endswith("_tracked")}
    odd = sorted(wanted.keys() ^ weights.keys())
    odd += sorted(n for n in wanted.keys() & weights.keys() if wanted[n].shape != weights[n].shape)
    if odd:
        what = f"{len(odd)} arrays do not fit EfficientNet-Lite0; the first is {odd[0]!r}"
        raise DataError(what, where=str(file), do="give the weights of this network")
    model.load_state_dict({name: value.float() for name, value in weights.items()}, strict=False)


def _read(file: Path) -> dict[str, Tensor]:
    try:
        from safetensors import SafetensorError
        from safetensors.torch import load_file
    except ModuleNotFoundError:
        raise MissingExtra(
            "safetensors is needed to read weights",
            where=str(file),
            do='pip install "whydrop[torch]"',
        ) from None
    if not file.is_file():
        what = "there is no file with weights"
        raise UsageError(what, where=str(file), do="correct the path, or set WHYDROP_DATA")
    try:
        weights: dict[str, Tensor] = load_file(file)
    except SafetensorError as error:
        what = f"these are no weights in safetensors: {error}"
        raise DataError(what, where=str(file), do="download the file again") from None
    return weights


# Their names of layers, in a block and outside, and ours.
_IN_BLOCK = {
    "_expand_conv": "expand_conv",
    "_bn0": "expand_bn",
    "_depthwise_conv": "depthwise_conv",
    "_bn1": "depthwise_bn",
    "_project_conv": "project_conv",
    "_bn2": "project_bn",
}
_OUTSIDE = {
    "_conv_stem": "stem_conv",
    "_bn0": "stem_bn",
    "_conv_head": "head_conv",
    "_bn1": "head_bn",
    "_fc": "classifier",
}


def _name(theirs: str) -> str:
    """Return our name of an array.

    Example:
        >>> _name("_blocks.3._bn0.weight"), _name("_fc.bias")
        ('blocks.3.expand_bn.weight', 'classifier.bias')
    """
    found = re.fullmatch(r"_blocks\.(\d+)\.(\w+)\.(\w+)", theirs)
    if found:
        return f"blocks.{found[1]}.{_IN_BLOCK.get(found[2], found[2])}.{found[3]}"
    layer, _, array = theirs.partition(".")
    return f"{_OUTSIDE.get(layer, layer)}.{array}"


def _norm(channels: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(channels, eps=EPS, momentum=MOMENTUM)
