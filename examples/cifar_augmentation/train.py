"""Train a small convolutional net on CIFAR-10, each choice of a well-known question a flag.

The question: "every augmentation that I add lowers my accuracy; in Keras it does not".
"""

import argparse
import os
import tempfile
from pathlib import Path

import numpy as np
import torch
from data import Samples, load
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

MEAN = torch.tensor([125.3, 123.0, 113.9]).view(1, 3, 1, 1)
STD = torch.tensor([63.0, 62.1, 66.7]).view(1, 3, 1, 1)
VALIDATION_SHARE = 0.1
DECAY = 0.0005


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    model = parser.add_argument_group("the model")
    model.add_argument(
        "--softmax", action="store_true", help="softmax inside the model, before the loss"
    )
    model.add_argument(
        "--init",
        choices=["torch", "keras"],
        default="torch",
        help="keras: Glorot-uniform kernels and zero biases",
    )
    model.add_argument(
        "--batchnorm",
        choices=["torch", "keras"],
        default="torch",
        help="whose constants: momentum 0.1, eps 1e-5, or 0.01 (Keras's 0.99), 1e-3",
    )
    decay = parser.add_argument_group("weight decay")
    decay.add_argument(
        "--decay",
        choices=["all", "kernels", "none"],
        default="kernels",
        help="which parameters SGD decays by 0.0005",
    )
    decay.add_argument(
        "--penalty",
        choices=["none", "norm", "square"],
        default="none",
        help="added to the loss: 0.0005 times the norm of each layer's parameters, "
        "or (as in Keras) times the sum of squares of each kernel",
    )
    images = parser.add_argument_group("the training images, in this order")
    images.add_argument(
        "--crop", type=int, default=0, metavar="PIXELS", help="pad by so much, crop to 32"
    )
    images.add_argument("--flip", action=argparse.BooleanOptionalAction, default=True)
    images.add_argument("--translate", type=float, default=0.0, metavar="SHARE", help="of the size")
    images.add_argument("--normalise", action=argparse.BooleanOptionalAction, default=True)
    images.add_argument("--cutout", type=int, default=0, metavar="PIXELS", help="side of the hole")
    images.add_argument("--mixup", type=float, default=0.0, metavar="ALPHA")
    validation = parser.add_argument_group("validation")
    validation.add_argument("--val-transform", choices=["clean", "training"], default="clean")
    validation.add_argument(
        "--val-set",
        choices=["split", "test"],
        default="split",
        help="a tenth of the training images, or the test images",
    )
    fidelity = parser.add_argument_group("size of the training")
    fidelity.add_argument("--epochs", type=int, default=20)
    fidelity.add_argument("--fraction", type=float, default=1.0, help="of the training images")
    fidelity.add_argument("--width", type=float, default=1.0, help="1 is 64, 128 and 256 channels")
    fidelity.add_argument("--batch", type=int, default=128)
    fidelity.add_argument("--lr", type=float, default=0.01)
    fidelity.add_argument("--momentum", type=float, default=0.9)
    fidelity.add_argument(
        "--schedule", choices=["constant", "linear"], default="constant", help="linear: down to 0"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--data", type=Path, default=os.environ.get("WHYDROP_DATA", "data"))
    parser.add_argument(
        "--cache", type=Path, default=Path(tempfile.gettempdir()) / f"cifar10-decoded-{os.getuid()}"
    )
    return parser.parse_args()


class ForumNet(nn.Module):
    """Three blocks of convolution, BatchNorm and ReLU; then the average, then a linear layer."""

    def __init__(self, width: float, *, softmax: bool) -> None:
        super().__init__()
        a, b, c = (max(1, round(width * channels)) for channels in (64, 128, 256))
        self.conv1, self.bn1 = nn.Conv2d(3, a, 3, padding=1), nn.BatchNorm2d(a)
        self.conv2, self.bn2 = nn.Conv2d(a, b, 3, padding=1), nn.BatchNorm2d(b)
        self.conv3, self.bn3 = nn.Conv2d(b, c, 3, padding=1), nn.BatchNorm2d(c)
        self.linear = nn.Linear(c, 10)
        self.softmax = softmax

    def forward(self, images: Tensor) -> Tensor:
        """Return (n, 10): logits, or probabilities with softmax inside."""
        x = F.max_pool2d(F.relu(self.bn1(self.conv1(images))), 2)  # (n, a, 16, 16)
        x = F.max_pool2d(F.relu(self.bn2(self.conv2(x))), 2)  # (n, b, 8, 8)
        x = F.avg_pool2d(F.relu(self.bn3(self.conv3(x))), 8).flatten(1)  # (n, c)
        x = self.linear(x)
        return x.softmax(1) if self.softmax else x


def kernels(model: nn.Module) -> list[nn.Parameter]:
    """Return the weights of the convolutions and of the linear layer."""
    return [p for p in model.parameters() if p.ndim > 1]


def build(options: argparse.Namespace) -> ForumNet:
    model = ForumNet(options.width, softmax=options.softmax)
    for layer in model.modules():
        if options.init == "keras" and isinstance(layer, (nn.Conv2d, nn.Linear)):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)
        if options.batchnorm == "keras" and isinstance(layer, nn.BatchNorm2d):
            layer.momentum, layer.eps = 0.01, 1e-3
    # The same numbers in an order that is about twice as fast on a CPU.
    return model.to(memory_format=torch.channels_last)


