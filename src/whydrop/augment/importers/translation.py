"""Translation: a pipeline in the making, transform by transform, and the notes on it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import MISSING, fields, replace
from typing import Any, Literal, NoReturn

from whydrop.augment.geometry import Edge
from whydrop.augment.importers.imported import Imported, Note
from whydrop.augment.importers.order import order_notes
from whydrop.augment.op import Op, Size, Stage
from whydrop.augment.ops.flip import HorizontalFlip, VerticalFlip
from whydrop.augment.ops.normalize import Normalize
from whydrop.augment.ops.pad_crop import PadCrop
from whydrop.augment.pipeline import Pipeline
from whydrop.augment.switch import Switch
from whydrop.core.errors import UsageError

MaxValue = Literal[1, 255]


class UntranslatableError(Exception):
    """A transform has no counterpart: what it is, and the nearest thing to do."""

    def __init__(self, what: str, do: str) -> None:
        super().__init__(what)
        self.what = what
        self.do = do


def refuse(what: str, do: str) -> NoReturn:
    """Say that the transform at hand cannot be translated."""
    raise UntranslatableError(what, do)


class Translation:
    """What the rules of an importer write to.

    Values that a transform sees are ``gain * v + bias``, where v, from 0 to 1, is what the
    operations here work on.

    Args:
        source: the library, as its users write it.
        where: the importer, for errors.
        max_value: of the images that the first transform gets; None where it is not known.
        size: height and width of the images; None where it is not known.

    Attributes:
        ops, notes: so far.
        float_levels: values are floats from 0 to 255.
        normalised: values have a mean of their own a channel, and are no longer ``gain * v``.
        padded: pixels, mode and fill of a padding that waits for its crop.
        classes: of the targets, where a transform says it.
    """

    def __init__(
        self,
        source: str,
        where: str,
        *,
        max_value: MaxValue | None,
        size: tuple[int, int] | None = None,
    ) -> None:
        if max_value not in (None, 1, 255):
            do = "give 255 for bytes, or 1 for values from 0 to 1"
            raise UsageError(f"max_value is {max_value!r}", where=where, do=do)
        self.source, self.where = source, where
        self.gain: float | None = max_value
        self.bias = 0.0
        self.size = None if size is None else Size(*size)
        self.ops: list[Op] = []
        self.notes: list[Note] = []
        self.normalised = False
        self.float_levels = False
        self.padded: tuple[int, Edge, float] | None = None
        self.classes: int | None = None
        self._refused: list[tuple[str, UntranslatableError]] = []
        self._transform = ""
        self._probability = 1.0

    # -- walking ---------------------------------------------------------------------------------

    def attempt(self, transform: str, rule: Callable[[], None]) -> None:
        """Translate one transform by its rule; what cannot be is kept for the end."""
        outer, self._transform = self._transform, transform
        try:
            rule()
        except UntranslatableError as error:
            self._refuse(error)
        except UsageError as error:  # an operation refuses the numbers
            self._refuse(UntranslatableError(error.what, error.do))
        finally:
            self._transform = outer

    def _refuse(self, error: UntranslatableError) -> None:
        self._refused.append((self._transform, error))
        self.notes.append(Note(self._transform, "left out", differs=f"{error.what}: {error.do}"))

    @contextmanager
    def sometimes(self, probability: float) -> Iterator[None]:
        """Do what is added meanwhile to an image with a probability only."""
        outer, self._probability = self._probability, self._probability * probability
        try:
            yield
        finally:
            self._probability = outer

    # -- what rules write ------------------------------------------------------------------------

    def add(self, *ops: Op, default: str = "", differs: str = "") -> None:
        """Append operations, with one note for them."""
        beside = (PadCrop, HorizontalFlip, VerticalFlip)  # mirrored or not, padding is the same
        if self.padded and not all(isinstance(op, beside) for op in ops):
            refuse("it stands between a padding and its crop", "put the crop after the padding")
        if self._probability != 1:
            if len(ops) != 1:
                refuse("several operations would be chosen apart", "apply each on its own")
            ops = (_sometimes(ops[0], self._probability),)
        self.ops += ops
        became = ", ".join(map(brief, ops))
        self.notes.append(Note(self._transform, became, default, differs))

    def remark(self, became: str, *, default: str = "", differs: str = "") -> None:
        """Note what becomes of a transform that needs no operation."""
        self.notes.append(Note(self._transform, became, default, differs))

    def fill(self, value: Any, name: str = "fill") -> float:
        """Return a fill value for an operation at this place.

        It is given in the unit of the values that the transform sees. One number a channel is
        refused unless all are equal, and so is a number whose unit is not known.
        """
        values = (
            list(value) if isinstance(value, tuple | list) else [0.0 if value is None else value]
        )
        if not all(isinstance(v, int | float) for v in values):
            refuse(f"{name} is {value!r}", "give one number")
        if len(set(values)) != 1:
            refuse(f"{name} is {value!r}, a number a channel", "give one number for all channels")
        number = float(values[0])
        if self.normalised:
            return number
        if self.gain is None:
            if number == 0:
                return 0.0
            refuse(f"{name} is {number:g}, and it is not known of what", "give max_value=255 or 1")
        return (number - self.bias) / self.gain

    def shade(self, fill: float) -> str:
        """Return what a fill value looks like, in words."""
        if self.normalised:
            return "the mean colour" if fill == 0 else f"{fill:g} after Normalize"
        return {0.0: "black", 1.0: "white"}.get(fill, f"grey {fill:.3g} of 1")

    def normalize(self, mean: Any, std: Any) -> Normalize:
        """Return the operation for (value - mean) / std of the values at this place."""
        if self.normalised:
            refuse("values are normalised twice", "keep one")
        if self.gain is None:
            self.gain = 1.0
        means = tuple((float(m) - self.bias) / self.gain for m in mean)
        deviations = tuple(float(s) / self.gain for s in std)
        if max(map(abs, means)) > 1 or max(deviations) > 1:
            high = self.bias + self.gain
            what = f"it subtracts {list(mean)} and divides by {list(std)}"
            do = f"give numbers for values from {self.bias:g} to {high:g}, which it gets"
            refuse(what, do)
        return Normalize(means, deviations)

    # -- the end ---------------------------------------------------------------------------------

    def finished(self, *, classes: int | None, seed: int, partial: bool) -> Imported:
        """Return the pipeline with its notes.

        Raises:
            UsageError: transforms that cannot be translated, unless partial leaves them out.
        """
        if self.padded is not None:
            self._transform = "padding"
            self._refuse(
                UntranslatableError("it is followed by no RandomCrop", "pad when images are read")
            )
        if self._refused and not partial:
            raise UsageError(
                "; ".join(f"{name}: {error.what}" for name, error in self._refused),
                where=self.where,
                do="; ".join(dict.fromkeys(error.do for _, error in self._refused))
                + "; or give partial=True to leave out what cannot be translated",
            )
        unsafe = order_notes(self.ops)
        classes = classes or self.classes
        mixes = any(op.stage is Stage.MIX for op in self.ops)
        pipeline = Pipeline(
            self.ops,
            classes=classes,
            seed=seed,
            target="soft" if mixes and classes else "pairs",
            order="as given" if unsafe else "safe",
        )
        return Imported(self.source, pipeline, (*self.notes, *unsafe))


def brief(op: Op) -> str:
    """Return an operation as it would be typed: without the values that need not be given.

    Example:
        >>> from whydrop.augment import PadCrop
        >>> brief(PadCrop(4))
        'PadCrop(pad=4)'
    """
    values = []
    for field in fields(op):  # type: ignore[arg-type]
        value = getattr(op, field.name)
        if field.default is MISSING or value != field.default:
            values.append(f"{field.name}={_short(value)}")
    return f"{type(op).__name__}({', '.join(values)})"


def _short(value: Any) -> str:
    if isinstance(value, Op):
        return brief(value)
    if isinstance(value, tuple):
        return f"({', '.join(map(_short, value))}{',' if len(value) == 1 else ''})"
    return f"{value:.6g}" if isinstance(value, float) else repr(value)


def _sometimes(op: Op, probability: float) -> Op:
    if isinstance(op, Switch):
        one, other = (
            replace(m, probability=m.probability * probability) for m in (op.first, op.second)
        )
        return replace(op, first=one, second=other)
    own = getattr(op, "probability", None)
    if own is None:
        refuse(f"{type(op).__name__} is done to every image", "leave out the probability")
    changed: Op = replace(op, probability=own * probability)  # type: ignore[type-var]
    return changed
