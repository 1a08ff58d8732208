"""What a step of the learner costs beside loops written by hand, in one run and in turns.

    python benchmarks/learner.py            # some minutes on a quiet machine
    python benchmarks/learner.py --quick    # shows that it works; figures mean little

Two nets: that of the CIFAR-10 question (batch 128, crop, flip, normalise) and fastai's simple_cnn
(batch 64, 28 x 28, normalise), on noise of these sizes. Each is trained by the learner; by a plain
loop with the same pipeline, so that the ratio is what the learner itself costs (it is to be at most
1.03); by a plain loop with torchvision's transforms and a DataLoader; and by fastai, where it is
installed. Writes benchmarks/results/learner.json, unless --quick.
"""

import argparse
import datetime
import functools
import importlib.metadata
import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import nn
from torch.nn import functional

sys.path.insert(0, str(Path(__file__).parents[1]))
import tests.fixtures.torchvision_operators  # lets torchvision import  # noqa: F401
import torchvision.transforms.v2 as vision

from whydrop.augment import HorizontalFlip, Normalize, PadCrop, Pipeline
from whydrop.training import Callback, Data, Learner, Samples
from whydrop.training.randomness import order

RESULTS = Path(__file__).parent / "results"
MUST = 1.03  # a step of the learner over a step of a plain loop with the same pipeline
WORKERS = min(2, os.cpu_count() or 1)
SGD = functools.partial(torch.optim.SGD, lr=0.01, momentum=0.9)
Turn = Callable[[int], float]  # number of the turn -> seconds for the steps of an epoch


class Case(NamedTuple):
    """A net with its data."""

    name: str
    make: Callable[[], nn.Module]
    samples: Samples
    batch_size: int
    pipeline: Pipeline
    transforms: Any  # of torchvision, the same

    @property
    def steps(self) -> int:
        return len(self.samples) // self.batch_size


def forum_cnn() -> nn.Module:
    blocks: list[nn.Module] = []
    for before, after, pool in ((3, 64, True), (64, 128, True), (128, 256, False)):
        blocks += [nn.Conv2d(before, after, 3, padding=1), nn.BatchNorm2d(after), nn.ReLU()]
        blocks += [nn.MaxPool2d(2)] if pool else []
    return nn.Sequential(*blocks, nn.AvgPool2d(8), nn.Flatten(), nn.Linear(256, 10))


def simple_cnn() -> nn.Module:
    layers: list[nn.Module] = []
    for before, after in ((3, 16), (16, 16), (16, 2)):
        layers += [nn.Conv2d(before, after, 3, stride=2, padding=1), nn.ReLU()]
    return nn.Sequential(*layers[:-1], nn.AdaptiveAvgPool2d(1), nn.Flatten())


def noise(n: int, size: int, classes: int) -> Samples:
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (n, 3, size, size), dtype=np.uint8)
    return Samples(images, rng.integers(0, classes, n), tuple(map(str, range(classes))))


def cases(*, quick: bool) -> list[Case]:
    mean, std = (0.491, 0.482, 0.447), (0.247, 0.244, 0.262)
    floats = vision.ToDtype(torch.float32, scale=True)
    forum, simple = (2, 5) if quick else (3, 60)
    return [
        Case(
            "forum CNN", forum_cnn, noise(128 * forum, 32, 10), 128,
            Pipeline([PadCrop(4), HorizontalFlip(), Normalize(mean, std)]),
            vision.Compose([vision.RandomCrop(32, padding=4), vision.RandomHorizontalFlip(),
                            floats, vision.Normalize(mean, std)]),
        ),
        Case(
            "simple_cnn", simple_cnn, noise(64 * simple, 28, 2), 64,
            Pipeline([Normalize(mean, std)]), vision.Compose([floats, vision.Normalize(mean, std)]),
        ),
    ]  # fmt: skip


class Clock(Callback):
    """Times the steps of an epoch."""

    def on_epoch_start(self, learner: Learner, epoch: int) -> None:
        self.began = time.perf_counter()

    def on_step_end(self, learner: Learner, step: int, steps: int, loss: Any) -> None:
        if step + 1 == steps:
            self.seconds = time.perf_counter() - self.began


def by_learner(case: Case) -> Turn:
    clock, few = Clock(), case.samples.part(np.arange(2))
    learner = Learner(
        case.make(), Data(case.samples, few), augment=case.pipeline, optimizer=SGD,
        callbacks=[clock], batch_size=case.batch_size, accelerator="cpu",
    )  # fmt: skip

    def turn(epoch: int) -> float:
        learner.fit(1, quiet=True)
        return clock.seconds

    return turn