def build_optimizer(model: nn.Module, options: argparse.Namespace) -> torch.optim.SGD:
    decayed = {"all": list(model.parameters()), "kernels": kernels(model), "none": []}
    chosen = {id(p) for p in decayed[options.decay]}
    groups = [
        {"params": [p for p in model.parameters() if id(p) in chosen], "weight_decay": DECAY},
        {"params": [p for p in model.parameters() if id(p) not in chosen], "weight_decay": 0.0},
    ]
    return torch.optim.SGD(groups, lr=options.lr, momentum=options.momentum)


def penalty(model: ForumNet, kind: str) -> Tensor | float:
    if kind == "square":
        return DECAY * sum((p**2).sum() for p in kernels(model))
    if kind == "norm":
        layers = (model.conv1, model.conv2, model.conv3, model.linear)
        return DECAY * sum(torch.cat([p.flatten() for p in m.parameters()]).norm() for m in layers)
    return 0.0


class Augmentation:
    """The random changes of a batch; each kind draws from a stream of its own."""

    def __init__(self, options: argparse.Namespace, *, stream: int) -> None:
        names = ("crop", "flip", "translate", "cutout", "mixup")
        self.draws = {
            name: np.random.default_rng([options.seed, stream, i]) for i, name in enumerate(names)
        }
        self.options = options

    def __call__(self, images: NDArray[np.uint8]) -> Tensor:
        """Return float32 images of the same shape (n, 3, 32, 32)."""
        x = torch.from_numpy(images)
        n, chosen = len(x), self.options
        if chosen.crop:
            x = shifted(x, self.draws["crop"].integers(0, 2 * chosen.crop + 1, (n, 2)), chosen.crop)
        if chosen.flip:
            flip = torch.from_numpy(self.draws["flip"].random(n) < 0.5)
            x = torch.where(flip.view(-1, 1, 1, 1), x.flip(3), x)
        if chosen.translate:
            most = chosen.translate * x.shape[-1]
            by = np.rint(self.draws["translate"].uniform(-most, most, (n, 2))).astype(np.int64)
            pad = int(np.ceil(most))
            x = shifted(x, pad + by, pad)
        x = to_float(x, normalise=chosen.normalise)
        if chosen.cutout:
            x = x * ~holes(self.draws["cutout"].integers(0, 32, (n, 2)), chosen.cutout)
        return x.contiguous(memory_format=torch.channels_last)

    def mixing(self, n: int) -> tuple[float, Tensor]:
        """Return one lambda for the whole batch and each sample's partner."""
        draws = self.draws["mixup"]
        lam = float(draws.beta(self.options.mixup, self.options.mixup))
        return lam, torch.from_numpy(draws.permutation(n))


