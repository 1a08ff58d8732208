"""Blend and paste: what mixing does to pixels, on the CPU or on a device."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whydrop.augment.arrays import (
    Array,
    in_library_of,
    is_on_cpu,
    is_torch,
    kind,
    library_of,
    memory_of,
    share_memory,
)
from whydrop.augment.compiled import machine_code
from whydrop.augment.compiled.mixing import blend_rows, paste_rows
from whydrop.augment.inputs import check_no_gradients
from whydrop.augment.op import Images
from whydrop.core.errors import UsageError

_BLOCK_BYTES = 1 << 18  # of images at a time, so that what was read stays in the cache of a core


def blend(images: Images, partner: Array, weight: Array, out: Images | None = None) -> Images:
    """Return weight * image + (1 - weight) * its partner, computed in float32 or better.

    One pass where Numba is installed and the images are contiguous float32 on the CPU.

    Args:
        images: (n, c, h, w) float16, bfloat16, float32 or float64.
        partner: (n,) positions in the batch.
        weight: (n,) from 0 to 1; 1 leaves an image as it is, to the bit.
        out: where to write, like images and apart from them; None makes it.

    Raises:
        UsageError: images, partner or out are not so.
    """
    out = output_like(images, out)
    if not is_on_cpu(images):
        _blend_torch(images, in_library_of(images, partner), in_library_of(images, weight), out)
        return out
    rows, weights = _positions(partner, len(images)), np.asarray(weight)
    kernel = machine_code(blend_rows, exact=True)
    source, target = _flat(images), _flat(out)
    if kernel is not None and source is not None and target is not None:
        own = weights.astype(np.float32, copy=False)
        kernel(source, rows, own, target)
    elif is_torch(images):
        _blend_torch(images, in_library_of(images, rows), in_library_of(images, weights), out)
    else:
        _blend_numpy(images, rows, weights, out)
    return out


def paste(
    images: Images,
    partner: Array,
    *,
    top: Array,
    bottom: Array,
    left: Array,
    right: Array,
    out: Images,
) -> None:
    """Overwrite a rectangle of each of out by the same place of the partner's image.

    Args:
        images: (n, c, h, w), not written.
        partner: (n,) positions in the batch.
        top, bottom, left, right: (n,) pixels; the rectangle is [top, bottom) x [left, right).
        out: (n, c, h, w) of the same kind, apart from images.
    """
    if is_on_cpu(images):
        source, target = _as_numpy(images), _as_numpy(out)
        rows = _positions(partner, len(images)).tolist()
        sides = zip(
            *(np.asarray(side).tolist() for side in (top, bottom, left, right)), strict=True
        )
        for i, (other, (y0, y1, x0, x1)) in enumerate(zip(rows, sides, strict=True)):
            if y0 < y1 and x0 < x1:
                target[i, :, y0:y1, x0:x1] = source[other, :, y0:y1, x0:x1]
        return
    torch = library_of(images)

    def inside(low: Array, high: Array, length: int) -> Array:
        at = torch.arange(length, device=images.device)
        first, last = (in_library_of(images, side)[:, None] for side in (low, high))
        return (at >= first) & (at < last)

    height, width = images.shape[-2:]
    box = inside(top, bottom, height)[:, None, :, None] & inside(left, right, width)[:, None, None]
    torch.where(box, images[in_library_of(images, partner)], out, out=out)


def cut_and_paste(
    images: Images, partner: Array, box: Mapping[str, Array], out: Images | None = None
) -> Images:
    """Return images with a rectangle of each from its partner; the images are not written.

    One pass where Numba is installed and the images are contiguous float32 on the CPU.

    Args:
        images: (n, c, h, w) float16, bfloat16, float32 or float64.
        partner: (n,) positions in the batch.
        box: top, bottom, left and right, (n,) pixels each, as for ``paste``.
        out: where to write, like images and apart from them; None makes it.

    Raises:
        UsageError: images, partner or out are not so.
    """
    out = output_like(images, out)
    kernel = machine_code(paste_rows, exact=True)
    source, target = memory_of(images), memory_of(out)
    if kernel is not None and source is not None and target is not None:
        height, width = images.shape[2:]
        limits = {"top": height, "bottom": height, "left": width, "right": width}
        sides = (np.clip(np.asarray(box[side], np.int64), 0, limits[side]) for side in limits)
        kernel(source, _positions(partner, len(images)), *sides, target)
        return out
    if is_torch(out):
        out.copy_(images)
    else:
        np.copyto(out, images)
    paste(images, partner, **box, out=out)
    return out


def output_like(images: Images, out: Images | None) -> Images:
    """Return out, or a new array like images, after checking that images can be mixed into it.

    Raises:
        UsageError: images are not (n, c, h, w) floats, or carry gradients; or out is not like
            them, or shares their memory.
    """
    check_images(images)
    if out is None:
        return library_of(images).empty_like(images)
    shared = share_memory(out, images)
    if out.shape != images.shape or out.dtype != images.dtype or shared:
        raise UsageError(
            f"out has shape {tuple(out.shape)} and dtype {out.dtype}"
            + (", and shares the memory of the images" if shared else ""),
            where="mixing of images",
            do=f"give memory of its own, of shape {tuple(images.shape)} and dtype {images.dtype}",
        )
    return out


def check_images(images: Images) -> None:
    """Check that images can be mixed.

    Raises:
        UsageError: they are not (n, c, h, w) floats, or carry gradients.
    """
    if len(images.shape) != 4 or kind(images) != "float":
        raise UsageError(
            f"images have shape {tuple(images.shape)} and dtype {images.dtype}",
            where="mixing of images",
            do="give (n, c, h, w) floats; normalise before mixing",
        )
    check_no_gradients(images, where="mixing of images")


def _positions(partner: Array, n: int) -> NDArray[np.int64]:
    rows = np.asarray(partner).astype(np.int64, copy=False)
    # Compiled loops do not look before they read.
    if len(rows) != n or (n and not (rows.min() >= 0 and rows.max() < n)):
        raise UsageError(
            f"partners are not {n} positions in a batch of {n}",
            where="mixing of images",
            do="give what draw returned for these images",
        )
    return rows


def _as_numpy(images: Images) -> NDArray[Any]:
    """Return an array that shares the memory of images on the CPU."""
    if not is_torch(images):
        array: NDArray[Any] = images
        return array
    torch = library_of(images)
    # NumPy has no bfloat16; as 16-bit words it can be copied all the same.
    words = images.view(torch.int16) if images.dtype == torch.bfloat16 else images
    shared: NDArray[Any] = words.detach().numpy()
    return shared


def _flat(images: Images) -> NDArray[np.float32] | None:
    """Return images as (n, d) over the same memory, or None where they have no such view."""
    if str(images.dtype).removeprefix("torch.") != "float32":
        return None
    memory = memory_of(images)
    return None if memory is None else memory.reshape(len(memory), -1)


def _block(image_bytes: int) -> int:
    """Return how many images to work on at a time."""
    return max(1, _BLOCK_BYTES // max(1, image_bytes))


def _blend_numpy(
    images: NDArray[Any], rows: NDArray[np.int64], weight: NDArray[Any], out: NDArray[Any]
) -> None:
    wide = np.promote_types(images.dtype, np.float32)
    own = weight.astype(wide).reshape(-1, 1, 1, 1)
    others = 1 - own
    block = _block(images[0].nbytes)
    mine = np.empty((block, *images.shape[1:]), wide)
    theirs = np.empty_like(mine)
    for start in range(0, len(images), block):
        now = slice(start, start + block)
        m = len(rows[now])
        np.multiply(images[now], own[now], out=mine[:m])
        np.multiply(images[rows[now]], others[now], out=theirs[:m])
        np.add(mine[:m], theirs[:m], out=out[now], casting="same_kind")


def _blend_torch(images: Images, rows: Array, weight: Array, out: Images) -> None:
    torch = library_of(images)
    with torch.no_grad():
        wide = torch.promote_types(images.dtype, torch.float32)
        own = weight.to(wide).view(-1, 1, 1, 1)
        if images.dtype == wide:
            torch.index_select(images, 0, rows, out=out)
            out.lerp_(images, own)
            return
        # The weights keep their digits: float32 copies, of a part at a time on the CPU.
        block = len(images) if not is_on_cpu(images) else _block(images[0].nbytes)
        for start in range(0, len(images), block):
            now = slice(start, start + block)
            theirs, mine = images[rows[now]].to(wide), images[now].to(wide)
            out[now] = theirs.lerp_(mine, own[now])
