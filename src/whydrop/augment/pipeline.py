"""Pipeline: operations on whole batches, each sample with its own draws."""

import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from itertools import pairwise
from typing import Any, Literal

import numpy as np

from whydrop.augment import compiled
from whydrop.augment.arrays import library_of
from whydrop.augment.batch import Batch
from whydrop.augment.draws import uniforms
from whydrop.augment.inputs import check_images, check_labels, to_numpy_index
from whydrop.augment.op import Drawn, Images, Op, Size, Stage
from whydrop.augment.passes import OnDevice, OnHost, carried_out
from whydrop.augment.targets import Mixed
from whydrop.core.errors import UsageError

Target = Literal["pairs", "soft"]
Order = Literal["safe", "as given"]
REASONS = {
    Stage.GEOMETRY: "geometry comes first, so that its fill is a colour of the image",
    Stage.COLOUR: "colour works on values from 0 to 1, before Normalize",
    Stage.NORMALIZE: "holes are filled after Normalize, where 0 is the mean",
    Stage.ERASE: "images are mixed last, holes included",
    Stage.MIX: "images are mixed last, and once",
}


class Pipeline:
    """Augmentation of a batch, the same for a sample wherever and whenever it is made.

    What happens to a sample depends on the seed, the epoch, the sample's position in the data
    set, and the operation; not on the rest of the batch, on workers, or on other operations.
    Mixing also depends on which samples share a batch, not on their order.

    Args:
        ops: operations, in the order of their stages: geometry, colour, Normalize, erasing,
            mixing.
        classes: number of classes; needed for target "soft".
        seed: of all draws.
        target: what mixed targets are given as: "pairs" (``Mixed``) or "soft" (rows).
        smoothing: of the labels, in [0, 1), for target "soft"; else smooth in the loss.
        order: "as given" lets operations stand in any order, to repeat published code.

    Attributes:
        names: of the operations; a second one of a kind is numbered.

    Raises:
        UsageError: operations in an order that is not safe, with the reason.

    Example:
        >>> import numpy as np
        >>> from whydrop.augment import HorizontalFlip, PadCrop
        >>> augment = Pipeline([PadCrop(4), HorizontalFlip()], seed=1)
        >>> images = np.zeros((2, 3, 32, 32), np.uint8)
        >>> augment(images, epoch=0, index=[0, 1]).images.shape
        (2, 3, 32, 32)
    """

    def __init__(
        self,
        ops: Sequence[Op],
        *,
        classes: int | None = None,
        seed: int = 0,
        target: Target = "pairs",
        smoothing: float = 0.0,
        order: Order = "safe",
    ) -> None:
        self.ops = tuple(ops)
        self.classes = classes
        self.seed = seed
        self.target = target
        self.smoothing = smoothing
        self.order = order
        self._buffers = threading.local()
        self._check()
        self.names = _names(self.ops)
        named = zip(self.ops, self.names, strict=True)
        self._streams = tuple(f"{name}.{what}" for op, name in named for what in op.chance)

    def __repr__(self) -> str:
        return f"Pipeline({list(self.ops)!r}, classes={self.classes}, seed={self.seed})"

    def _check(self) -> None:
        where = "Pipeline"
        for op in self.ops:
            if not isinstance(op, Op):
                what = f"{op!r} is not an operation"
                raise UsageError(what, where=where, do="give operations of whydrop.augment")
        for stage in (Stage.NORMALIZE, Stage.MIX):
            names = [_name(op) for op in self.ops if op.stage is stage]
            if len(names) > 1:
                raise UsageError(
                    f"{' and '.join(names)}: images would be "
                    f"{'normalised' if stage is Stage.NORMALIZE else 'mixed'} twice",
                    where=where,
                    do="keep one" if stage is Stage.NORMALIZE else "choose one by Switch",
                )
        for one, other in pairwise(self.ops) if self.order == "safe" else ():
            if one.stage > other.stage:
                raise UsageError(
                    f"{_name(other)} stands after {_name(one)}: {REASONS[other.stage]}",
                    where=where,
                    do=f'put {_name(other)} before {_name(one)}, or give order="as given"',
                )
        if self.target not in ("pairs", "soft") or self.order not in ("safe", "as given"):
            what = f"target is {self.target!r}, order {self.order!r}"
            do = 'target is "pairs" or "soft", order "safe" or "as given"'
            raise UsageError(what, where=where, do=do)
        if self.target == "soft" and not self.classes:
            what = 'target "soft" needs the number of classes'
            raise UsageError(what, where=where, do="give classes=10, say")
        if not 0.0 <= self.smoothing < 1.0 or (self.smoothing and self.target != "soft"):
            raise UsageError(
                f"smoothing is {self.smoothing} with target {self.target!r}",
                where=where,
                do='give a share in [0, 1) with target="soft", or smooth in the loss',
            )

    # -- use -----------------------------------------------------------------------------------

    @property
    def evaluation(self) -> "Pipeline":
        """The same without chance: what validation images go through."""
        kept = [op for op in self.ops if op.stage is Stage.NORMALIZE]
        return Pipeline(kept, classes=self.classes, seed=self.seed)

    def __call__(
        self,
        images: Images,
        labels: Any = None,
        *,
        epoch: int = 0,
        index: Any = None,
        view: int = 0,
        out: Images = None,
    ) -> Batch:
        """Return the batch as the model should see it; what comes in is left as it is.

        Args:
            images: (n, c, h, w) uint8, or floating from 0 to 1; NumPy, or PyTorch on any device.
            labels: (n,) class numbers or (n, classes) rows; needed for mixing.
            epoch: of the training, from 0.
            index: (n,) positions of the samples in their data set.
            view: number of the copy, where a sample is used several times an epoch.
            out: float32 (n, c, height, width) in main memory to write the images to; a buffer
                that is kept from batch to batch saves the time to get new memory.

        Raises:
            UsageError: what was given cannot be used.
        """
        size = check_images(images)
        n = len(images)
        if labels is not None:
            check_labels(labels, n, self.classes)
        drawn = dict(self._drawn(size, n, epoch=epoch, index=index, view=view))
        mixing = next((op for op in drawn if self.ops[op].stage is Stage.MIX), None)
        if mixing is not None and labels is None:
            what = f"{_name(self.ops[mixing])} mixes labels too"
            raise UsageError(what, where="call of a pipeline", do="give the labels")
        if _in_memory(images):
            host = OnHost(images, out, mixing is not None, self._buffers)
            made = carried_out(self.ops, host.source(), drawn, size, host)
        else:
            made = carried_out(self.ops, images, drawn, size, OnDevice(images, out))
        return Batch(made, self._targets(labels, drawn, mixing))

    @staticmethod
    def backend(images: Images) -> str:
        """Return what makes the pixels of such images: Numba, NumPy or PyTorch, and where.

        Example:
            >>> Pipeline.backend(np.zeros((1, 3, 8, 8))).split()[0] in ("Numba", "NumPy")
            True
        """
        if not _in_memory(images):
            return f"PyTorch {version('torch')} on {images.device}"
        name = "Numba" if compiled.available() else "NumPy"
        return f"{name} {version(name.lower())} in main memory"

    def draws(self, size: Size, *, index: Any, epoch: int = 0, view: int = 0) -> dict[str, Drawn]:
        """Return what each operation does to some samples, without doing it.

        Args:
            size: height and width of the images.
            index: (n,) positions of the samples; those of a whole batch where it is mixed.
            epoch, view: as for a call.

        Returns:
            By operation, such as "PadCrop", or "Cutout 2" for a second one.
        """
        positions = to_numpy_index(index)
        drawn = self._drawn(Size(*size), len(positions), epoch=epoch, index=positions, view=view)
        return {self.names[op]: values for op, values in drawn}

    def _drawn(
        self, size: Size, n: int, *, epoch: int, index: Any, view: int
    ) -> Iterator[tuple[int, Drawn]]:
        """Yield the draws of each operation that is on in this epoch, by its position."""
        streams = self._streams
        if streams and index is None:
            raise UsageError(
                "the samples' positions are missing",
                where="call of a pipeline",
                do="give index=, (n,) positions in the data set: draws are made for each of them",
            )
        positions = to_numpy_index(index if streams else np.arange(n))
        if len(positions) != n:
            what = f"{len(positions)} positions for {n} images"
            raise UsageError(what, where="index of a pipeline", do="give one an image")
        u = uniforms(streams, seed=self.seed, epoch=epoch, index=positions, view=view)
        first = 0
        for at, op in enumerate(self.ops):
            own = u[first : first + len(op.chance)]
            first += len(op.chance)
            if op.active(epoch):
                yield at, op.draw(own, size)
            size = op.output_size(size)

    def _targets(self, labels: Any, drawn: dict[int, Drawn], mixing: int | None) -> Any:
        if labels is None:
            return None
        if mixing is None and self.target == "pairs":
            return labels
        library = library_of(labels)
        if mixing is None:
            lam, partner = np.ones(len(labels), np.float32), np.arange(len(labels))
        else:
            lam, partner = drawn[mixing]["lam"], drawn[mixing]["partner"]
        if library is not np:
            lam = library.as_tensor(lam, device=labels.device)
            partner = library.as_tensor(partner, device=labels.device)
        mixed = Mixed(labels, labels[partner], lam)
        return (
            mixed.soft(self.classes, self.smoothing)
            if self.classes and self.target == "soft"
            else mixed
        )


def _name(op: Op) -> str:
    return type(op).__name__


def _names(ops: Sequence[Op]) -> tuple[str, ...]:
    """Return a name for each operation that does not depend on operations of other kinds."""
    seen: Counter[str] = Counter()
    names: list[str] = []
    for op in ops:
        seen[_name(op)] += 1
        count = seen[_name(op)]
        names.append(_name(op) if count == 1 else f"{_name(op)} {count}")
    return tuple(names)


def _in_memory(images: Images) -> bool:
    return isinstance(images, np.ndarray) or images.device.type == "cpu"
