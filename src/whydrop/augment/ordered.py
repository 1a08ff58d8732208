"""Operations in a safe order, with their draws: what pipelines of images and skeletons share."""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, ClassVar, Literal, Self

import numpy as np

from whydrop.augment.arrays import library_of, to_numpy
from whydrop.augment.checks import whole_number
from whydrop.augment.draws import positions_of, uniforms
from whydrop.augment.op import Drawn, Floats, Op, Size, Stage
from whydrop.augment.targets import Mixed
from whydrop.core.errors import UsageError

Target = Literal["pairs", "soft"]
Order = Literal["safe", "as given"]
Kind = Literal["images", "skeletons"]
FIELDS = ("classes", "seed", "target", "smoothing", "order")  # of a pipeline, beside its ops


class Ordered(ABC):
    """Operations that are done to each sample of a batch by its own draws.

    Attributes:
        names: of the operations; a second one of a kind is numbered.
        changes: what its samples are.
        reasons: why a stage stands where it stands, for errors.
        once: stages that may have one operation only: what two would do, and what to do instead.
        lasting: stages without chance, which are done in evaluation too.
        fields: names of what it is told beside its ops.
    """

    changes: ClassVar[Kind]
    reasons: ClassVar[Mapping[int, str]]
    once: ClassVar[Mapping[int, tuple[str, str]]]
    lasting: ClassVar[tuple[int, ...]]
    fields: ClassVar[tuple[str, ...]] = FIELDS

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
        where = type(self).__name__
        if not isinstance(ops, Iterable):
            what = f"{name_of(ops)} is no list"
            raise UsageError(what, where=where, do="give a list of operations")
        self.ops = tuple(ops)
        one = "number of classes"
        self.classes = None if classes is None else whole_number(classes, one, where=where, low=1)
        self.seed = whole_number(seed, "seed", where=where)
        self.target = target
        self.smoothing = smoothing
        self.order = order
        for op in self.ops:
            self._check_member(op)
        self._check_order()
        self._check_fields()
        self.names = _names(self.ops)
        named = zip(self.ops, self.names, strict=True)
        self._streams = tuple(f"{name}.{what}" for op, name in named for what in op.chance)

    def __repr__(self) -> str:
        kind = type(self).__name__
        return f"{kind}({list(self.ops)!r}, classes={self.classes}, seed={self.seed})"

    @abstractmethod
    def _check_member(self, op: object) -> None:
        """Check that something may be an operation of this pipeline."""

    def _check_order(self) -> None:
        where = type(self).__name__
        for stage, (twice, do) in self.once.items():
            names = [name_of(op) for op in self.ops if op.stage == stage]
            if len(names) > 1:
                raise UsageError(f"{' and '.join(names)}: {twice}", where=where, do=do)
        for one, other in pairwise(self.ops) if self.order == "safe" else ():
            if one.stage > other.stage:
                first, second = name_of(one), name_of(other)
                raise UsageError(
                    f"{second} stands after {first}: {self.reasons[other.stage]}",
                    where=where,
                    do=f'put {second} before {first}, or give order="as given"',
                )

    def _check_fields(self) -> None:
        where = type(self).__name__
        if self.target not in ("pairs", "soft") or self.order not in ("safe", "as given"):
            what = f"target is {self.target!r}, order {self.order!r}"
            do = 'target is "pairs" or "soft", order "safe" or "as given"'
            raise UsageError(what, where=where, do=do)
        if self.target == "soft" and not self.classes:
            what = 'target "soft" needs the number of classes'
            raise UsageError(what, where=where, do="give classes=10, say")
        number = isinstance(self.smoothing, int | float) and not isinstance(self.smoothing, bool)
        if not (number and 0.0 <= self.smoothing < 1.0) or (
            self.smoothing and self.target != "soft"
        ):
            raise UsageError(
                f"smoothing is {self.smoothing!r} with target {self.target!r}",
                where=where,
                do='give a share in [0, 1) with target="soft", or smooth in the loss',
            )

    @property
    def evaluation(self) -> Self:
        """The same without chance: what validation samples go through."""
        kept = [op for op in self.ops if op.stage in self.lasting]
        return type(self)(kept, classes=self.classes, seed=self.seed)

    def _drawn(
        self, size: Size, n: int, *, epoch: int, index: Any, view: Any
    ) -> Iterator[tuple[int, Drawn]]:
        """Yield the draws of each operation that is on in this epoch, by its position."""
        streams = self._streams
        if streams and index is None:
            raise UsageError(
                "the samples' positions are missing",
                where="call of a pipeline",
                do="give index=, (n,) positions in the data set: draws are made for each of them",
            )
        positions = positions_of(index if streams else np.arange(n))
        if len(positions) != n:
            what = f"{len(positions)} positions for {n} samples"
            raise UsageError(what, where="index of a pipeline", do="give one a sample")
        u = self._uniforms(size, epoch=epoch, index=positions, view=to_numpy(view))
        first = 0
        for at, op in enumerate(self.ops):
            own = u[first : first + len(op.chance)]
            first += len(op.chance)
            if op.active(epoch):
                yield at, op.draw(own, size)
            size = op.output_size(size)

    def _uniforms(self, size: Size, *, epoch: int, index: Any, view: Any) -> Floats:
        """Return the numbers, (streams, n), that the operations make their draws of."""
        return uniforms(self._streams, seed=self.seed, epoch=epoch, index=index, view=view)

    def _mixing(self, drawn: Mapping[int, Drawn], labels: Any) -> int | None:
        """Return the position of the operation that mixes in this epoch, if one does."""
        mixing = next((at for at in drawn if self.ops[at].stage is Stage.MIX), None)
        if mixing is not None and labels is None:
            what = f"{name_of(self.ops[mixing])} mixes labels too"
            raise UsageError(what, where="call of a pipeline", do="give the labels")
        return mixing

    def _targets(
        self, labels: Any, drawn: Mapping[int, Drawn], mixing: int | None, smoothed: float = 0.0
    ) -> Any:
        """Return the targets of labels; smoothed is the share that is spread over all already."""
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
        mixed = Mixed(labels, labels[partner], lam, smoothed)
        return (
            mixed.soft(self.classes, 0.0 if smoothed else self.smoothing)
            if self.classes and self.target == "soft"
            else mixed
        )


def check_pipeline(given: object, *, where: str) -> None:
    """Check that what was given is a pipeline of images.

    Raises:
        UsageError: it is something else.
    """
    if _is_of_images(given):
        return
    inside = _is_of_images(getattr(given, "pipeline", None))  # as importers return it
    do = "give its .pipeline" if inside else "give a whydrop.augment.Pipeline"
    raise UsageError(f"pipeline is {type(given).__name__}", where=where, do=do)


def _is_of_images(given: object) -> bool:
    return isinstance(given, Ordered) and given.changes == "images"


def name_of(op: object) -> str:
    """Return what an operation is called."""
    return type(op).__name__


def _names(ops: Sequence[Op]) -> tuple[str, ...]:
    """Return a name for each operation that does not depend on operations of other kinds."""
    seen: Counter[str] = Counter()
    names: list[str] = []
    for op in ops:
        seen[name_of(op)] += 1
        count = seen[name_of(op)]
        names.append(name_of(op) if count == 1 else f"{name_of(op)} {count}")
    return tuple(names)
