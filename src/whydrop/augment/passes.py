"""Passes: carry out a pipeline's draws with as few passes over the pixels as possible.

Geometry, and the scale and bias of Normalize, are collected until something needs the pixels;
then one pass reads the source and writes float32.
"""

import threading
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from whydrop.augment import device, host
from whydrop.augment.arrays import dtype_name
from whydrop.augment.geometry import Move, Resampling, Run, Warp, fused
from whydrop.augment.holes import Holes
from whydrop.augment.op import Drawn, Floats, Images, Op, Size, Stage
from whydrop.core.errors import UsageError

Channels = NDArray[np.float32]  # (c,)


class Normal(NamedTuple):
    """What normalisation multiplies channels by and then adds, float64 (c,) each."""

    scale: Floats
    bias: Floats

    def rounded(self, unit: float = 1.0) -> "Tone":
        """Return both in float32, for pixels that are given in a unit."""
        return Tone((self.scale * unit).astype(np.float32), self.bias.astype(np.float32))


class Tone(NamedTuple):
    """What a pass multiplies channels by and then adds, float32 (c,) each."""

    scale: Channels
    bias: Channels


class Place(Protocol):
    """Where the pixels are, and what can be done to them there."""

    def resample(
        self, images: Images, done: Resampling, tone: Tone, holes: Holes | None
    ) -> Images: ...
    def affine(self, images: Images, tone: Tone) -> Images: ...
    def drawn(self, drawn: Drawn) -> Drawn: ...
    def erase(self, images: Images, holes: Holes) -> Images: ...
    def mix(self, op: Any, images: Images, drawn: Drawn) -> Images: ...
    def finished(self, images: Images) -> Images: ...


def carried_out(
    ops: Sequence[Op], images: Images, drawn: Mapping[int, Drawn], size: Size, place: Place
) -> Images:
    """Return the images after all operations that have draws.

    Args:
        ops: of the pipeline.
        images: (n, c, h, w) uint8 or floating; not written to.
        drawn: by position in ops.
        size: of the images.
        place: where they are.

    Returns:
        float32 (n, c, height, width) that shares no memory with the images.
    """
    pending = _Pending(images, size)
    for at, values in drawn.items():
        op: Any = ops[at]
        if op.stage is Stage.GEOMETRY:
            pending.move(op.step(values, pending.size), place)
        elif op.stage is Stage.NORMALIZE:
            pending.normalize(op.mean, op.std)
        else:
            values = place.drawn(values)
            if op.stage is Stage.ERASE:
                pixels = pending.made(place, Holes(values, op.fill))
            elif op.stage is Stage.COLOUR:
                pixels = op.apply(pending.made(place), values)
            else:
                pixels = place.mix(op, pending.readable(place), values)
            pending.replace(pixels)
    return place.finished(pending.made(place))


class _Pending:
    """Pixels, and what is still to be done to them in one pass."""

    def __init__(self, images: Images, size: Size) -> None:
        self.pixels = images
        self.size = size
        self._source_size = size
        self._steps: list[Move | Warp] = []
        self._ours = False  # float32 pixels that may be changed
        self._unit = 1 / 255 if dtype_name(images) == "uint8" else 1.0
        self._normal: Normal | None = None

    def move(self, step: Move | Warp, place: Place) -> None:
        if self._normal is not None:  # after Normalize: what fills is not to be normalised
            self.replace(self.made(place))
        self._steps.append(step)
        self.size = step.size

    def normalize(self, mean: Sequence[float], std: Sequence[float]) -> None:
        normal = _normal_of(tuple(mean), tuple(std), self.pixels.shape[1])
        if self._normal is not None:
            before = self._normal
            normal = Normal(normal.scale * before.scale, normal.bias + normal.scale * before.bias)
        self._normal = normal

    def made(self, place: Place, holes: Holes | None = None) -> Images:
        """Return float32 pixels with all done that was pending, and then holes filled."""
        if self._ours and not self._steps and self._normal is None:
            return self.pixels if holes is None else place.erase(self.pixels, holes)
        n, channels = self.pixels.shape[:2]
        normal = self._normal or _normal_of((0.0,), (1.0,), channels)
        steps = self._steps
        if not steps and not self._ours:
            steps = [_nothing(n, self.size)]
        pixels, unit = self.pixels, self._unit
        passes = fused(n, self._source_size, steps)
        for done in passes[:-1]:
            plain = _normal_of((0.0,), (1 / unit,), channels)
            pixels = place.resample(pixels, done, plain.rounded(), None)
            unit = 1.0
        tone = normal.rounded(unit)
        if passes:
            pixels = place.resample(pixels, passes[-1], tone, holes)
        else:
            pixels = place.affine(pixels, tone)
            if holes is not None:
                pixels = place.erase(pixels, holes)
        self.replace(pixels)
        return pixels

    def readable(self, place: Place) -> Images:
        """Return float32 pixels, perhaps those that came in: not to be written to."""
        untouched = not self._steps and self._normal is None
        if untouched and dtype_name(self.pixels) == "float32":
            return self.pixels
        return self.made(place)

    def replace(self, pixels: Images) -> None:
        """Take pixels to which nothing is to be done yet."""
        self.pixels = pixels
        self._steps = []
        self._source_size = self.size
        self._ours = True
        self._unit = 1.0
        self._normal = None