def by_hand(case: Case, batches: Callable[[int], Any]) -> Turn:
    """Return a plain loop over batches of images and labels."""
    model = case.make()
    optimizer = SGD(model.parameters())

    def turn(epoch: int) -> float:
        source = iter(batches(epoch))
        began, total = time.perf_counter(), 0.0
        for images, labels in source:
            loss = functional.cross_entropy(model(images), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item()
        return time.perf_counter() - began

    return turn


def by_hand_with_pipeline(case: Case) -> Turn:
    inputs, labels = torch.from_numpy(case.samples.inputs), torch.from_numpy(case.samples.labels)
    kept = torch.empty((case.batch_size, *inputs.shape[1:]))

    def batches(epoch: int) -> Any:
        shuffled = torch.from_numpy(order(len(labels), seed=0, epoch=epoch))
        for index in shuffled.split(case.batch_size):
            batch = case.pipeline(inputs[index], labels[index], epoch=epoch, index=index, out=kept)
            yield batch.images, batch.targets

    return by_hand(case, batches)


class PerImage(torch.utils.data.Dataset[Any]):
    """Images that go through torchvision's transforms one at a time, as in most programs."""

    def __init__(self, case: Case) -> None:
        self.images, self.labels = torch.from_numpy(case.samples.inputs), case.samples.labels
        self.transforms = case.transforms

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, at: int) -> tuple[Any, int]:
        return self.transforms(self.images[at]), int(self.labels[at])


def loader(case: Case) -> Any:
    return torch.utils.data.DataLoader(
        PerImage(case), case.batch_size, shuffle=True, num_workers=WORKERS, persistent_workers=True
    )


def by_hand_with_loader(case: Case) -> Turn:
    source = loader(case)
    return by_hand(case, lambda epoch: source)


def by_fastai(case: Case) -> Turn | None:
    try:
        import fastai.callback.progress  # noqa: F401  # gives its learner no_bar
        from fastai.callback.core import Callback as FastaiCallback
        from fastai.data.core import DataLoaders
        from fastai.learner import Learner as FastaiLearner
        from fastai.optimizer import OptimWrapper
    except ImportError:
        return None

    class FastaiClock(FastaiCallback):  # type: ignore[misc]
        def before_train(self) -> None:
            self.began = time.perf_counter()

        def after_train(self) -> None:
            self.seconds = time.perf_counter() - self.began

    clock, source = FastaiClock(), loader(case)
    learner = FastaiLearner(
        DataLoaders(source, source), case.make(), loss_func=nn.CrossEntropyLoss(), cbs=[clock],
        opt_func=functools.partial(OptimWrapper, opt=SGD), train_bn=True,
    )  # fmt: skip

    def turn(epoch: int) -> float:
        with learner.no_bar(), learner.no_logging():
            learner.fit(1)
        return float(clock.seconds)

    return turn


def measured(case: Case, turns: int) -> dict[str, Any]:
    """Return milliseconds a step of each way, and the ratios of turns beside each other."""
    made = {
        "whydrop": by_learner(case),
        "plain loop, same pipeline": by_hand_with_pipeline(case),
        "plain loop, torchvision, DataLoader": by_hand_with_loader(case),
        "fastai": by_fastai(case),
    }
    ways = {name: turn for name, turn in made.items() if turn is not None}
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(turns + 1):
        names = list(ways)[:: 1 if number % 2 else -1]
        for name in names:
            took = ways[name](number)
            if number:  # the first compiles, starts workers and fills caches
                seconds[name].append(took)
    ours = seconds["whydrop"]
    return {
        "net": case.name,
        "batch": case.batch_size,
        "steps a turn": case.steps,
        "turns": turns,
        "milliseconds a step": {
            name: round(1e3 * statistics.median(took) / case.steps, 3)
            for name, took in seconds.items()
        },
        "images a second": {
            name: round(len(case.samples) / statistics.median(took))
            for name, took in seconds.items()
        },
        "a step of ours over theirs": {
            name: round(statistics.median(a / b for a, b in zip(ours, took, strict=True)), 3)
            for name, took in seconds.items()
            if name != "whydrop"
        },
        "must": {"plain loop, same pipeline": MUST},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="a step of the learner beside plain loops")
    parser.add_argument("--quick", action="store_true", help="few turns, nothing is written")
    options = parser.parse_args()
    torch.set_num_threads(1)  # the workers of a DataLoader take the other cores
    names = ("numpy", "torch", "torchvision", "numba", "fastai")
    found = {d.metadata["Name"].lower() for d in importlib.metadata.distributions()}
    about = {
        "command": "python benchmarks/learner.py",
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, one thread and {WORKERS} "
        f"workers, Python {platform.python_version()}",
        "versions": {n: importlib.metadata.version(n) for n in names if n in found},
        "figures": "medians over turns; ratios of turns that follow each other",
    }
    print(json.dumps(about, indent=1), flush=True)
    rows = []
    for case in cases(quick=options.quick):
        rows.append(measured(case, 2 if options.quick else 15))
        print(json.dumps(rows[-1], indent=1), flush=True)
    if not options.quick:
        text = json.dumps({"about": about, "rows": rows}, indent=1)
        (RESULTS / "learner.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