def shifted(images: Tensor, corners: NDArray[np.int64], pad: int) -> Tensor:
    """Return the 32 x 32 windows at corners (n, 2) of images with a black border of pad pixels."""
    windows = F.pad(images, (pad, pad, pad, pad)).unfold(2, 32, 1).unfold(3, 32, 1)
    rows, columns = torch.from_numpy(corners).unbind(1)
    return windows[torch.arange(len(images)), :, rows, columns]  # (n, 3, 32, 32)


def holes(centres: NDArray[np.int64], side: int) -> Tensor:
    """Return bool (n, 1, 32, 32): True in a square around each centre, clipped at the border."""
    pixel = torch.arange(32)
    start = torch.from_numpy(centres) - side // 2  # (n, 2)
    inside = (pixel >= start[..., None]) & (pixel < start[..., None] + side)  # (n, 2, 32)
    return (inside[:, 0, :, None] & inside[:, 1, None, :])[:, None]


def to_float(images: Tensor, *, normalise: bool) -> Tensor:
    x = images.float()
    return (x - MEAN) / STD if normalise else x / 255


def train_epoch(
    model: ForumNet,
    optimizer: torch.optim.Optimizer,
    schedule: torch.optim.lr_scheduler.LRScheduler,
    samples: Samples,
    augment: Augmentation,
    order: NDArray[np.int64],
) -> float:
    """Train on whole batches only, in an order (n,); return the mean loss."""
    options = augment.options
    model.train()
    losses = []
    for start in range(0, len(order) - options.batch + 1, options.batch):
        index = order[start : start + options.batch]
        images, labels = augment(samples.images[index]), torch.from_numpy(samples.labels[index])
        if options.mixup:
            lam, partner = augment.mixing(len(index))
            outputs = model(lam * images + (1 - lam) * images[partner])
            loss = lam * F.cross_entropy(outputs, labels)
            loss = loss + (1 - lam) * F.cross_entropy(outputs, labels[partner])
        else:
            loss = F.cross_entropy(model(images), labels)
        loss = loss + penalty(model, options.penalty)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
    return float(np.mean(losses))


@torch.inference_mode()
def accuracy(model: ForumNet, samples: Samples, augment: Augmentation) -> float:
    """Return the share of right predictions, on clean images or on changed ones."""
    options = augment.options
    model.eval()
    right = 0
    for start in range(0, len(samples.labels), 250):
        raw = np.array(samples.images[start : start + 250])
        if options.val_transform == "training":
            images = augment(raw)
        else:
            images = to_float(torch.from_numpy(raw), normalise=options.normalise)
            images = images.contiguous(memory_format=torch.channels_last)
        labels = torch.from_numpy(samples.labels[start : start + 250])
        right += int((model(images).argmax(1) == labels).sum())
    return right / len(samples.labels)


def split(samples: Samples, fraction: float) -> tuple[Samples, Samples]:
    """Return a fraction of nine tenths to train on, and the other tenth; the same at every seed."""
    order = np.random.default_rng(0).permutation(len(samples.labels))
    held_out = round(VALIDATION_SHARE * len(order))
    kept = order[held_out:][: round(fraction * (len(order) - held_out))]
    return (
        Samples(samples.images[kept], samples.labels[kept]),
        Samples(samples.images[order[:held_out]], samples.labels[order[:held_out]]),
    )


def main() -> None:
    options = parse_arguments()
    training, validation = split(load(options.data, "train", options.cache), options.fraction)
    if options.val_set == "test":
        validation = load(options.data, "test", options.cache)
    torch.manual_seed(options.seed)
    model = build(options)
    optimizer = build_optimizer(model, options)
    steps = options.epochs * (len(training.labels) // options.batch)
    end = 0.0 if options.schedule == "linear" else 1.0
    schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, end, steps)
    augment, augment_validation = Augmentation(options, stream=0), Augmentation(options, stream=1)
    shuffle = np.random.default_rng([options.seed, 2])
    for epoch in range(1, options.epochs + 1):
        order = shuffle.permutation(len(training.labels))
        loss = train_epoch(model, optimizer, schedule, training, augment, order)
        share = accuracy(model, validation, augment_validation)
        print(f"epoch {epoch} train_loss {loss:.4f} val_acc {share:.4f}", flush=True)


if __name__ == "__main__":
    main()
