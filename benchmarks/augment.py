"""Augmentation beside its peers, in one run: one thread, equal work for each sample.

    python benchmarks/augment.py                 # all, some minutes on a quiet machine
    python benchmarks/augment.py --only flip     # rows whose name holds a word
    python benchmarks/augment.py --plain         # ours without Numba

Peers are compared where they are installed (torchvision always is, by `make setup-dev`; kornia,
albumentations, timm, Keras: `pip install kornia albumentations timm keras`). Each peer is compared
with ours from what it was given itself: bytes or floats from 0 to 1; ours always makes a batch of
float32. "One draw" marks peers that give a whole batch the same draw; they are listed, not
compared. Batches: A is 256 x 3 x 32 x 32, B is 32 x 3 x 224 x 224. "Copies" are our times in
copies of the float batch within memory, and "peak" the memory that a first call takes beyond
what goes in and comes out, in float batches. Writes benchmarks/results/augment.json, for --plain
augment_plain.json.
"""

import os

os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")
os.environ["KERAS_BACKEND"] = "torch"

import argparse
import datetime
import importlib
import importlib.metadata
import json
import platform
import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).parents[1]))
import tests.fixtures.torchvision_operators  # lets torchvision import  # noqa: F401
import torchvision.transforms.v2 as vision

import whydrop.augment as ours
from whydrop.augment import compiled
from whydrop.augment.draws import uniforms

RESULTS = Path(__file__).parent / "results"
SECONDS = 1.5  # for each of the ways to do a thing, at least 8 calls
TURN = 0.02  # seconds of calls in a row, at least 4
MEAN, STD = (0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616)
Work = Callable[[], object]


class Row(NamedTuple):
    """One thing to do, ours and by each peer; must: the factor by which ours is to be faster.

    Attributes:
        ours: by what it starts from, "bytes" or "floats".
        peers: by name; those whose name ends in "bytes" start from bytes.
        one_draw: likewise, those that give the batch one draw.
        peak: bytes of memory that ours takes, by what it starts from.
    """

    name: str
    batch: str
    ours: dict[str, Work]
    peers: dict[str, Work]
    one_draw: dict[str, Work]
    must: float | None
    peak: dict[str, int]


class Ours(dict[str, Work]):
    """Our ways: a pipeline, draws included, into a kept buffer."""

    def __init__(self, ops: tuple[Any, ...], batch: "Batch") -> None:
        self.pipeline = ours.Pipeline(ops, classes=10)
        self.batch = batch
        super().__init__(bytes=lambda: self.work("bytes"), floats=lambda: self.work("floats"))

    def work(self, form: str) -> None:
        batch = self.batch
        images = getattr(batch, form)
        self.pipeline(images, batch.labels, index=batch.index, out=batch.out)

    def peak(self) -> dict[str, int]:
        """Return the most memory that a first call takes, with what is compiled compiled."""
        peaks = {}
        for form in self:
            self.work(form)
            self.pipeline = ours.Pipeline(self.pipeline.ops, classes=10)
            tracemalloc.start()
            self.work(form)
            peaks[form] = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        return peaks


class Batch:
    """One batch in the forms that libraries take."""

    def __init__(self, name: str, n: int, size: int) -> None:
        pixels = np.random.default_rng(0).integers(0, 256, (n, 3, size, size), dtype=np.uint8)
        self.name, self.n, self.size = name, n, size
        self.bytes = pixels
        self.floats = (pixels / np.float32(255)).astype(np.float32)
        self.tensor = torch.from_numpy(self.floats)
        self.byte_tensor = torch.from_numpy(pixels)
        self.hwc = np.ascontiguousarray(pixels.transpose(0, 2, 3, 1))
        self.hwc_floats = np.ascontiguousarray(self.floats.transpose(0, 2, 3, 1))
        self.pictures = [vision.functional.to_pil_image(image) for image in self.byte_tensor]
        self.labels = np.arange(n) % 10
        self.index = np.arange(n)
        self.out = np.empty_like(self.floats)

    def by(self, *ops: Any) -> Ours:
        return Ours(ops, self)

    def each(self, transform: Any, form: str = "tensor") -> Work:
        """Return torchvision's way for draws of each image's own: one image at a time."""
        images = getattr(self, form)
        return lambda: torch.stack([transform(image) for image in images])

    def whole(self, transform: Any) -> Work:
        return lambda: transform(self.tensor)

    def hwc_each(self, transform: Any, *, floats: bool = False) -> Work:
        """Return albumentations' way: one image at a time, gathered in a kept batch."""
        images = self.hwc_floats if floats else self.hwc
        made = np.empty_like(images)

        def work() -> None:
            for i, image in enumerate(images):
                made[i] = transform(image=image)["image"]

        return work


