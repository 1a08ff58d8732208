"""Hidden: whether an object in the middle of an image is wholly cropped away or covered."""

import numpy as np
from numpy.typing import NDArray

from whydrop.augment.geometry import Resampling, Run
from whydrop.augment.op import Floats, Size
from whydrop.augment.parts import parts
from whydrop.augment.shares import AT_ONCE, Acting, Patches, Points, layers_of

POINTS = 16  # a side of the object that are followed, its first and last pixel among them


def hidden(acting: Acting, size: Size, n: int, *, side_px: int) -> NDArray[np.bool_]:
    """Return (n,): whether nothing of a square object in the middle of the image is to be seen.

    Its pixels are followed to where the operations put them: exact for whole-pixel moves and one
    hole, or an object of at most 16 pixels. A copy of it in a reflected border does not count.

    Args:
        acting: geometry, and what hides rectangles.
        size: of the images.
        n: samples.
        side_px: of the object, from 1 to the smaller side of the images.
    """
    gone = np.empty(n, np.bool_)
    y, x = (
        np.unique(np.rint(np.linspace(0, side_px - 1, POINTS))) + (length - side_px) // 2
        for length in size
    )
    for part in parts(n, len(y) * len(x), AT_ONCE):
        some = [(op, {name: values[part] for name, values in d.items()}) for op, d in acting]
        layers, _ = layers_of(some, size, part.stop - part.start)
        points: Points = y[None, :, None], x[None, None, :]
        seen = np.ones((part.stop - part.start, len(y), len(x)), np.bool_)
        for layer in layers:
            if isinstance(layer, Patches):
                seen &= ~layer.cover(*points)
            else:
                points, shown = _output(layer, points)
                seen &= shown
        gone[part] = ~seen.any(axis=(1, 2))
    return gone


def _output(done: Resampling, points: Points) -> tuple[Points, NDArray[np.bool_]]:
    """Return where source points come out, and whether they do."""
    y, x = (at + done.pad[0] for at in points)
    shown = np.ones((1, 1, 1), np.bool_)
    if done.matrix is not None and done.window is not None:
        top, bottom, left, right = (side[:, None, None] for side in done.window)
        shown = (y >= top - 0.5) & (y < bottom - 0.5) & (x >= left - 0.5) & (x < right - 0.5)
        inverse = np.linalg.inv(done.matrix[:, :, :2])[:, :, :, None, None]
        x, y = x - done.matrix[:, 0, 2, None, None], y - done.matrix[:, 1, 2, None, None]
        x, y = (
            inverse[:, 0, 0] * x + inverse[:, 0, 1] * y,
            inverse[:, 1, 0] * x + inverse[:, 1, 1] * y,
        )
    y, shown_y = _back(done.run, 0, y)
    x, shown_x = _back(done.run, 1, x)
    return (y, x), shown & shown_y & shown_x


def _back(run: Run, axis: int, at: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    start, step, low, high = (values[axis, :, None, None] for values in run)
    came = (at - start) * step  # step is 1 or -1, its own inverse
    return came, (came >= low - 0.5) & (came < high - 0.5)
