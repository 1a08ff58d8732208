"""Kernels of colour operations: in place on float32 images (n, c, h, w) in the order of axes."""

import numpy as np
from numpy.typing import NDArray

Image32 = NDArray[np.float32]
Mask = NDArray[np.bool_]

# The constants of grey.py and levels.py, again: Numba's cache sees changes of this file only.
_RED, _GREEN, _BLUE = np.float32(0.2989), np.float32(0.587), np.float32(0.114)
_LEVELS, _LEVEL = np.float32(255.999), np.float32(1 / 255)
_ZERO, _ONE, _TWO, _THREE = np.float32(0), np.float32(1), np.float32(2), np.float32(3)
_FOUR, _SIX, _SIXTH, _NINE = np.float32(4), np.float32(6), np.float32(1 / 6), np.float32(9)
_TILE = 512  # pixels worked on at a time: summed in float32, kept in the nearest cache


def jitter(images: Image32, brightness: Image32, contrast: Image32, saturation: Image32) -> None:
    """Change brightness, contrast and saturation, in this order, of images (n, 3, h * w)."""
    n, _, pixels = images.shape
    grey = np.empty(_TILE, np.float32)
    for i in range(n):
        bright, keep, vivid = brightness[i], contrast[i], saturation[i]
        total = 0.0
        for first in range(0, pixels, _TILE):
            red = images[i, 0, first : first + _TILE]
            green = images[i, 1, first : first + _TILE]
            blue = images[i, 2, first : first + _TILE]
            part = _ZERO
            for k in range(len(red)):
                r = min(max(red[k] * bright, _ZERO), _ONE)
                g = min(max(green[k] * bright, _ZERO), _ONE)
                b = min(max(blue[k] * bright, _ZERO), _ONE)
                part += _RED * r + _GREEN * g + _BLUE * b
            total += float(part)
        mean = np.float32(total / pixels) * (_ONE - keep)
        pale = _ONE - vivid
        for first in range(0, pixels, _TILE):
            red = images[i, 0, first : first + _TILE]
            green = images[i, 1, first : first + _TILE]
            blue = images[i, 2, first : first + _TILE]
            for k in range(len(red)):
                r = min(max(min(max(red[k] * bright, _ZERO), _ONE) * keep + mean, _ZERO), _ONE)
                g = min(max(min(max(green[k] * bright, _ZERO), _ONE) * keep + mean, _ZERO), _ONE)
                b = min(max(min(max(blue[k] * bright, _ZERO), _ONE) * keep + mean, _ZERO), _ONE)
                grey[k] = (_RED * r + _GREEN * g + _BLUE * b) * pale
            for channel in (red, green, blue):
                for k in range(len(channel)):
                    value = min(max(channel[k] * bright, _ZERO), _ONE)
                    value = min(max(value * keep + mean, _ZERO), _ONE)
                    channel[k] = min(max(value * vivid + grey[k], _ZERO), _ONE)


def shift_hue(images: Image32, shift: Image32) -> None:
    """Turn the hue of images (n, 3, h * w) by parts of a full turn; ColorJitter explains it."""
    n, _, pixels = images.shape
    brightest, chroma = np.empty(_TILE, np.float32), np.empty(_TILE, np.float32)
    sixths = np.empty(_TILE, np.float32)
    for i in range(n):
        turn = _SIX * shift[i]
        if turn == _ZERO:  # stays as it is, to the bit
            continue
        for first in range(0, pixels, _TILE):
            red = images[i, 0, first : first + _TILE]
            green = images[i, 1, first : first + _TILE]
            blue = images[i, 2, first : first + _TILE]
            for k in range(len(red)):
                r, g, b = red[k], green[k], blue[k]
                most = max(max(r, g), b)
                brightest[k] = most
                chroma[k] = most - min(min(r, g), b)
            for k in range(len(red)):
                r, g, b = red[k], green[k], blue[k]
                is_red, is_green = brightest[k] == r, brightest[k] == g
                above = g - b if is_red else (b - r if is_green else r - g)
                start = _ZERO if is_red else (_TWO if is_green else _FOUR)
                sixths[k] = above / (chroma[k] if chroma[k] > _ZERO else _ONE) + start
            for channel, start in ((red, _THREE), (green, _ONE), (blue, -_ONE)):
                for k in range(len(channel)):
                    place = sixths[k] + (turn + start)
                    place -= _SIX * np.floor(place * _SIXTH)
                    depth = min(max(abs(place - _THREE) - _ONE, _ZERO), _ONE)
                    channel[k] = brightest[k] - chroma[k] * depth