def rows(batch: Batch) -> Iterator[Row]:
    """Yield all rows of a batch; peers that are not installed are left out."""
    a = batch.name == "A"
    kornia, album, timm = installed("kornia.augmentation"), installed("albumentations"), timm_mix()
    keras = installed("keras.layers")
    size, cut = batch.size, batch.size // 2

    def row(
        name: str, our: dict[str, Work], peers: dict[str, Work],
        must: tuple[float | None, float] | None = None,
        one_draw: dict[str, Work] | None = None,
    ) -> Row:  # fmt: skip
        peak = our.peak() if isinstance(our, Ours) else {}
        return Row(name, batch.name, our, peers, one_draw or {}, must and must[0 if a else 1], peak)

    def k(make: Callable[[Any], Any]) -> dict[str, Work]:
        return {"kornia": batch.whole(make(kornia))} if kornia else {}

    def al(make: Callable[[Any], Any], *, floats: bool = False) -> dict[str, Work]:
        name = "albumentations" if floats else "albumentations, bytes"
        return {name: batch.hwc_each(make(album), floats=floats)} if album else {}

    def tv(transform: Any) -> dict[str, Work]:
        return {"torchvision per image": batch.each(transform)}

    def ke(name: str, *, mixes: bool = False, **options: Any) -> dict[str, Work]:
        if not keras or not hasattr(keras, name):
            return {}
        layer, images = getattr(keras, name)(**options), torch.from_numpy(batch.hwc_floats)
        given = {"images": images, "labels": torch.eye(10)[batch.labels]} if mixes else images
        return {"Keras": lambda: layer(given, training=True)}

    yield row(
        "a plain copy",
        {"floats": lambda: np.copyto(batch.out, batch.floats),
         "bytes": lambda: np.copyto(batch.out, batch.bytes)}, {},
    )  # fmt: skip
    flip = vision.RandomHorizontalFlip()
    yield row(
        "flip", batch.by(ours.HorizontalFlip()),
        tv(flip) | k(lambda m: m.RandomHorizontalFlip(p=0.5)) | al(lambda m: m.HorizontalFlip())
        | ke("RandomFlip", mode="horizontal"),
        (2, 1.5), {"torchvision": batch.whole(flip)},
    )  # fmt: skip
    crop = vision.RandomCrop(size, padding=4)
    yield row(
        "pad-crop", batch.by(ours.PadCrop(4)),
        tv(crop)
        | k(lambda m: m.RandomCrop((size, size), padding=4, cropping_mode="slice"))
        | al(lambda m: m.Compose([m.Pad(4), m.RandomCrop(size, size)])),
        (3, 1.2), {"torchvision": batch.whole(crop)},
    )  # fmt: skip
    translate = vision.RandomAffine(0, translate=(0.125, 0.125))
    yield row(
        "translate, whole pixels", batch.by(ours.Translate(0.125)),
        tv(translate)
        | k(lambda m: m.RandomAffine(0, (0.125, 0.125), resample="nearest", p=1.0))
        | al(lambda m: m.Affine(translate_percent=(-0.125, 0.125), interpolation=0, p=1.0))
        | ke("RandomTranslation", height_factor=0.125, width_factor=0.125, fill_mode="constant",
             interpolation="nearest"),
        (3, 2), {"torchvision": batch.whole(translate)},
    )  # fmt: skip
    bilinear = vision.InterpolationMode.BILINEAR
    affine = vision.RandomAffine(15, (0.1, 0.1), (0.9, 1.1), interpolation=bilinear)
    yield row(
        "affine, bilinear", batch.by(ours.Affine(15, 0.1, (0.9, 1.1))),
        tv(affine)
        | k(lambda m: m.RandomAffine(15, (0.1, 0.1), (0.9, 1.1), p=1.0))
        | al(lambda m: m.Affine((0.9, 1.1), (-0.1, 0.1), rotate=(-15, 15), p=1.0)),
        (1.8, 1.0), {"torchvision": batch.whole(affine)},
    )  # fmt: skip
    normalize = vision.Normalize(MEAN, STD, inplace=True)
    spare = batch.tensor.clone()
    yield row(
        "normalise", batch.by(ours.Normalize(MEAN, STD)),
        {"torchvision, with a copy": lambda: normalize(spare.copy_(batch.tensor))},
        (1.2, 1.0),
    )  # fmt: skip
    erase = vision.RandomErasing(1.0, (0.25, 0.25), (1.0, 1.0))
    yield row(
        "cutout, half a side", batch.by(ours.Cutout(cut)),
        tv(erase)
        | k(lambda m: m.RandomErasing((0.25, 0.25), (1.0, 1.0), p=1.0))
        | al(lambda m: m.CoarseDropout((1, 1), (cut, cut), (cut, cut), p=1.0))
        | ke("RandomErasing", factor=1.0, scale=(0.25, 0.25), fill_value=0.0, value_range=(0, 1)),
        (4, 1.5), {"torchvision": batch.whole(erase)},
    )  # fmt: skip
    jitter = vision.ColorJitter(0.2, 0.2, 0.2)
    yield row(
        "jitter: brightness, contrast, saturation", batch.by(ours.ColorJitter(0.2, 0.2, 0.2)),
        tv(jitter)
        | k(lambda m: m.ColorJiggle(0.2, 0.2, 0.2, p=1.0))
        | al(lambda m: m.ColorJitter(
            (0.8, 1.2), (0.8, 1.2), (0.8, 1.2), (0, 0), p=1.0), floats=True)
        | ke("RandomColorJitter", value_range=(0, 1), brightness_factor=0.2, contrast_factor=0.2,
             saturation_factor=0.2),
        (6, 2.5), {"torchvision": batch.whole(jitter)},
    )  # fmt: skip
    blur = vision.GaussianBlur(5, (0.5, 1.5))
    yield row(
        "blur, 5 pixels", batch.by(ours.GaussianBlur(5, (0.5, 1.5), 1.0)),
        tv(blur)
        | k(lambda m: m.RandomGaussianBlur((5, 5), (0.5, 1.5), p=1.0))
        | al(lambda m: m.GaussianBlur((5, 5), (0.5, 1.5), p=1.0))
        | ke("RandomGaussianBlur", factor=1.0, kernel_size=5, sigma=1.0, value_range=(0, 1)),
        (None, 5), {"torchvision": batch.whole(blur)},
    )  # fmt: skip
    yield row("CIFAR pipeline", *_cifar(batch, kornia, album), (20, 20))
    mixed = vision.MixUp(num_classes=10)
    labels = torch.from_numpy(batch.labels)
    partner, lam = torch.randperm(batch.n), torch.rand(batch.n, 1, 1, 1)
    peers: dict[str, Work] = {
        "two products, per sample": lambda: batch.tensor * lam + batch.tensor[partner] * (1 - lam),
    }
    one: dict[str, Work] = {"torchvision": lambda: mixed(batch.tensor, labels)}
    if timm:
        peers["timm elem, with a copy"] = timm(batch, labels, "elem", mixup=1.0)
        one["timm batch, with a copy"] = timm(batch, labels, "batch", mixup=1.0)
    peers |= ke("MixUp", alpha=1.0, mixes=True)
    yield row("MixUp", batch.by(ours.MixUp(1.0)), peers, (2.5, 3), one)
    peers = ke("CutMix", factor=1.0, mixes=True)
    if timm:
        peers["timm elem, with a copy"] = timm(batch, labels, "elem", cutmix=1.0)
        peers["timm pair, with a copy"] = timm(batch, labels, "pair", cutmix=1.0)
    cutmix = vision.CutMix(num_classes=10)
    one = {"torchvision": lambda: cutmix(batch.tensor, labels)}
    yield row("CutMix", batch.by(ours.CutMix(1.0)), peers, (5, 1.5), one)
    if a:
        streams = [f"operation {n}" for n in range(12)]
        yield row(
            "draws of 12 operations",
            {"draws": lambda: uniforms(streams, seed=0, epoch=1, index=batch.index)}, {},
        )  # fmt: skip


