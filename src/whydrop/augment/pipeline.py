"""Pipeline: operations on whole batches, each sample with its own draws."""

import threading
from collections.abc import Mapping, Sequence
from functools import cached_property
from importlib.metadata import version
from typing import Any, ClassVar

import numpy as np

from whydrop.augment import compiled
from whydrop.augment.batch import Batch
from whydrop.augment.draws import positions_of
from whydrop.augment.inputs import check_images, check_labels, check_out, image_size
from whydrop.augment.op import Drawn, Floats, Images, Op, Size, Stage
from whydrop.augment.ordered import FIELDS, Kind, Order, Ordered, Target, name_of
from whydrop.augment.passes import OnDevice, OnHost, carried_out
from whydrop.augment.redraw import check_least_visible, redrawn
from whydrop.augment.shares import hiding, shares
from whydrop.augment.skeletons.op import SkeletonOp
from whydrop.augment.soften import check_soften, softened
from whydrop.augment.visible import warn_of_hiding
from whydrop.core.errors import UsageError


class Pipeline(Ordered):
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
        least_visible: share of the output, in [0, 1), that should show the sample's own image;
            crops and holes that leave less are drawn again, see ``whydrop.augment.redraw``.
        soften: lower a label's weight by the share of its image that crop and erasing hide, to
            this power; 1 is a straight line. See ``whydrop.augment.soften``; needs ``classes``,
            and makes rows of the labels, also in ``Mixed``.

    Warns:
        VisibilityWarning: at the first batch of an image size, if crop, shift and erasing leave
            less than half of the images to be seen on average.

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

    changes: ClassVar[Kind] = "images"
    reasons: ClassVar[Mapping[int, str]] = {
        Stage.GEOMETRY: "geometry comes first, so that its fill is a colour of the image",
        Stage.COLOUR: "colour works on values from 0 to 1, before Normalize",
        Stage.NORMALIZE: "holes are filled after Normalize, where 0 is the mean",
        Stage.ERASE: "images are mixed last, holes included",
        Stage.MIX: "images are mixed last, and once",
    }
    once: ClassVar[Mapping[int, tuple[str, str]]] = {
        Stage.NORMALIZE: ("images would be normalised twice", "keep one"),
        Stage.MIX: ("images would be mixed twice", "choose one by Switch"),
    }
    lasting: ClassVar[tuple[int, ...]] = (Stage.NORMALIZE,)
    fields: ClassVar[tuple[str, ...]] = (*FIELDS, "least_visible", "soften")

    def __init__(
        self,
        ops: Sequence[Op],
        *,
        classes: int | None = None,
        seed: int = 0,
        target: Target = "pairs",
        smoothing: float = 0.0,
        order: Order = "safe",
        least_visible: float = 0.0,
        soften: float | None = None,
    ) -> None:
        check_least_visible(least_visible)
        check_soften(soften, classes)
        self.least_visible = least_visible
        self.soften = soften
        self._sizes: set[Size] = set()  # that have been looked at for what is hidden
        how: dict[str, Any] = {"target": target, "smoothing": smoothing, "order": order}
        super().__init__(ops, classes=classes, seed=seed, **how)

    @cached_property
    def _buffers(self) -> threading.local:
        """Memory that is kept from batch to batch, for each thread apart."""
        return threading.local()

    def __getstate__(self) -> dict[str, Any]:
        """Return what a copy in another process needs: all but the buffers."""
        return {name: value for name, value in vars(self).items() if name != "_buffers"}

    def _check_member(self, op: object) -> None:
        if not isinstance(op, Op):
            what = f"{op!r} is not an operation"
            raise UsageError(what, where="Pipeline", do="give operations of whydrop.augment")
        if isinstance(op, SkeletonOp):
            what = f"{name_of(op)} is an operation on skeletons"
            raise UsageError(what, where="Pipeline", do="give it to a SkeletonPipeline")

    def __call__(
        self,
        images: Images,
        labels: Any = None,
        *,
        epoch: int = 0,
        index: Any = None,
        view: Any = 0,
        out: Images = None,
    ) -> Batch:
        """Return the batch as the model should see it; what comes in is left as it is.

        Args:
            images: (n, c, h, w) uint8, or floating from 0 to 1; NumPy, or PyTorch on any device.
            labels: (n,) class numbers or (n, classes) rows; needed for mixing.
            epoch: of the training, from 0.
            index: (n,) positions of the samples in their data set.
            view: number of the copy, where a sample is used several times an epoch; one for all,
                or (n,).
            out: float32 (n, c, height, width) in main memory to write the images to; a buffer
                that is kept from batch to batch saves the time to get new memory.

        Raises:
            UsageError: what was given cannot be used.
        """
        size = check_images(images)
        n = len(images)
        if labels is not None:
            check_labels(labels, n, self.classes)
        if out is not None:
            check_out(out, images)
        drawn = dict(self._drawn(size, n, epoch=epoch, index=index, view=view))
        mixing = self._mixing(drawn, labels)
        if size not in self._sizes:
            self._sizes.add(size)
            warn_of_hiding(self, size)
        if _in_memory(images):
            host = OnHost(images, out, mixing is not None, self._buffers)
            made = carried_out(self.ops, host.source(), drawn, size, host)
        else:
            made = carried_out(self.ops, images, drawn, size, OnDevice(images, out))
        smoothed = 0.0
        if labels is not None and self.classes and self.soften is not None:
            seen = shares(hiding(self.ops, drawn), size, n)
            how = {"power": self.soften, "smoothing": self.smoothing}
            labels, smoothed = softened(labels, seen, classes=self.classes, **how)
        return Batch(made, self._targets(labels, drawn, mixing, smoothed))

    def _uniforms(self, size: Size, *, epoch: int, index: Any, view: Any) -> Floats:
        u = super()._uniforms(size, epoch=epoch, index=index, view=view)
        if not self.least_visible:
            return u
        key = {"seed": self.seed, "epoch": epoch, "index": index, "view": view}
        return redrawn(self.ops, self._streams, u, size, self.least_visible, **key)

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

    def draws(
        self, size: tuple[int, int], *, index: Any, epoch: int = 0, view: Any = 0
    ) -> dict[str, Drawn]:
        """Return what each operation does to some samples, without doing it.

        Args:
            size: height and width of the images.
            index: (n,) positions of the samples; those of a whole batch where it is mixed.
            epoch, view: as for a call.

        Returns:
            By operation, such as "PadCrop", or "Cutout 2" for a second one.
        """
        positions = positions_of(index)
        n = len(positions)
        drawn = self._drawn(image_size(size), n, epoch=epoch, index=positions, view=view)
        return {self.names[op]: values for op, values in drawn}


def _in_memory(images: Images) -> bool:
    return isinstance(images, np.ndarray) or images.device.type == "cpu"