def blur(images: Image32, applied: Mask, weights: Image32) -> None:
    """Convolve rows and columns of the chosen images with symmetric weights; reflected borders.

    Args:
        images: (n, c, h, w), h and w larger than the reach.
        applied: (n,), whether an image is changed.
        weights: (n, reach + 1), of the middle and of its neighbours at distance 1, 2, ...
    """
    n, channels, height, width = images.shape
    reach = weights.shape[1] - 1
    if reach == 0:
        return
    row = np.empty(width + 2 * reach, np.float32)
    across = np.empty((height, width), np.float32)
    for i in range(n):
        if not applied[i]:
            continue
        middle, next_to = weights[i, 0], weights[i, 1]
        for c in range(channels):
            plane = images[i, c]
            for y in range(height):
                here = plane[y]
                for x in range(width):
                    row[reach + x] = here[x]
                for d in range(1, reach + 1):
                    row[reach - d] = here[d]
                    row[reach + width - 1 + d] = here[width - 1 - d]
                out, here = across[y], row[reach : reach + width]
                one, other = row[reach - 1 : reach - 1 + width], row[reach + 1 : reach + 1 + width]
                for x in range(width):
                    out[x] = here[x] * middle + (one[x] + other[x]) * next_to
                for d in range(2, reach + 1):
                    far = weights[i, d]
                    one = row[reach - d : reach - d + width]
                    other = row[reach + d : reach + d + width]
                    for x in range(width):
                        out[x] += (one[x] + other[x]) * far
            for y in range(height):
                out, here = plane[y], across[y]
                one, other = across[abs(y - 1)], across[height - 1 - abs(height - 2 - y)]
                for x in range(width):
                    out[x] = here[x] * middle + (one[x] + other[x]) * next_to
                for d in range(2, reach + 1):
                    far = weights[i, d]
                    one, other = across[abs(y - d)], across[height - 1 - abs(height - 1 - y - d)]
                    for x in range(width):
                        out[x] += (one[x] + other[x]) * far


def sharpen(images: Image32, applied: Mask, factor: Image32) -> None:
    """Move the inner pixels of the chosen images away from the mean of their neighbourhood."""
    n, channels, height, width = images.shape
    if height < 3 or width < 3:
        return
    # Rows as they were: of the one above and of this one; the sums of three, one above another.
    above, here = np.empty(width, np.float32), np.empty(width, np.float32)
    column = np.empty(width, np.float32)
    for i in range(n):
        if not applied[i]:
            continue
        # A neighbour weighs 1, the pixel itself 5, of 13 in all.
        share = (_ONE - factor[i]) * np.float32(1 / 13)
        for c in range(channels):
            plane = images[i, c]
            first, last = plane[0], plane[height - 1]
            for x in range(width):
                here[x] = first[x]
                first[x] = min(max(first[x], _ZERO), _ONE)
            for y in range(1, height - 1):
                out, below = plane[y], plane[y + 1]
                above, here = here, above
                for x in range(width):
                    here[x] = out[x]
                for x in range(width):
                    column[x] = above[x] + here[x] + below[x]
                left, middle, right = column[: width - 2], column[1 : width - 1], column[2:]
                inner, changed = here[1 : width - 1], out[1 : width - 1]
                for x in range(len(inner)):
                    nine = left[x] + middle[x] + right[x]
                    moved = inner[x] + (nine - _NINE * inner[x]) * share
                    changed[x] = min(max(moved, _ZERO), _ONE)
                out[0] = min(max(out[0], _ZERO), _ONE)
                out[width - 1] = min(max(out[width - 1], _ZERO), _ONE)
            for x in range(width):
                last[x] = min(max(last[x], _ZERO), _ONE)


def equalize(images: Image32, applied: Mask) -> None:
    """Spread the levels of each channel of the chosen images (n, c, h * w), as Pillow does."""
    n, channels, pixels = images.shape
    counts = np.empty(256, np.int64)
    table = np.empty(256, np.float32)
    for i in range(n):
        if not applied[i]:
            continue
        for c in range(channels):
            plane = images[i, c]
            counts[:] = 0
            for k in range(pixels):
                counts[min(max(int(plane[k] * _LEVELS), 0), 255)] += 1
            last = 255
            while counts[last] == 0:
                last -= 1
            step = (pixels - counts[last]) // 255
            if step == 0:
                continue
            seen = step // 2
            for level in range(256):
                table[level] = np.float32(min(seen // step, 255)) * _LEVEL
                seen += counts[level]
            for k in range(pixels):
                plane[k] = table[min(max(int(plane[k] * _LEVELS), 0), 255)]
