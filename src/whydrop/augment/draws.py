"""Draws: chance keyed by (seed, epoch, view, sample index, operation), with no state.

A draw is a hash of what it is for, so it does not depend on the batch a sample happens to be in,
on workers, on a resume, or on which other operations are switched on.

Source: the finaliser of splitmix64, Steele, Lea and Flood (2014), Fast splittable pseudorandom
number generators, OOPSLA; used as a counter-based generator as in Salmon et al. (2011), Parallel
random numbers: as easy as 1, 2, 3, SC11.
"""

import zlib
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from whydrop.augment.arrays import to_numpy
from whydrop.augment.checks import whole_number
from whydrop.augment.op import Floats
from whydrop.core.errors import UsageError

Words = NDArray[np.uint64]

_MASK = (1 << 64) - 1
_GOLDEN = 0x9E3779B97F4A7C15
_EPOCH, _VIEW, _STREAM = 0xD1342543DE82EF95, 0xDA942042E4DD58B5, 0xA0761D6478BD642F  # odd


def uniforms(
    streams: Sequence[str], *, seed: int, epoch: int, index: ArrayLike, view: ArrayLike = 0
) -> Floats:
    """Return (streams, n) numbers, uniform in the open interval (0, 1).

    Args:
        streams: what each row is for, such as "Cutout.y"; equal names give equal rows.
        seed: of the pipeline, 0 or larger.
        epoch: of the training, 0 or larger.
        index: (n,) whole numbers; the positions of the samples in their data set.
        view: number of the copy, where a sample is used more than once an epoch; one for all
            samples, or (n,).

    Example:
        >>> uniforms(["Flip.side"], seed=0, epoch=1, index=[7]).shape
        (1, 1)
    """
    positions = positions_of(index).astype(np.uint64)
    words = _words(tuple(streams), seed=seed, epoch=epoch, index=positions, view=view)
    words >>= np.uint64(12)  # 52 bits and a half: 53, exactly what a float64 holds
    u = words.astype(np.float64)
    u += 0.5
    u *= 2.0**-52
    return u


def _words(
    streams: tuple[str, ...], *, seed: int, epoch: int, index: Words, view: ArrayLike
) -> Words:
    seed = whole_number(seed, "seed", where="draws for seed")
    epoch = whole_number(epoch, "epoch", where="draws for epoch")
    base = _mix(seed + _GOLDEN) ^ (epoch * _EPOCH & _MASK)
    key = index * np.uint64(_GOLDEN)
    views = _copies(view, len(index))
    if views.ndim == 0:
        key += np.uint64(_mix(base ^ (int(views) * _VIEW & _MASK)))
    else:
        of_view = views.astype(np.uint64)
        of_view *= np.uint64(_VIEW)
        of_view ^= np.uint64(base)
        _mix_all(of_view)
        key += of_view
    _mix_all(key)
    words = key[None, :] ^ _stream_keys(streams)[:, None]
    _mix_all(words)
    return words


def _copies(view: ArrayLike, n: int) -> NDArray[Any]:
    """Return the numbers of the copies, () for all samples or (n,), checked."""
    views = to_numpy(view)
    if views.dtype.kind not in "iu" or views.ndim > 1 or (views.ndim and len(views) != n):
        raise UsageError(
            f"view has shape {views.shape} and dtype {views.dtype}, for {n} samples",
            where="draws for view",
            do="give one whole number for all samples, or one a sample",
        )
    lowest = int(views) if views.ndim == 0 else views.min(initial=0)
    if lowest < 0:
        raise UsageError(f"view is {lowest}", where="draws for view", do="give 0 or more")
    return views


def positions_of(index: ArrayLike) -> NDArray[Any]:
    """Return positions of samples, of an array, a tensor or a list, as whole numbers (n,).

    Raises:
        UsageError: they are something else, or one is negative.
    """
    positions, where = to_numpy(index), "index of the samples"
    do = "give one whole number a sample: its position in the data set"
    if not positions.size:
        return np.zeros(0, np.int64)
    if positions.ndim != 1 or positions.dtype.kind not in "iu":
        what = f"index has shape {positions.shape} and dtype {positions.dtype}"
        raise UsageError(what, where=where, do=do)
    if positions.min() < 0:
        raise UsageError(f"index has the position {positions.min()}", where=where, do=do)
    return positions


@lru_cache(maxsize=256)
def _stream_keys(streams: tuple[str, ...]) -> Words:
    keys = [_mix(zlib.crc32(name.encode()) * _STREAM + 1) for name in streams]
    return np.array(keys, dtype=np.uint64)


def _mix(z: int) -> int:
    z &= _MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
    return z ^ (z >> 31)


def _mix_all(z: Words) -> None:
    """Scramble words in place."""
    z ^= z >> np.uint64(30)
    z *= np.uint64(0xBF58476D1CE4E5B9)
    z ^= z >> np.uint64(27)
    z *= np.uint64(0x94D049BB133111EB)
    z ^= z >> np.uint64(31)