def _cifar(batch: Batch, kornia: Any, album: Any) -> tuple[dict[str, Work], dict[str, Work]]:
    """Return the whole pipeline of many CIFAR-10 recipes, from bytes to normalised floats."""
    size, cut = batch.size, batch.size // 2
    our = batch.by(
        ours.PadCrop(4), ours.HorizontalFlip(), ours.Translate(0.125),
        ours.Normalize(MEAN, STD), ours.Cutout(cut),
    )  # fmt: skip
    steps = [
        vision.RandomCrop(size, padding=4),
        vision.RandomHorizontalFlip(),
        vision.RandomAffine(0, translate=(0.125, 0.125)),
    ]
    finish = [
        vision.ToDtype(torch.float32, scale=True),
        vision.Normalize(MEAN, STD),
        vision.RandomErasing(1.0, (0.25, 0.25), (1.0, 1.0)),
    ]
    peers = {
        "torchvision loop over PIL images, bytes": batch.each(
            vision.Compose([*steps, vision.ToImage(), *finish]), "pictures"
        ),
        "torchvision loop over tensors, bytes": batch.each(
            vision.Compose([*steps, *finish]), "byte_tensor"
        ),
    }
    if kornia:
        chain = kornia.AugmentationSequential(
            kornia.RandomCrop((size, size), padding=4, cropping_mode="slice"),
            kornia.RandomHorizontalFlip(p=0.5),
            kornia.RandomAffine(0, (0.125, 0.125), resample="nearest", p=1.0),
            kornia.Normalize(torch.tensor(MEAN), torch.tensor(STD)),
            kornia.RandomErasing((0.25, 0.25), (1.0, 1.0), p=1.0),
            data_keys=["input"],
        )
        peers["kornia, bytes"] = lambda: chain(batch.byte_tensor.float().div_(255))
    if album:
        compose = album.Compose(
            [
                album.Pad(4),
                album.RandomCrop(size, size),
                album.HorizontalFlip(),
                album.Affine(translate_percent=(-0.125, 0.125), interpolation=0, p=1.0),
                album.Normalize(MEAN, STD),
                album.CoarseDropout((1, 1), (cut, cut), (cut, cut), p=1.0),
            ]
        )
        peers["albumentations, bytes"] = lambda: torch.from_numpy(
            np.stack([compose(image=image)["image"] for image in batch.hwc])
        ).permute(0, 3, 1, 2)
    return our, peers