@lru_cache(maxsize=64)
def _normal_of(mean: tuple[float, ...], std: tuple[float, ...], channels: int) -> Normal:
    """Return the normalisation of so many channels; not to be written to."""
    if len(mean) not in (1, channels):
        raise UsageError(
            f"Normalize has {len(mean)} channels, the images {channels}",
            where="Normalize",
            do="give one mean and one standard deviation a channel",
        )
    scale = np.broadcast_to(1 / np.asarray(std), channels)
    return Normal(scale, np.broadcast_to(-np.asarray(mean), channels) * scale)


def _nothing(n: int, size: Size) -> Move:
    return Move(Run.identity(n, size), size)


class OnHost:
    """Images in main memory.

    Args:
        images: the batch; what is returned is of the same library and memory format.
        out: float32 buffer for the result, or None.
        mixes: the last operation mixes images, and so needs a second buffer.
        kept: memory that is used again from batch to batch.
    """

    def __init__(self, images: Images, out: Images, mixes: bool, kept: threading.local) -> None:
        self._images = images
        self._out = None if out is None else _as_array(out)
        self._returned = out
        self._mixes = mixes
        self._kept = kept

    def source(self) -> Images:
        """Return the images as a NumPy array, uint8 or float32."""
        array = _as_array(self._images)
        return array if array.dtype == np.uint8 else array.astype(np.float32, copy=False)

    def resample(self, images: Images, done: Resampling, tone: Tone, holes: Holes | None) -> Images:
        target = self._target((len(images), images.shape[1], *done.size), images)
        host.resample(images, done, *tone, target, holes)
        return target

    def affine(self, images: Images, tone: Tone) -> Images:
        host.affine(images, *tone)
        return images

    def drawn(self, drawn: Drawn) -> Drawn:
        return drawn

    def erase(self, images: Images, holes: Holes) -> Images:
        host.erase(images, holes)
        return images

    def mix(self, op: Any, images: Images, drawn: Drawn) -> Images:
        self._mixes = False
        return op.apply(images, drawn, out=self._target(op.output_shape(images), images))

    def finished(self, images: Images) -> Images:
        result = self._result(tuple(images.shape))
        if images is not result:
            np.copyto(result, images)
        if self._returned is not None:
            return self._returned
        if isinstance(self._images, np.ndarray):
            return result
        import torch

        return _in_order_of(self._images, torch.from_numpy(result))

    def _target(self, shape: tuple[int, ...], source: Images) -> Images:
        """Return memory to write to: the result's unless that is needed later, or has another size.

        What is given as out= has the size of the last pass, and memory of our own any size.
        """
        same = self._out is not None and self._out.shape == shape
        new = self._returned is None and not same
        if not self._mixes and (new or (same and source is not self._out)):
            return self._result(shape)
        scratch = getattr(self._kept, "scratch", None)
        if scratch is None or scratch.shape != shape or source is scratch:
            scratch = self._kept.scratch = np.empty(shape, np.float32)
        return scratch

    def _result(self, shape: tuple[int, ...]) -> Images:
        if self._out is None or (self._returned is None and self._out.shape != shape):
            self._out = np.empty(shape, np.float32)
        _check_fit(self._out, shape)
        return self._out


def _check_fit(out: Images, shape: tuple[int, ...]) -> None:
    if tuple(out.shape) != shape or dtype_name(out) != "float32":
        raise UsageError(
            f"out has shape {tuple(out.shape)} and dtype {out.dtype}",
            where="out= of a pipeline",
            do=f"give float32 of shape {shape}",
        )


def _as_array(images: Images) -> NDArray[Any]:
    """Return an array over the same memory, where NumPy has the dtype."""
    if isinstance(images, np.ndarray):
        return images
    images = images.detach()
    array: NDArray[Any] = (images.float() if "bfloat" in str(images.dtype) else images).numpy()
    return array


def _in_order_of(images: Images, made: Images) -> Images:
    """Return a tensor in the memory format of the tensor that came in."""
    import torch

    last = torch.channels_last
    if images.is_contiguous() or not images.is_contiguous(memory_format=last) or made.ndim != 4:
        return made
    return made.contiguous(memory_format=last)


class OnDevice:
    """PyTorch images on another device than main memory.

    Args:
        images: the batch; what is returned is of the same memory format.
        out: float32 buffer for the result, or None.
    """

    def __init__(self, images: Images, out: Images) -> None:
        self._images = images
        self._out = out

    def resample(self, images: Images, done: Resampling, tone: Tone, holes: Holes | None) -> Images:
        made = device.resample(images, done, *tone)
        return made if holes is None else self.erase(made, holes)

    def affine(self, images: Images, tone: Tone) -> Images:
        return device.affine(images, *tone)

    def drawn(self, drawn: Drawn) -> Drawn:
        return device.drawn_on(drawn, self._images.device)

    def erase(self, images: Images, holes: Holes) -> Images:
        device.erase(images, holes)
        return images

    def mix(self, op: Any, images: Images, drawn: Drawn) -> Images:
        return op.apply(images, drawn)

    def finished(self, images: Images) -> Images:
        if self._out is None:
            return _in_order_of(self._images, images)
        _check_fit(self._out, tuple(images.shape))
        return self._out.copy_(images)
