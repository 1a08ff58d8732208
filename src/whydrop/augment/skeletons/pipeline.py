"""SkeletonPipeline: operations on whole batches of skeletons, each sample with its own draws."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from whydrop.augment.arrays import library_of
from whydrop.augment.draws import positions_of
from whydrop.augment.inputs import check_labels
from whydrop.augment.mixup import MixUp
from whydrop.augment.op import Drawn, Size, Stage
from whydrop.augment.ordered import Kind, Ordered
from whydrop.augment.skeletons.inputs import checked
from whydrop.augment.skeletons.op import SkeletonOp, Skeletons, SkeletonStage
from whydrop.core.errors import UsageError

_NO_SIZE = Size(0, 0)  # what is drawn for skeletons does not depend on it


@dataclass(frozen=True)
class SkeletonBatch:
    """Skeletons and targets, ready for the model.

    Attributes:
        skeletons: float32 (n, c, t, v, m), in the library and on the device of what came in.
        targets: labels as they came in, ``Mixed`` labels, or (n, classes) rows; None when no
            labels were given.
    """

    skeletons: Skeletons
    targets: Any


class SkeletonPipeline(Ordered):
    """Augmentation of skeletons, the same for a sample wherever and whenever it is made.

    As ``Pipeline`` does for images: the same draws by seed, epoch, view, position in the data set
    and operation, the same labels, the same targets. A body that is all zeros is no body, and a
    frame of zeros no frame: both stay exactly zero.

    ``MixUp`` mixes bodies by their slot in the last axis, frame by frame, and what is empty counts
    as zeros: two empty bodies stay empty; a body whose partner has none, or has ended, is
    multiplied by lam, as the target is.

    Args:
        ops: operations, in the order of their stages: TemporalCrop, TemporalResample,
            VerticalRotation, JointJitter, MixUp.
        classes, seed, target, smoothing, order: as of ``Pipeline``.

    Attributes:
        names: of the operations; a second one of a kind is numbered.

    Raises:
        UsageError: operations in an order that is not safe, with the reason.

    Example:
        >>> from whydrop.augment import TemporalResample, VerticalRotation
        >>> augment = SkeletonPipeline([TemporalResample(64), VerticalRotation(30)])
        >>> skeletons = np.ones((2, 3, 90, 25, 2), np.float32)
        >>> augment(skeletons, index=[0, 1]).skeletons.shape
        (2, 3, 64, 25, 2)
    """

    changes: ClassVar[Kind] = "skeletons"
    reasons: ClassVar[Mapping[int, str]] = {
        SkeletonStage.CROP: "a crop after resampling would leave fewer frames than it made",
        SkeletonStage.RESAMPLE: "interpolation would average away the noise of a jitter",
        SkeletonStage.ROTATE: "noise comes after a turn: it is the sensor's",
        SkeletonStage.JITTER: "skeletons are mixed last, noise included",
        Stage.MIX: "skeletons are mixed last, and once",
    }
    once: ClassVar[Mapping[int, tuple[str, str]]] = {
        SkeletonStage.RESAMPLE: ("frames would be interpolated twice", "keep one"),
        Stage.MIX: ("skeletons would be mixed twice", "keep one"),
    }
    lasting: ClassVar[tuple[int, ...]] = (SkeletonStage.RESAMPLE,)

    def _check_member(self, op: object) -> None:
        if not isinstance(op, SkeletonOp | MixUp):
            what = f"{op!r} is not an operation on skeletons"
            do = "give TemporalCrop, TemporalResample, VerticalRotation, JointJitter or MixUp"
            raise UsageError(what, where="SkeletonPipeline", do=do)

    def __call__(
        self,
        skeletons: Skeletons,
        labels: Any = None,
        *,
        epoch: int = 0,
        index: Any = None,
        view: Any = 0,
    ) -> SkeletonBatch:
        """Return the batch as the model should see it; what comes in is left as it is.

        Args:
            skeletons: (n, c, t, v, m) floats; NumPy, or PyTorch on any device.
            labels: (n,) class numbers or (n, classes) rows; needed for mixing.
            epoch: of the training, from 0.
            index: (n,) positions of the samples in their data set.
            view: number of the copy, where a sample is used several times an epoch; one for all,
                or (n,).

        Raises:
            UsageError: what was given cannot be used.
        """
        made = checked(skeletons)
        n = len(made)
        if labels is not None:
            check_labels(labels, n, self.classes)
        drawn = dict(self._drawn(_NO_SIZE, n, epoch=epoch, index=index, view=view))
        mixing = self._mixing(drawn, labels)
        for at, values in drawn.items():
            op: Any = self.ops[at]
            made = _mixed(op, made, values) if at == mixing else op.apply(made, values)
        if not drawn:
            made = made.copy() if library_of(made) is np else made.clone()
        return SkeletonBatch(made, self._targets(labels, drawn, mixing))

    def draws(self, *, index: Any, epoch: int = 0, view: Any = 0) -> dict[str, Drawn]:
        """Return what each operation does to some samples, without doing it.

        Args:
            index: (n,) positions of the samples; those of a whole batch where it is mixed.
            epoch, view: as for a call.

        Returns:
            By operation, such as "JointJitter", or "JointJitter 2" for a second one.
        """
        positions = positions_of(index)
        n = len(positions)
        drawn = self._drawn(_NO_SIZE, n, epoch=epoch, index=positions, view=view)
        return {self.names[at]: values for at, values in drawn}


def _mixed(op: MixUp, skeletons: Skeletons, drawn: Drawn) -> Skeletons:
    """Return mixed skeletons, as images of frames times the joints of all persons."""
    n, axes, frames, joints, persons = skeletons.shape
    mixed = op.apply(skeletons.reshape(n, axes, frames, joints * persons), drawn)
    return mixed.reshape(*mixed.shape[:-1], joints, persons)