def installed(name: str) -> Any:
    """Return a module, or None where it is not installed."""
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def timm_mix() -> Callable[..., Work] | None:
    """Return a maker of timm's mixing of a batch, or None without timm."""
    data = installed("timm.data")
    if data is None:
        return None

    def made(batch: Batch, labels: Any, mode: str, mixup: float = 0.0, cutmix: float = 0.0) -> Work:
        mix = data.Mixup(mixup, cutmix, mode=mode, num_classes=10)
        spare = batch.tensor.clone()
        return lambda: mix(spare.copy_(batch.tensor), labels)

    return made


def timed(ways: dict[str, Work]) -> dict[str, tuple[float, float]]:
    """Return median and least milliseconds of each way.

    They take turns of several calls each, so that all see the same neighbours on the machine; the
    first call of a turn finds the caches as another way left them, and is not counted.
    """
    times: dict[str, list[float]] = {name: [] for name in ways}
    for work in ways.values():
        work()
    until = time.perf_counter() + SECONDS * len(ways)
    while time.perf_counter() < until or min(map(len, times.values())) < 8:
        for name, work in ways.items():
            work()
            end = time.perf_counter() + TURN
            while not times[name] or time.perf_counter() < end or len(times[name]) % 4:
                start = time.perf_counter()
                work()
                times[name].append(1e3 * (time.perf_counter() - start))
    return {name: (statistics.median(seen), min(seen)) for name, seen in times.items()}


def measured(row: Row, batch: Batch) -> dict[str, Any]:
    """Return a row's times, and how much faster ours is than the best peer."""
    copy = {"a copy": lambda: np.copyto(batch.out, batch.floats)}
    own = {f"ours, {form}": work for form, work in row.ours.items()}
    times = timed({**copy, **own, **row.peers, **row.one_draw})

    def ratio(name: str) -> float:
        form = "bytes" if name.endswith("bytes") else "floats"
        return times[name][0] / times[f"ours, {form}"][0]

    faster = min(map(ratio, row.peers), default=None)
    return {
        "what": row.name,
        "batch": row.batch,
        "milliseconds": {
            name: [round(m, 4), round(least, 4)] for name, (m, least) in times.items()
        },
        "one_draw": list(row.one_draw),
        "faster": faster and round(faster, 2),
        "must": row.must,
        "copies": {
            form: round(times[f"ours, {form}"][0] / times["a copy"][0], 2) for form in row.ours
        },
        "peak": {form: round(size / batch.out.nbytes, 2) for form, size in row.peak.items()},
    }


def shown(line: dict[str, Any]) -> str:
    times = ", ".join(
        f"{name}{' (one draw)' if name in line['one_draw'] else ''} {median:.3g}"
        for name, (median, _) in line["milliseconds"].items()
    )
    faster = f"{line['faster']:.1f}x" if line["faster"] else ""
    must = f" of {line['must']:g}x" if line["must"] else ""
    copies = ", ".join(f"{form} {value:g}" for form, value in line["copies"].items())
    peak = ", ".join(f"{form} {value:g}" for form, value in line["peak"].items())
    return (
        f"{line['batch']} {line['what']}: {faster}{must}\n    milliseconds: {times}\n"
        f"    copies: {copies}" + (f"; peak: {peak}" if peak else "")
    )


def versions() -> dict[str, str]:
    names = ("numpy", "torch", "torchvision", "numba", "kornia", "albumentations",
             "albumentationsx", "timm", "keras", "opencv-python-headless")  # fmt: skip
    found = {}
    for name in names:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description="augmentation beside its peers")
    parser.add_argument("--only", default="", help="rows whose name holds this")
    parser.add_argument("--plain", action="store_true", help="ours without Numba")
    options = parser.parse_args()
    torch.set_num_threads(1)
    cv2 = installed("cv2")
    if cv2:
        cv2.setNumThreads(1)
    if options.plain:
        compiled.available = lambda: False
    lines = []
    for batch in (Batch("A", 256, 32), Batch("B", 32, 224)):
        for row in rows(batch):
            if options.only in row.name:
                lines.append(measured(row, batch))
                print(shown(lines[-1]), flush=True)
    if options.only:
        return
    about = {
        "command": "python benchmarks/augment.py" + (" --plain" if options.plain else ""),
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "machine": f"{platform.machine()}, one thread, Python {platform.python_version()}",
        "ours": ours.Pipeline.backend(np.zeros((1, 3, 8, 8))),
        "versions": versions(),
        "milliseconds": "median and least of calls taken in turns",
    }
    path = RESULTS / ("augment_plain.json" if options.plain else "augment.json")
    path.write_text(json.dumps({"about": about, "rows": lines}, indent=1) + "\n")


if __name__ == "__main__":
    main()
